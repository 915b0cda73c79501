"""Conversations have generations of tokens and can be handed to another device; answers are rated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID, MOMENT = sa.String(22), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the column and the two tables."""
    op.add_column("conversation", sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "handover",
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("code_digest", name="pk_handover"),
    )
    op.create_index("ix_handover_conversation_id", "handover", ["conversation_id"])
    op.create_table(
        "rating",
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("reply_number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("entry", sa.String(128), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("reason IS NULL OR NOT solved", name=op.f("ck_rating_reason")),
        sa.PrimaryKeyConstraint("conversation_id", "reply_number", name="pk_rating"),
    )
    op.create_index("ix_rating_entry", "rating", ["entry"])
    op.create_index("ix_rating_at", "rating", ["at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("rating")
    op.drop_table("handover")
    op.drop_column("conversation", "generation")

"""Staff may take a talk over from the bot: conversations have an owner, replies an author; who waits for staff stands in a table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID, MOMENT, STAFF = sa.String(22), sa.DateTime(timezone=True), sa.String(64)
STATES = "state IN ('waiting', 'taken', 'handed_back', 'ended', 'left', 'unanswered')"


def upgrade() -> None:
    """Every talk is the bot's, and everything that was said so far is his."""
    with op.batch_alter_table("conversation") as table:
        table.add_column(sa.Column("owner", sa.String(8), nullable=False, server_default="bot"))
        table.add_column(sa.Column("owner_id", STAFF))
        table.add_column(sa.Column("tenure", sa.Integer(), nullable=False, server_default="0"))
        table.create_check_constraint(op.f("ck_conversation_owner"), "owner IN ('bot', 'staff')")
        table.create_check_constraint(op.f("ck_conversation_owner_whole"), "(owner = 'staff') = (owner_id IS NOT NULL)")
    with op.batch_alter_table("reply") as table:
        table.add_column(sa.Column("author", sa.String(8), nullable=False, server_default="bot"))
        table.add_column(sa.Column("author_id", STAFF))
        table.create_check_constraint(op.f("ck_reply_author"), "author IN ('bot', 'staff', 'system')")
    op.create_table(
        "service",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.Column("taken_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("staff", STAFF),
        sa.Column("center", STAFF),
        sa.Column("shown", sa.String(128)),
        sa.CheckConstraint(STATES, name=op.f("ck_service_state")),
        sa.CheckConstraint("(state IN ('waiting', 'taken')) = (ended_at IS NULL)", name=op.f("ck_service_ended_whole")),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
    )
    under_way = sa.text("ended_at IS NULL")
    op.create_index("uq_service_under_way", "service", ["conversation_id"], unique=True, sqlite_where=under_way, postgresql_where=under_way)
    op.create_index("ix_service_conversation_id", "service", ["conversation_id"])
    op.create_index("ix_service_asked_at", "service", ["asked_at"])
    op.create_index("ix_inbound_received_at", "inbound", ["received_at"])
    op.create_table(
        "attendance",
        sa.Column("staff", STAFF, nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.Column("sign", sa.String(16), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("staff", name="pk_attendance"),
    )


def downgrade() -> None:
    """Take them away; the words of staff stay, as the assistant's."""
    op.drop_table("attendance")
    op.drop_index("ix_inbound_received_at", "inbound")
    op.drop_table("service")
    with op.batch_alter_table("reply") as table:
        table.drop_constraint(op.f("ck_reply_author"), type_="check")
        table.drop_column("author_id")
        table.drop_column("author")
    with op.batch_alter_table("conversation") as table:
        for name in ("owner_whole", "owner"):
            table.drop_constraint(op.f(f"ck_conversation_{name}"), type_="check")
        for column in ("tenure", "owner_id", "owner"):
            table.drop_column(column)

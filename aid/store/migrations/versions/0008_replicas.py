"""Conversations say who runs their turns, so that several replicas of the doors can share them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two columns; what waits for an answer waits for anybody."""
    op.add_column("conversation", sa.Column("turn_holder", sa.String(96)))
    op.add_column("conversation", sa.Column("turn_beat", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE conversation SET turn_holder = '-' WHERE id IN (SELECT conversation_id FROM inbound WHERE status = 'pending')")


def downgrade() -> None:
    """Take them away."""
    op.drop_column("conversation", "turn_beat")
    op.drop_column("conversation", "turn_holder")

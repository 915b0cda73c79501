"""What staff say has an id of its sending: what is sent twice is said once. It is found without reading what the bot says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was said until now has none."""
    op.add_column("reply", sa.Column("client_id", sa.String(64)))
    op.create_index("uq_reply_client_id", "reply", ["conversation_id", "client_id"], unique=True)
    not_bots = sa.text("author <> 'bot'")
    op.create_index("ix_reply_not_bots", "reply", ["created_at"], sqlite_where=not_bots, postgresql_where=not_bots)


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_reply_not_bots", "reply")
    op.drop_index("uq_reply_client_id", "reply")
    op.drop_column("reply", "client_id")

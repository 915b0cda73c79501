"""What staff say has an id of its sending: what is sent twice is said once."""

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


def downgrade() -> None:
    """Take it away."""
    op.drop_index("uq_reply_client_id", "reply")
    op.drop_column("reply", "client_id")

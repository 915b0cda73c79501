"""A ticket may be anonymous: without personal data no consent is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WHOLE = "(consent_version IS NULL) = (consent_at IS NULL)"


def upgrade() -> None:
    """Let the consent be absent, its version and moment only together."""
    with op.batch_alter_table("ticket") as table:
        table.alter_column("consent_version", existing_type=sa.String(32), nullable=True)
        table.alter_column("consent_at", existing_type=MOMENT, nullable=True)
        table.create_check_constraint(op.f("ck_ticket_consent_whole"), WHOLE)


def downgrade() -> None:
    """Ask for the consent again. Fails while an anonymous ticket is kept."""
    with op.batch_alter_table("ticket") as table:
        table.drop_constraint(op.f("ck_ticket_consent_whole"), type_="check")
        table.alter_column("consent_version", existing_type=sa.String(32), nullable=False)
        table.alter_column("consent_at", existing_type=MOMENT, nullable=False)

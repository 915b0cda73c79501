"""Kiosks tell how they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "station",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("event_code", sa.String(64)),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("line", sa.String(16), nullable=False),
        sa.Column("outages", sa.Integer(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("line IN ('ok', 'unsteady')", name=op.f("ck_station_line")),
        sa.PrimaryKeyConstraint("id", name="pk_station"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("station")

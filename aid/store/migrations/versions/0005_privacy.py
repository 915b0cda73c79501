"""A ticket may lose its personal data and stay whole otherwise; what is done with personal data is written down; kept questions are sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ERASED = "(parties_sealed IS NULL) = (erased_at IS NOT NULL)"
ACTIONS = "action IN ('rotation_begun', 'rotated', 'retired', 'exported', 'erased', 'purged')"
REASONS = "reason IN ('key', 'request', 'consent', 'retention')"


def upgrade() -> None:
    """Let the parties be absent, only together with the moment of their deletion; make the log of privacy."""
    with op.batch_alter_table("ticket") as table:
        table.add_column(sa.Column("erased_at", MOMENT))
        table.alter_column("parties_sealed", existing_type=sa.Text(), nullable=True)
        table.create_check_constraint(op.f("ck_ticket_erased_whole"), ERASED)
    _questions("asked", "asked_sealed")
    op.create_table(
        "privacy_event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("counts", PLAIN_JSON, nullable=False),
        sa.CheckConstraint(ACTIONS, name=op.f("ck_privacy_event_action")),
        sa.CheckConstraint(REASONS, name=op.f("ck_privacy_event_reason")),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_event"),
    )
    op.create_index("ix_privacy_event_at", "privacy_event", ["at"])
    _append_only()


def downgrade() -> None:
    """Ask for the parties again. Fails while a ticket without them is kept."""
    op.drop_table("privacy_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION privacy_event_append_only()")
    _questions("asked_sealed", "asked")
    with op.batch_alter_table("ticket") as table:
        table.drop_constraint(op.f("ck_ticket_erased_whole"), type_="check")
        table.alter_column("parties_sealed", existing_type=sa.Text(), nullable=False)
        table.drop_column("erased_at")


def _questions(old: str, new: str) -> None:
    """The questions kept so far are deleted: what lies open cannot be sealed here, where no key is, and must not stay open."""
    op.execute("DELETE FROM unanswered")
    with op.batch_alter_table("unanswered") as table:
        table.drop_column(old)
        table.add_column(sa.Column(new, sa.Text(), nullable=False))


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION privacy_event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'privacy_event is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER privacy_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON privacy_event "
            "FOR EACH STATEMENT EXECUTE FUNCTION privacy_event_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER privacy_event_no_{change.lower()} BEFORE {change} ON privacy_event "
            "BEGIN SELECT RAISE(ABORT, 'privacy_event is append-only'); END"
        )

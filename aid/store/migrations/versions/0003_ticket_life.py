"""The log knows its kinds of event and the message that brought one; a ticket is marked with its person's fingerprint."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = (
    "'received', 'routed', 'transferred', 'accepted', 'returned', 'supplemented', 'referred', 'started', 'contacted', 'noted', "
    "'mediated', 'concluded', 'withdrawn', 'not_accepted', 'reopened', 'rated', 'evidence_added'"
)


def upgrade() -> None:
    """Add the columns and the rule; SQLite makes the log's table anew, so its triggers are made anew too."""
    op.add_column("ticket", sa.Column("person_hash", sa.String(64)))
    op.create_index("ix_ticket_person_hash", "ticket", ["person_hash"])
    with op.batch_alter_table("ticket_event") as table:
        table.add_column(sa.Column("idempotency_key", sa.String(64)))
        table.create_unique_constraint("uq_ticket_event_ticket_id_idempotency_key", ["ticket_id", "idempotency_key"])
        table.create_check_constraint(op.f("ck_ticket_event_kind"), f"kind IN ({KINDS})")
    op.create_index("ix_ticket_event_idempotency_key", "ticket_event", ["idempotency_key"])
    _triggers_again()


def downgrade() -> None:
    """Take them away. Events of the new kinds stay in the log and are not checked any more."""
    op.drop_index("ix_ticket_event_idempotency_key", "ticket_event")
    with op.batch_alter_table("ticket_event") as table:
        table.drop_constraint(op.f("ck_ticket_event_kind"), type_="check")
        table.drop_constraint("uq_ticket_event_ticket_id_idempotency_key", type_="unique")
        table.drop_column("idempotency_key")
    op.drop_index("ix_ticket_person_hash", "ticket")
    op.drop_column("ticket", "person_hash")
    _triggers_again()


def _triggers_again() -> None:
    if op.get_bind().dialect.name == "postgresql":
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(f"DROP TRIGGER IF EXISTS ticket_event_no_{change.lower()}")
        op.execute(
            f"CREATE TRIGGER ticket_event_no_{change.lower()} BEFORE {change} ON ticket_event "
            "BEGIN SELECT RAISE(ABORT, 'ticket_event is append-only'); END"
        )

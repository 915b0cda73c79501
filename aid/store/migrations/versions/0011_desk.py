"""What the staff's queue looks at, who has a case open, and three more kinds of event: a mediation meeting, two cases made one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BEFORE = (
    "'received', 'routed', 'transferred', 'accepted', 'returned', 'supplemented', 'referred', 'started', 'contacted', 'noted', "
    "'mediated', 'concluded', 'withdrawn', 'not_accepted', 'reopened', 'rated', 'evidence_added'"
)
KINDS = f"{BEFORE}, 'session', 'merged', 'joined'"


def upgrade() -> None:
    """Make the tables, empty: what the tickets say is reckoned by the program (aid.cases.board), which has the key."""
    _event_kinds(KINDS)
    op.create_index("ix_ticket_erased_at", "ticket", ["erased_at"])
    op.create_index("ix_ticket_lookup_code_hash", "ticket", ["lookup_code_hash"])
    op.create_table(
        "board",
        sa.Column("ticket_id", sa.String(22), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("expo", sa.String(64)),
        sa.Column("matter", sa.String(64)),
        sa.Column("leaves_on", sa.Date()),
        sa.Column("clock", sa.String(32)),
        sa.Column("due_on", sa.Date()),
        sa.Column("due_is_estimate", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("taken_by", sa.String(64)),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("reckoned_by", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_board_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_board"),
        sa.UniqueConstraint("number", name="uq_board_number"),
    )
    op.create_index("ix_board_received_at", "board", ["received_at"])
    op.create_index("ix_board_changed_at", "board", ["changed_at"])
    op.create_index("ix_board_is_closed_due_on", "board", ["is_closed", "due_on"])
    op.create_table(
        "board_center",
        sa.Column("ticket_id", sa.String(22), nullable=False),
        sa.Column("center", sa.String(64), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_board_center_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", "center", name="pk_board_center"),
    )
    op.create_index("ix_board_center_center_ticket_id", "board_center", ["center", "ticket_id"])
    op.create_table(
        "presence",
        sa.Column("ticket_id", sa.String(22), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_presence_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", "person", name="pk_presence"),
    )


def downgrade() -> None:
    """Take them away. Fails while an event of a new kind is in a log."""
    for table in ("presence", "board_center", "board"):
        op.drop_table(table)
    op.drop_index("ix_ticket_lookup_code_hash", "ticket")
    op.drop_index("ix_ticket_erased_at", "ticket")
    _event_kinds(BEFORE)


def _event_kinds(kinds: str) -> None:
    """SQLite makes the log's table anew, so its triggers are made anew too."""
    with op.batch_alter_table("ticket_event") as table:
        table.drop_constraint(op.f("ck_ticket_event_kind"), type_="check")
        table.create_check_constraint(op.f("ck_ticket_event_kind"), f"kind IN ({kinds})")
    if op.get_bind().dialect.name == "postgresql":
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(f"DROP TRIGGER IF EXISTS ticket_event_no_{change.lower()}")
        op.execute(
            f"CREATE TRIGGER ticket_event_no_{change.lower()} BEFORE {change} ON ticket_event "
            "BEGIN SELECT RAISE(ABORT, 'ticket_event is append-only'); END"
        )

"""First tables, and the triggers that keep the event log append-only."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(22)
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make every table."""
    _conversations()
    _replies()
    _tickets()
    _notes()
    _append_only()


def downgrade() -> None:
    """Drop every table (with the triggers on them)."""
    for table in ("ticket_event", "ticket", "draft", "choice", "reply", "inbound", "talk", "conversation"):
        op.drop_table(table)
    for table in ("counter", "lookup_failure", "unanswered"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ticket_event_append_only()")


def _needed(name: str, kind: Any, *more: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *more, nullable=False, **options)


def _in_conversation(**options: Any) -> sa.Column[Any]:
    return _needed("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE"), **options)


def _key(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=f"pk_{table}")


def _conversations() -> None:
    op.create_table(
        "conversation",
        _needed("id", ID),
        _needed("door", sa.String(32)),
        sa.Column("event_code", sa.String(64)),
        _needed("created_at", MOMENT),
        _needed("epoch", sa.Integer()),
        _needed("last_number", sa.Integer()),
        _needed("last_seq", sa.Integer()),
        _needed("state", sa.String(16)),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_conversation_state")),
        _key("conversation", "id"),
    )
    op.create_table(
        "inbound",
        _needed("id", ID),
        _in_conversation(),
        _needed("client_id", sa.String(128)),
        _needed("seq", sa.Integer()),
        _needed("text_sealed", sa.Text()),
        sa.Column("choice_id", ID),
        _needed("received_at", MOMENT),
        _needed("status", sa.String(16)),
        _needed("attempts", sa.Integer()),
        sa.CheckConstraint("status IN ('pending', 'done', 'failed')", name=op.f("ck_inbound_status")),
        sa.UniqueConstraint("conversation_id", "client_id", name="uq_inbound_conversation_id_client_id"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_inbound_conversation_id_seq"),
        _key("inbound", "id"),
    )
    pending = sa.text("status = 'pending'")
    op.create_index(
        "ix_inbound_pending", "inbound", ["conversation_id", "seq"], sqlite_where=pending, postgresql_where=pending
    )
    op.create_table("talk", _in_conversation(), _needed("data_sealed", sa.Text()), _key("talk", "conversation_id"))


def _replies() -> None:
    op.create_table(
        "reply",
        _in_conversation(),
        _needed("number", sa.Integer(), autoincrement=False),
        _needed("inbound_id", ID, sa.ForeignKey("inbound.id", ondelete="CASCADE")),
        _needed("body_sealed", sa.Text()),
        _needed("created_at", MOMENT),
        _key("reply", "conversation_id", "number"),
    )
    op.create_index("ix_reply_inbound_id", "reply", ["inbound_id"])
    op.create_table(
        "choice",
        _needed("id", ID),
        _in_conversation(),
        _needed("reply_number", sa.Integer()),
        _needed("label_sealed", sa.Text()),
        _needed("payload_sealed", sa.Text()),
        _key("choice", "id"),
    )
    op.create_index("ix_choice_conversation_id", "choice", ["conversation_id"])


def _tickets() -> None:
    op.create_table(
        "draft",
        _needed("id", ID),
        _in_conversation(),
        _needed("kind", sa.String(64)),
        _needed("origin_inbound_id", ID, sa.ForeignKey("inbound.id", ondelete="CASCADE")),
        _needed("facts_sealed", sa.Text()),
        sa.Column("asked", sa.String(64)),
        _needed("failures", sa.Integer()),
        _needed("last_inbound_id", ID),
        sa.Column("consent_version", sa.String(32)),
        sa.Column("consent_at", MOMENT),
        _needed("state", sa.String(16)),
        _needed("created_at", MOMENT),
        sa.CheckConstraint("state IN ('open', 'filed', 'cancelled')", name=op.f("ck_draft_state")),
        sa.UniqueConstraint("origin_inbound_id", name="uq_draft_origin_inbound_id"),
        _key("draft", "id"),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_draft_open", "draft", ["conversation_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "ticket",
        _needed("id", ID),
        _needed("number", sa.String(32)),
        _needed("lookup_code_hash", sa.String(64)),
        _needed("lookup_code_sealed", sa.Text()),
        _needed("kind", sa.String(64)),
        _needed("draft_id", ID),
        _needed("idempotency_key", ID),
        _needed("conversation_id", ID),
        _needed("receiver", sa.String(64)),
        _needed("copies", PLAIN_JSON),
        _needed("reasons", PLAIN_JSON),
        _needed("parties_sealed", sa.Text()),
        _needed("facts_sealed", sa.Text()),
        _needed("consent_version", sa.String(32)),
        _needed("consent_at", MOMENT),
        _needed("created_at", MOMENT),
        sa.UniqueConstraint("number", name="uq_ticket_number"),
        sa.UniqueConstraint("draft_id", name="uq_ticket_draft_id"),
        sa.UniqueConstraint("idempotency_key", name="uq_ticket_idempotency_key"),
        _key("ticket", "id"),
    )
    op.create_index("ix_ticket_conversation_id", "ticket", ["conversation_id"])
    op.create_table(
        "ticket_event",
        _needed("ticket_id", ID, sa.ForeignKey("ticket.id")),
        _needed("seq", sa.Integer(), autoincrement=False),
        _needed("kind", sa.String(32)),
        _needed("at", MOMENT),
        _needed("actor", sa.String(64)),
        _needed("detail_sealed", sa.Text()),
        _key("ticket_event", "ticket_id", "seq"),
    )


def _notes() -> None:
    op.create_table(
        "counter",
        _needed("year", sa.Integer(), autoincrement=False),
        _needed("last", sa.Integer()),
        _key("counter", "year"),
    )
    op.create_table(
        "lookup_failure",
        _needed("id", ROW_ID),
        _needed("conversation_id", ID),
        _needed("number", sa.String(32)),
        _needed("at", MOMENT),
        _key("lookup_failure", "id"),
    )
    op.create_index("ix_lookup_failure_at", "lookup_failure", ["at"])
    op.create_table(
        "unanswered",
        _needed("id", ROW_ID),
        _needed("asked", sa.Text()),
        _needed("band", sa.String(16)),
        _needed("probability", sa.Double()),
        _needed("at", MOMENT),
        _needed("conversation_id", ID),
        sa.Column("entry", sa.String(128)),
        _key("unanswered", "id"),
    )
    op.create_index("ix_unanswered_at", "unanswered", ["at"])


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION ticket_event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'ticket_event is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER ticket_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_event "
            "FOR EACH STATEMENT EXECUTE FUNCTION ticket_event_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ticket_event_no_{change.lower()} BEFORE {change} ON ticket_event "
            "BEGIN SELECT RAISE(ABORT, 'ticket_event is append-only'); END"
        )

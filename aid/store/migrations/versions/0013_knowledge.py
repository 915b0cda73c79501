"""Proposals for the knowledge with their log, and how often each entry was shown, by day; with the indexes by which a day is counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LOG = "knowledge_event"


def upgrade() -> None:
    """Make the three tables and two indexes; the log is appended only."""
    op.create_table(
        "knowledge_change",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("entry", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("file", sa.String(128), nullable=False),
        sa.Column("base", sa.Text(), nullable=True),
        sa.Column("base_digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("patch", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('new', 'change', 'rollback')", name=op.f("ck_knowledge_change_kind")),
        sa.CheckConstraint("state IN ('proposed', 'returned', 'withdrawn', 'approved')", name=op.f("ck_knowledge_change_state")),
        sa.CheckConstraint(
            "(state = 'approved') = (number IS NOT NULL) AND (state = 'approved') = (patch IS NOT NULL)",
            name=op.f("ck_knowledge_change_approved_whole"),
        ),
        sa.CheckConstraint("(base IS NULL) = (base_digest = '')", name=op.f("ck_knowledge_change_base_whole")),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_change"),
        sa.UniqueConstraint("entry", "number", name="uq_knowledge_change_entry_number"),
    )
    op.create_index("ix_knowledge_change_state", "knowledge_change", ["state"])
    op.create_table(
        LOG,
        sa.Column("change_id", sa.String(22), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('proposed', 'revised', 'returned', 'withdrawn', 'approved', 'exported')", name=op.f("ck_knowledge_event_kind")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["knowledge_change.id"], name="fk_knowledge_event_change_id"),
        sa.PrimaryKeyConstraint("change_id", "seq", name="pk_knowledge_event"),
    )
    op.create_table(
        "knowledge_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entry", sa.String(128), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("shown", "direct", "offered", "chosen", "refused")),
        sa.PrimaryKeyConstraint("day", "entry", name="pk_knowledge_day"),
    )
    op.create_index("ix_reply_created_at", "reply", ["created_at"])
    tapped = sa.text("choice_id IS NOT NULL")
    op.create_index("ix_inbound_tapped", "inbound", ["received_at"], sqlite_where=tapped, postgresql_where=tapped)
    _append_only()


def downgrade() -> None:
    """Take them away; what was approved stays in the files."""
    op.drop_index("ix_inbound_tapped", "inbound")
    op.drop_index("ix_reply_created_at", "reply")
    op.drop_table("knowledge_day")
    op.drop_table(LOG)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {LOG}_append_only()")
    op.drop_table("knowledge_change")


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {LOG}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{LOG} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {LOG}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {LOG} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {LOG}_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {LOG}_no_{change.lower()} BEFORE {change} ON {LOG} BEGIN SELECT RAISE(ABORT, '{LOG} is append-only'); END")

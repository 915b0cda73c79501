"""Evidence files, the log of who took one out, and the message by which each came."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.String(22)
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables; a message may name a file."""
    _evidence()
    _access()
    op.add_column("inbound", sa.Column("evidence_id", ID))


def downgrade() -> None:
    """Drop both tables; the files in the var folder stay, as orphans."""
    with op.batch_alter_table("inbound") as table:
        table.drop_column("evidence_id")
    op.drop_table("evidence_access")
    op.drop_table("evidence")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION evidence_access_append_only()")


def _needed(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _evidence() -> None:
    op.create_table(
        "evidence",
        _needed("id", ID),
        _needed("conversation_id", ID),
        sa.Column("draft_id", ID),
        sa.Column("ticket_id", ID, sa.ForeignKey("ticket.id", name="fk_evidence_ticket_id")),
        _needed("inbound_id", ID),
        _needed("type", sa.String(16)),
        _needed("size", sa.Integer()),
        _needed("sha256", sa.String(64)),
        _needed("name_sealed", sa.Text()),
        _needed("has_preview", sa.Boolean()),
        _needed("received_at", MOMENT),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_evidence_sha256")),
        sa.UniqueConstraint("inbound_id", name="uq_evidence_inbound_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    for name, column, where in (("uq_evidence_unfiled", "conversation_id", "IS NULL"), ("uq_evidence_filed", "ticket_id", "IS NOT NULL")):
        only = sa.text(f"ticket_id {where}")
        op.create_index(name, "evidence", [column, "sha256"], unique=True, sqlite_where=only, postgresql_where=only)
    op.create_index("ix_evidence_conversation_id", "evidence", ["conversation_id"])
    op.create_index("ix_evidence_draft_id", "evidence", ["draft_id"])


def _access() -> None:
    op.create_table(
        "evidence_access",
        _needed("id", ROW_ID),
        _needed("evidence_id", ID),
        _needed("ticket_id", ID),
        _needed("at", MOMENT),
        _needed("actor", sa.String(64)),
        _needed("reason_sealed", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_access"),
    )
    op.create_index("ix_evidence_access_evidence_id", "evidence_access", ["evidence_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION evidence_access_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'evidence_access is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER evidence_access_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_access "
            "FOR EACH STATEMENT EXECUTE FUNCTION evidence_access_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER evidence_access_no_{change.lower()} BEFORE {change} ON evidence_access "
            "BEGIN SELECT RAISE(ABORT, 'evidence_access is append-only'); END"
        )

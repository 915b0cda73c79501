"""The people at the workbench, their sessions, and the logs of what they saw and did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ROLES = "role IN ('supervisor', 'handler', 'intake', 'auditor', 'administrator')"
LOGS = ("staff_event", "sight")


def upgrade() -> None:
    """Make the tables; the two logs are appended only."""
    op.create_table(
        "staff",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("totp_sealed", sa.Text()),
        sa.Column("totp_on", sa.Boolean(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.CheckConstraint("totp_sealed IS NOT NULL OR NOT totp_on", name=op.f("ck_staff_totp_whole")),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("name", name="uq_staff_name"),
    )
    _of_staff()
    op.create_table(
        "sign_in_count",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_sign_in_count"),
    )
    op.create_index("ix_sign_in_count_last_at", "sign_in_count", ["last_at"])
    _logs()
    for log in LOGS:
        _append_only(log)


def downgrade() -> None:
    """Take them away."""
    for table in ("sight", "staff_event", "sign_in_count", "staff_session", "recovery_code", "staff_role", "staff"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for log in LOGS:
            op.execute(f"DROP FUNCTION {log}_append_only()")


def _of_staff() -> None:
    op.create_table(
        "staff_role",
        sa.Column("staff_id", sa.String(22), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("center", sa.String(64), nullable=False),
        sa.CheckConstraint(ROLES, name=op.f("ck_staff_role_role")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_role_staff_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "role", "center", name="pk_staff_role"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.String(22), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_recovery_code_staff_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_digest", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_staff_id", "recovery_code", ["staff_id"])
    op.create_table(
        "staff_session",
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.String(22), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.CheckConstraint("stage IN ('second', 'full')", name=op.f("ck_staff_session_stage")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_session_staff_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_digest", name="pk_staff_session"),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_index("ix_staff_session_seen_at", "staff_session", ["seen_at"])


def _logs() -> None:
    op.create_table(
        "staff_event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("staff_name", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("detail", PLAIN_JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_event"),
    )
    op.create_table(
        "sight",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("staff_name", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("ticket_id", sa.String(22)),
        sa.Column("ticket_number", sa.String(32)),
        sa.Column("talk", sa.String(22)),
        sa.Column("center", sa.String(64)),
        sa.Column("what", PLAIN_JSON, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("words_sealed", sa.Text()),
        sa.CheckConstraint("act IN ('seen', 'changed', 'taken_out')", name=op.f("ck_sight_act")),
        sa.PrimaryKeyConstraint("id", name="pk_sight"),
    )
    logged = {"staff_event": ("at", "staff_name"), "sight": ("at", "staff_name", "ticket_number", "center")}
    for table, column in ((table, column) for table, of_it in logged.items() for column in of_it):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_sight_ticket_id_talk", "sight", ["ticket_id", "talk"])


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )

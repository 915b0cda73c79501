"""What reports count from, and the mark of a database whose content is invented."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; the first report fills them."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "report_case",
        sa.Column("ticket_id", sa.String(22), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(size), nullable=False) for name, size in (("kind", 64), ("door", 32), ("event", 64), ("matter", 64))),
        sa.Column("center", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.String(10), nullable=False),
        sa.Column("contacted_on", sa.String(10)),
        sa.Column("closed_on", sa.String(10)),
        sa.Column("score", sa.String(16), nullable=False),
        sa.Column("rated_on", sa.String(10)),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_report_case_ticket_id_ticket"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_report_case"),
    )
    for column in ("received_on", "closed_on", "rated_on"):
        op.create_index(f"ix_report_case_{column}", "report_case", [column])
    op.create_table(
        "report_talk",
        sa.Column("conversation_id", sa.String(22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_report_talk_conversation_id_conversation", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_report_talk"),
    )
    op.create_table(
        "report_tally",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("door", sa.String(32), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("entry", sa.String(128), nullable=False),
        sa.Column("talks", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "door", "event", "entry", name="pk_report_tally"),
    )
    op.create_table(
        "database_mark",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint("name IN ('demo')", name=op.f("ck_database_mark_name")),
        sa.PrimaryKeyConstraint("name", name="pk_database_mark"),
    )


def downgrade() -> None:
    """Take them away; what a deleted talk was counted for is lost."""
    for table in ("database_mark", "report_tally", "report_talk", "report_case"):
        op.drop_table(table)

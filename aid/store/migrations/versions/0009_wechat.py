"""Followers of the WeChat account, what came from them, what they are to hear of their tickets, and the platform's token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID, MOMENT = sa.String(22), sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("is_current")


def _conversation(table: str) -> sa.Column[str]:
    name = f"fk_{table}_conversation_id"
    return sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE", name=name), nullable=False)


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "wechat_follower",
        _conversation("wechat_follower"),
        sa.Column("openid_hash", sa.String(64), nullable=False),
        sa.Column("openid_sealed", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("told_until", sa.Integer(), nullable=False),
        sa.Column("unsettled_from", sa.Integer()),
        sa.Column("unsettled_at", MOMENT),
        sa.Column("pages_sealed", sa.Text()),
        sa.Column("options_sealed", sa.Text()),
        sa.Column("message_at", MOMENT),
        sa.Column("message_left", sa.Integer(), nullable=False),
        sa.Column("tap_at", MOMENT),
        sa.Column("tap_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("message_left >= 0 AND tap_left >= 0", name=op.f("ck_wechat_follower_allowance")),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_wechat_follower"),
    )
    op.create_index("ix_wechat_follower_openid_hash", "wechat_follower", ["openid_hash"])
    op.create_index(
        "uq_wechat_follower_current", "wechat_follower", ["openid_hash"], unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT
    )
    op.create_table(
        "wechat_seen",
        sa.Column("key", sa.String(64), nullable=False),
        _conversation("wechat_seen"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("answer_sealed", sa.Text()),
        sa.Column("undone_sealed", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_wechat_seen"),
    )
    op.create_index("ix_wechat_seen_conversation_id", "wechat_seen", ["conversation_id"])
    op.create_index("ix_wechat_seen_at", "wechat_seen", ["at"])
    op.create_table(
        "wechat_notice",
        sa.Column("id", ROW_ID, nullable=False),
        _conversation("wechat_notice"),
        sa.Column("of_ticket", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("claimed_at", MOMENT),
        sa.Column("next_at", MOMENT),
        sa.CheckConstraint("state IN ('waiting', 'claimed', 'told')", name=op.f("ck_wechat_notice_state")),
        sa.UniqueConstraint("of_ticket", "seq", name="uq_wechat_notice_of_ticket_seq"),
        sa.PrimaryKeyConstraint("id", name="pk_wechat_notice"),
    )
    op.create_index("ix_wechat_notice_conversation_id", "wechat_notice", ["conversation_id"])
    op.create_table(
        "wechat_token",
        sa.Column("app_id", sa.String(64), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("expires_at", MOMENT),
        sa.Column("holder", ID),
        sa.Column("held_until", MOMENT),
        sa.PrimaryKeyConstraint("app_id", name="pk_wechat_token"),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("wechat_token", "wechat_notice", "wechat_seen", "wechat_follower"):
        op.drop_table(table)

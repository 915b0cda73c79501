"""The tables of the WeChat door. What belongs to a follower has a ``conversation_id``, so that it is deleted with the conversation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.models import ID, Base
from aid.store.types import ROW_ID, Moment


class WechatFollowerRow(Base):
    """A follower's conversation; the one that goes on is current, an earlier one (before a kiosk's was taken over) is kept beside it.

    ``told_until``: number of the last reply that has been given to him; while it is on its way, ``unsettled_from`` is the number before and
    ``unsettled_at`` the moment: what a crash leaves so is told again. ``pages_sealed``: pages that 更多 brings, ``options_sealed``: open
    choices. ``message_…``, ``tap_…``: when his last message, or menu click, follow or scan, came, and how many messages it still allows.
    """

    __tablename__ = "wechat_follower"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    openid_hash: Mapped[str] = mapped_column(String(64), index=True)
    openid_sealed: Mapped[str] = mapped_column(Text)
    is_current: Mapped[bool] = mapped_column(default=True)
    since: Mapped[datetime] = mapped_column(Moment)
    told_until: Mapped[int] = mapped_column(default=0)
    unsettled_from: Mapped[int | None]
    unsettled_at: Mapped[datetime | None] = mapped_column(Moment)
    pages_sealed: Mapped[str | None] = mapped_column(Text)
    options_sealed: Mapped[str | None] = mapped_column(Text)
    message_at: Mapped[datetime | None] = mapped_column(Moment)
    message_left: Mapped[int] = mapped_column(default=0)
    tap_at: Mapped[datetime | None] = mapped_column(Moment)
    tap_left: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        CheckConstraint("message_left >= 0 AND tap_left >= 0", name="allowance"),
        Index(
            "uq_wechat_follower_current",
            "openid_hash",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )


class WechatSeenRow(Base):
    """A message or event that has come: the platform's repetition of it is the same. ``answer_sealed``: what was answered in its connection.

    ``undone_sealed``: a file that is being fetched, until it is kept: what a crash leaves so is fetched after the next start.
    """

    __tablename__ = "wechat_seen"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    answer_sealed: Mapped[str | None] = mapped_column(Text)
    undone_sealed: Mapped[str | None] = mapped_column(Text)


class WechatNoticeRow(Base):
    """A step of a ticket that its follower is to hear of, once. ``of_ticket`` and ``seq`` name the line of the log."""

    __tablename__ = "wechat_notice"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    of_ticket: Mapped[str] = mapped_column(ID)
    seq: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    made_at: Mapped[datetime] = mapped_column(Moment)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("of_ticket", "seq"),
        CheckConstraint("state IN ('waiting', 'claimed', 'told')", name="state"),
    )


class WechatTokenRow(Base):
    """The platform's access token, one for all processes, and who is fetching a new one now. What cannot be opened is fetched anew."""

    __tablename__ = "wechat_token"
    app_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    holder: Mapped[str | None] = mapped_column(ID)
    held_until: Mapped[datetime | None] = mapped_column(Moment)

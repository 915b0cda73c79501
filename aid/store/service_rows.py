"""The tables of people of the center in a talk: who waits for them, who has which talk, and who is there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.models import Base
from aid.store.types import ROW_ID, Moment


class ServiceRow(Base):
    """One time that a person asked for somebody of the center, or got him unasked. At most one is under way in a conversation.

    ``seen_at``: when the person was last there. ``staff`` is who took the talk, ``center`` where he works and ``shown`` its name as shown.
    """

    __tablename__ = "service"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    staff: Mapped[str | None] = mapped_column(String(64))
    center: Mapped[str | None] = mapped_column(String(64))
    shown: Mapped[str | None] = mapped_column(String(128))
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'taken', 'handed_back', 'ended', 'left', 'unanswered')", name="state"),
        CheckConstraint("(state IN ('waiting', 'taken')) = (ended_at IS NULL)", name="ended_whole"),
        Index(
            "uq_service_under_way",
            "conversation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_service_conversation_id", "conversation_id"),
    )


class AttendanceRow(Base):
    """A member of staff who looks at the talks: when he was last there, and how people see him (a work number, or a name of his choice)."""

    __tablename__ = "attendance"
    staff: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    sign: Mapped[str] = mapped_column(String(16), default="", server_default="")

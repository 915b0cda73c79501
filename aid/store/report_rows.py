"""Tables of the reports: counts of cases, talks and answers that hold nothing of a person, and the mark of a demonstration."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.base import Base
from aid.store.types import Moment


class ReportCaseRow(Base):
    """What a ticket and its log say in plain, for reports: kinds, days and places, nothing of a person; ``seq``: how far the log was read.

    ``aid.reports.cases`` brings it up to date before each report. It holds no reckoned day: deadlines are reckoned when they are asked for.
    Days are in Changchun, written ``2026-11-30``: ``contacted_on``: of the first word or decision of staff; ``closed_on``: on which the case,
    if it still is, was mediated or concluded.
    """

    __tablename__ = "report_case"
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(64))
    door: Mapped[str] = mapped_column(String(32))
    event: Mapped[str] = mapped_column(String(64))
    matter: Mapped[str] = mapped_column(String(64))
    center: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    merged: Mapped[bool]
    received_on: Mapped[str] = mapped_column(String(10), index=True)
    contacted_on: Mapped[str | None] = mapped_column(String(10))
    closed_on: Mapped[str | None] = mapped_column(String(10), index=True)
    score: Mapped[str] = mapped_column(String(16))
    rated_on: Mapped[str | None] = mapped_column(String(10), index=True)


class ReportTalkRow(Base):
    """Up to which reply a talk has been counted in ``report_tally``; it goes with the talk, what was counted stays."""

    __tablename__ = "report_talk"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int]


class ReportTallyRow(Base):
    """How many talks began and how many answers were given on a day at a door; ``entry`` is the answer's, empty for talks. Of nobody."""

    __tablename__ = "report_tally"
    day: Mapped[date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(32), primary_key=True)
    event: Mapped[str] = mapped_column(String(64), primary_key=True)
    entry: Mapped[str] = mapped_column(String(128), primary_key=True)
    talks: Mapped[int]
    answers: Mapped[int]


class DatabaseMarkRow(Base):
    """What is true of the whole database: ``demo`` means that everything in it is invented."""

    __tablename__ = "database_mark"
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (CheckConstraint("name IN ('demo')", name="name"),)

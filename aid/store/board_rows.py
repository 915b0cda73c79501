"""Tables of the staff's desk: what the queue looks at, and who has a case open."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.base import Base
from aid.store.types import Moment


class BoardRow(Base):
    """What the queue looks at: reckoned from a ticket and its log, written anew in the transaction that adds to the log (aid.cases.board).

    Nothing stands here that the log does not say; the table may be emptied and is then made again. ``clock`` is the deadline that runs out
    first and ``due_on`` its last day; ``paused``: a clock stands still. ``expo`` is an expo's code, ``matter`` a kind of right. ``taken_by`` is
    the member of staff who accepted or started it. ``reckoned_by`` marks the rules by which it was reckoned.
    """

    __tablename__ = "board"
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    is_closed: Mapped[bool]
    receiver: Mapped[str] = mapped_column(String(64))
    expo: Mapped[str | None] = mapped_column(String(64))
    matter: Mapped[str | None] = mapped_column(String(64))
    leaves_on: Mapped[date | None]
    clock: Mapped[str | None] = mapped_column(String(32))
    due_on: Mapped[date | None]
    due_is_estimate: Mapped[bool]
    paused: Mapped[bool]
    taken_by: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)
    changed_at: Mapped[datetime] = mapped_column(Moment, index=True)
    last_seq: Mapped[int]
    reckoned_by: Mapped[str] = mapped_column(String(16))
    __table_args__ = (Index("ix_board_is_closed_due_on", "is_closed", "due_on"),)


class BoardCenterRow(Base):
    """Who sees a ticket: the center that has it (``holds``), those that got a copy and those that were asked to help. Reckoned, as the board."""

    __tablename__ = "board_center"
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    center: Mapped[str] = mapped_column(String(64), primary_key=True)
    holds: Mapped[bool]
    __table_args__ = (Index("ix_board_center_center_ticket_id", "center", "ticket_id"),)


class PresenceRow(Base):
    """Who of the staff has a case open; written over by each beat."""

    __tablename__ = "presence"
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)

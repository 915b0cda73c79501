"""The queue: which cases there are, the most urgent first, in pages of 50.

The database narrows and orders by the board (``aid.cases.board``); only the rows of one page are opened. What depends on the day (overdue, how many
working days are left) is asked for with the day and stored nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Text, and_, any_, case, false, func, literal, select, tuple_

from aid.cases.calendar import ONE_DAY, WorkingDays
from aid.cases.life import State
from aid.cases.routing import SOON_DAYS
from aid.clock import CHANGCHUN, Clock, today
from aid.desk.filters import Cursor, Filters, Urgency
from aid.desk.texts import CaseTexts
from aid.store.engine import Store
from aid.store.models import BoardCenterRow, BoardRow

PAGE = 50
SOON = 3
"""Working days within which a deadline is near."""
NEVER = date(9999, 12, 31)
RANKS: tuple[Urgency, ...] = get_args(Urgency)
Sees = Collection[str] | None
"""The centers whose cases a person may know of, those in copy included; ``None`` is all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the queue. ``left``: working days until ``due_on``, negative when it has passed; ``None`` where no clock runs."""

    ticket_id: str
    number: str
    kind: str
    state: State
    urgency: Urgency
    receiver: str
    expo: str | None
    matter: str | None
    leaves_on: date | None
    clock: str | None
    due_on: date | None
    due_is_estimate: bool
    left: int | None
    paused: bool
    taken_by: str | None
    received_at: datetime
    changed_at: datetime
    told: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue: its lines, how many fit in all, where the next one begins (``None``: nowhere), and by which day it was reckoned."""

    lines: list[Line]
    total: int
    next: Cursor | None
    day: date


@dataclass(frozen=True, slots=True)
class Tally:
    """What announces itself: cases that nobody took yet, overdue ones, those whose exhibit leaves, and the newest number (``""``: none)."""

    new: int
    overdue: int
    leaving: int
    newest: str


class Queue:
    """Asks the board. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock, calendar: WorkingDays, texts: CaseTexts) -> None:
        self._store, self._clock, self._calendar, self._texts = store, clock, calendar, texts

    def page(self, filters: Filters, sees: Sees, me: str = "", among: Sequence[str] | None = None) -> Page:
        """The page that ``filters.after`` leads to, for one who may know of the cases of ``sees`` and signs in as ``me``.

        ``among``: only cases with these numbers (those behind a figure of a report).
        """
        day = filters.after.day if filters.after else today(self._clock)
        rank, due = self._rank(day), self._due(day)
        wanted = self._wanted(filters, sees, me, day)
        if among is not None:
            wanted.append(self._among(BoardRow.number, among))
        query: Any = select(BoardRow, rank.label("rank"), due.label("by")).where(*wanted)
        with self._store.reading() as session:
            total = session.scalar(select(func.count()).select_from(BoardRow).where(*wanted)) or 0
            rows = session.execute(_in_order(query, filters, rank, due).limit(PAGE + 1)).all()
            told = self._texts.told(session, [row.BoardRow.ticket_id for row in rows[:PAGE]])
        lines = [self._line(row.BoardRow, row.rank, day, told) for row in rows[:PAGE]]
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        following = Cursor(day=day, rank=last.rank, due=last.by, number=last.BoardRow.number) if last else None
        return Page(lines, total, following, day)

    def line(self, ticket_id: str, sees: Sees) -> Line | None:
        """One case as the queue shows it; ``None`` when it is not for this person's eyes."""
        day = today(self._clock)
        with self._store.reading() as session:
            query = select(BoardRow, self._rank(day).label("rank")).where(BoardRow.ticket_id == ticket_id, *_seen_by(sees))
            row = session.execute(query).first()
            return self._line(row.BoardRow, row.rank, day, self._texts.told(session, [ticket_id])) if row else None

    def seen(self, number: str, sees: Sees) -> str | None:
        """Id of the case with this number; ``None`` when there is none, or none that this person may know of."""
        with self._store.reading() as session:
            return session.scalar(select(BoardRow.ticket_id).where(BoardRow.number == number, *_seen_by(sees)))

    def tally(self, sees: Sees) -> Tally:
        """What announces itself to one who sees the cases of ``sees``."""
        day, mine = today(self._clock), [~BoardRow.is_closed, *_seen_by(sees)]
        rank = self._rank(day)
        counts = [func.sum(case((condition, 1), else_=0)) for condition in (BoardRow.state == "received", rank == 1, rank == 0)]
        with self._store.reading() as session:
            found: Any = session.execute(select(*counts, func.max(BoardRow.number)).where(*mine)).one()
        return Tally(found[0] or 0, found[1] or 0, found[2] or 0, found[3] or "")

    def _wanted(self, filters: Filters, sees: Sees, me: str, day: date) -> list[ColumnElement[bool]]:
        wanted = [*_seen_by(sees), *_of_columns(filters, me)]
        if filters.words:
            wanted.append(self._among(BoardRow.ticket_id, self._texts.find(filters.words)))
        if filters.center:
            wanted.append(_at(filters.center, holds=not filters.copies))
        if filters.urgency:
            wanted.append(self._rank(day).in_([RANKS.index(urgency) for urgency in filters.urgency]))
        if filters.due_within is not None:
            wanted.append(and_(~BoardRow.is_closed, BoardRow.due_on <= self._calendar.after(day, filters.due_within).day))
        return wanted

    def _among(self, column: Any, values: Sequence[str]) -> ColumnElement[bool]:
        """One of ``values``, however many: they travel as one array or JSON, for a database takes only so many parameters."""
        found: ColumnElement[bool]
        if self._store.engine.dialect.name == "postgresql":
            found = column == any_(literal(list(values), ARRAY(Text())))  # PostgreSQL hashes it; rows made of JSON it takes for a hundred
        else:
            found = column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))
        return found

    def _rank(self, day: date) -> ColumnElement[int]:
        """The place of a case's urgency in ``RANKS``, on ``day``."""
        soon = self._calendar.after(day, SOON).day
        return case(
            (BoardRow.is_closed, 7),
            (BoardRow.leaves_on.between(day, day + SOON_DAYS * ONE_DAY), 0),
            (BoardRow.due_on < day, 1),
            (BoardRow.state == "returned", 6),
            (BoardRow.due_on.is_(None), 5),
            (BoardRow.due_on == day, 2),
            (BoardRow.due_on <= soon, 3),
            else_=4,
        )

    def _due(self, day: date) -> ColumnElement[date]:
        """By which day something must be done; far away where no day is set."""
        leaving = and_(~BoardRow.is_closed, BoardRow.leaves_on.between(day, day + SOON_DAYS * ONE_DAY))
        never = literal(NEVER, Date())
        return case((leaving, BoardRow.leaves_on), (BoardRow.is_closed, never), else_=func.coalesce(BoardRow.due_on, never))

    def _line(self, row: BoardRow, rank: int, day: date, told: dict[str, str]) -> Line:
        return Line(
            ticket_id=row.ticket_id,
            number=row.number,
            kind=row.kind,
            state=row.state,  # type: ignore[arg-type]
            urgency=RANKS[rank],
            receiver=row.receiver,
            expo=row.expo,
            matter=row.matter,
            leaves_on=row.leaves_on,
            clock=row.clock,
            due_on=row.due_on,
            due_is_estimate=row.due_is_estimate,
            left=self._calendar.between(day, row.due_on) if row.due_on else None,
            paused=row.paused,
            taken_by=row.taken_by,
            received_at=row.received_at,
            changed_at=row.changed_at,
            told=told.get(row.ticket_id, ""),
        )


def _in_order(query: Select[Any], filters: Filters, rank: ColumnElement[int], due: ColumnElement[date]) -> Select[Any]:
    """The order, and from where on: by urgency, day and number, or by number alone."""
    after = filters.after
    if filters.sort == "newest":
        query = query.order_by(BoardRow.number.desc())
        return query.where(BoardRow.number < after.number) if after else query
    if filters.sort == "oldest":
        query = query.order_by(BoardRow.number)
        return query.where(BoardRow.number > after.number) if after else query
    query = query.order_by(rank, due, BoardRow.number)
    if after is None:
        return query
    return query.where(tuple_(rank, due, BoardRow.number) > tuple_(literal(after.rank), literal(after.due, Date()), literal(after.number)))


def _seen_by(sees: Sees) -> list[ColumnElement[bool]]:
    return [] if sees is None else [_at(sorted(sees))]


def _at(centers: Sequence[str], holds: bool = False) -> ColumnElement[bool]:
    """Cases of these centers: those that see them, or with ``holds`` those that have them."""
    if holds:
        return BoardRow.receiver.in_(centers)
    return BoardRow.ticket_id.in_(select(BoardCenterRow.ticket_id).where(BoardCenterRow.center.in_(centers)))


def _of_columns(filters: Filters, me: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.show != "all":
        wanted.append(BoardRow.is_closed.is_(filters.show == "closed"))
    named = ((BoardRow.state, filters.state), (BoardRow.kind, filters.kind), (BoardRow.expo, filters.expo), (BoardRow.matter, filters.matter))
    wanted += [column.in_(values) for column, values in named if values]
    if filters.mine:
        wanted.append(BoardRow.taken_by == me if me else false())
    if filters.since:
        wanted.append(BoardRow.received_at >= _midnight(filters.since))
    if filters.until:
        wanted.append(BoardRow.received_at < _midnight(filters.until) + timedelta(days=1))
    return wanted


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CHANGCHUN)



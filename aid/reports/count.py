"""Counting: which figures a case counts in, how many cases of which center, matter, kind, door, event, day; and talks beside.

The database makes one short row of each case (``aid.reports.cases``); what counts is decided in one place, ``Counting.marks``, for the
figure and for the list of the cases behind it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from aid.clock import CHANGCHUN
from aid.reports.on_time import Judge, Step, Verdict
from aid.reports.periods import Narrow, Period
from aid.reports.words import Dimension
from aid.store.models import ConversationRow, RatingRow, ReportCaseRow, ReportTallyRow, TicketEventRow, TicketRow

AID, MEDIATION = "aid_application", "mediation_request"
SATISFIED = ("satisfied", "fair")
DIMENSIONS: tuple[Dimension, ...] = ("center", "matter", "kind", "door", "event")
TALK_DIMENSIONS: tuple[Dimension, ...] = ("door", "event")
"""By what talks can be told apart: an answer has no center and no kind of case."""


class LocalDay(FunctionElement[str]):
    """The day in Changchun of a moment, as ``2026-11-30``."""

    name, inherit_cache = "local_day", True
    type = String()


@compiles(LocalDay, "sqlite")
def _day_in_sqlite(element: LocalDay, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+8 hours')"  # as it is all year round since 1991


@compiles(LocalDay, "postgresql")
def _day_in_postgresql(element: LocalDay, compiler: Any, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"


class Seen(NamedTuple):
    """A case as the database tells it; days as ``2026-11-30``."""

    ticket_id: str
    kind: str
    matter: str
    center: str
    door: str
    event: str
    state: str
    score: str
    received: str
    contacted: str | None
    closed: str | None
    rated: str | None


@dataclass
class Counts:
    """Counted cases and talks: ``total`` by mark, ``by`` by dimension, key and mark, ``entries`` by entry."""

    total: Counter[str] = field(default_factory=Counter)
    by: dict[str, dict[str, Counter[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    entries: Counter[str] = field(default_factory=Counter)


class Counting:
    """Counts one period, narrowed. ``judge`` knows the day as of which is judged."""

    def __init__(self, session: Session, period: Period, narrow: Narrow, judge: Judge, case_kinds: Collection[str]) -> None:
        self._session, self._period, self._narrow, self._judge = session, period, narrow, judge
        self._case_kinds, self._needs_log = frozenset(case_kinds), frozenset(judge.needs_log())
        self._first, self._last = period.first.isoformat(), period.last.isoformat()
        self._verdicts: dict[str, Verdict] = {}

    def cases(self, counts: Counts) -> None:
        """Add the cases."""
        step = 10 if self._period.step == "day" else 7
        # Many cases are alike but for their days: what is alike is added up first.
        alike: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
        steps: Counter[tuple[str, tuple[str, ...]]] = Counter()
        for case, marks in self.marked():
            alike[(case.matter, case.center, case.door, case.event, case.kind), marks] += 1
            for day, part in _by_day(case, marks):
                steps[day[:step], part] += 1
        for (values, marks), many in alike.items():
            matter, center, door, event, kind = values
            keys = {"center": center, "matter": matter, "kind": kind, "door": door, "event": event}
            for mark in marks:
                counts.total[mark] += many
                for dimension in DIMENSIONS:
                    counts.by[dimension][keys[dimension]][mark] += many
        for (day, marks), many in steps.items():
            for mark in marks:
                counts.by[self._period.step][day][mark] += many

    def marked(self) -> Iterator[tuple[Seen, tuple[str, ...]]]:
        """Every case that counts anywhere in the period, with the marks under which it counts."""
        self._verdicts = self._by_logs()
        for row in self._session.execute(self._query()):
            case = Seen(*row)
            if marks := self.marks(case):
                yield case, marks

    def marks(self, case: Seen) -> tuple[str, ...]:
        """Under what a case counts; docs/reports.md says the same in words. Merged duplicates never come here.

        ``received``: the log's ``received`` lies in the period and the case is not withdrawn. ``cases``: of these the kinds that are
        protection cases, unless not accepted; ``aid``, ``mediation``: of these by kind. ``judged``, ``on_time``, ``late``: of the received,
        by the center's clocks. ``concluded``: the last ``mediated`` or ``concluded`` lies in the period and no ``reopened`` followed.
        ``rated``, ``satisfied``: the last ``rated`` lies in the period.
        """
        marks: list[str] = []
        if self._holds(case.received) and case.state != "withdrawn":
            marks.append("received")
            if case.kind in self._case_kinds and case.state != "not_accepted":
                marks += ["cases", *(["aid"] if case.kind == AID else ["mediation"] if case.kind == MEDIATION else [])]
            verdict = self._verdicts.get(case.ticket_id) or self._judge.by_days(case.kind, case.received, case.contacted)
            marks += [] if verdict == "open" else ["judged", verdict]
        if self._holds(case.closed) and case.state in ("mediated", "concluded"):
            marks.append("concluded")
        if self._holds(case.rated) and case.score:
            marks += ["rated", *(["satisfied"] if case.score in SATISFIED else [])]
        return tuple(marks)

    def numbers(self, mark: str) -> list[str]:
        """Numbers of the tickets that count under ``mark``, in order."""
        wanted = [case.ticket_id for case, marks in self.marked() if mark in marks]
        found: list[str] = []
        for start in range(0, len(wanted), 500):
            query = select(TicketRow.number).where(TicketRow.id.in_(wanted[start : start + 500]))
            found += self._session.scalars(query)
        return sorted(found)

    def talks(self, counts: Counts) -> None:
        """Add talks, answers and what people said of answers; nothing where the cases are narrowed by what talks do not have."""
        given = self._narrow.given()
        if {*given} - {*TALK_DIMENSIONS}:
            return
        row, step = ReportTallyRow, 10 if self._period.step == "day" else 7
        query = select(row.day, row.door, row.event, row.entry, func.sum(row.talks), func.sum(row.answers))
        query = query.where(row.day.between(self._period.first, self._period.last)).group_by(row.day, row.door, row.event, row.entry)
        for day, door, event, entry, talks, answers in self._session.execute(query.where(*self._only(row))):
            keys = {"door": door, "event": event, self._period.step: day.isoformat()[:step]}
            for mark, many in (("reached", talks), ("answered", answers)):
                counts.total[mark] += many
                for dimension, key in keys.items():
                    counts.by[dimension][key][mark] += many
            if entry:
                counts.entries[entry] += answers
        self._solved(counts)

    def _solved(self, counts: Counts) -> None:
        talk, given = ConversationRow, self._narrow.given()
        query = select(RatingRow.solved, func.count()).outerjoin(talk, talk.id == RatingRow.conversation_id).where(self._within(RatingRow.at))
        if "door" in given:
            query = query.where(talk.door == given["door"])
        if "event" in given:
            query = query.where(func.coalesce(talk.event_code, "") == given["event"])
        for solved, many in self._session.execute(query.group_by(RatingRow.solved)):
            counts.total["answers_rated"] += many
            counts.total["solved"] += many if solved else 0

    def _query(self) -> Any:
        row = ReportCaseRow
        days = [LocalDay(moment) for moment in (row.received_at, row.contacted_at, row.closed_at, row.rated_at)]
        query = select(row.ticket_id, row.kind, row.matter, row.center, row.door, row.event, row.state, row.score, *days)
        moments = or_(self._within(row.received_at), self._within(row.closed_at), self._within(row.rated_at))
        return query.where(row.merged.is_(False), moments, *self._only(row))

    def _by_logs(self) -> dict[str, Verdict]:
        """The verdicts on the received cases of kinds with further clocks, by ticket."""
        row, event = ReportCaseRow, TicketEventRow
        query = select(event.ticket_id, row.kind, event.kind, event.at).join(row, row.ticket_id == event.ticket_id)
        query = query.where(self._within(row.received_at), row.kind.in_(self._needs_log), row.merged.is_(False), *self._only(row))
        logs: dict[tuple[str, str], list[Step]] = {}
        for ticket_id, kind, happened, at in self._session.execute(query.order_by(event.ticket_id, event.seq)):
            logs.setdefault((ticket_id, kind), []).append(Step(happened, at))  # type: ignore[arg-type]
        return {ticket_id: self._judge.by_log(kind, log) for (ticket_id, kind), log in logs.items()}

    def _only(self, row: Any) -> list[ColumnElement[bool]]:
        """What is narrowed, of a table that has columns of these names."""
        return [getattr(row, name) == value for name, value in self._narrow.given().items()]

    def _within(self, moment: Any) -> ColumnElement[bool]:
        return and_(moment >= _midnight(self._period.first), moment < _midnight(self._period.last + timedelta(days=1)))

    def _holds(self, day: str | None) -> bool:
        return day is not None and self._first <= day <= self._last


def _by_day(case: Seen, marks: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The marks by the day that each belongs to: of its conclusion, of its rating, else of its receipt."""
    of_receipt = tuple(mark for mark in marks if mark not in ("concluded", "rated", "satisfied"))
    if of_receipt:
        yield case.received, of_receipt
    if case.closed and "concluded" in marks:
        yield case.closed, ("concluded",)
    if case.rated and "rated" in marks:
        yield case.rated, tuple(mark for mark in marks if mark in ("rated", "satisfied"))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHANGCHUN)

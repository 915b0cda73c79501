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
from aid.reports.on_time import Judge, Step, Verdict, noon
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


class Marks(NamedTuple):
    """Under what a case counts: by the day of its receipt, of its conclusion, of its rating."""

    received: tuple[str, ...]
    concluded: tuple[str, ...]
    rated: tuple[str, ...]


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
        self._known: dict[tuple[str, str, str, bool, bool, bool, Verdict], Marks] = {}

    def cases(self, counts: Counts) -> None:
        """Add the cases."""
        alike, steps = self._alike()
        for (*keys, marks), many in alike.items():
            for mark in (*marks.received, *marks.concluded, *marks.rated):
                counts.total[mark] += many
                for dimension, key in zip(DIMENSIONS, keys, strict=True):
                    counts.by[dimension][key][mark] += many
        for (step, names), many in steps.items():
            for mark in names:
                counts.by[self._period.step][step][mark] += many

    def _alike(self) -> tuple[Counter[Any], Counter[tuple[str, tuple[str, ...]]]]:
        """Many cases are alike: those that agree in the dimensions and in what they count under, and those of a day or month."""
        alike: Counter[Any] = Counter()
        steps: Counter[tuple[str, tuple[str, ...]]] = Counter()
        length = 10 if self._period.step == "day" else 7
        for _id, kind, matter, center, door, event, marks, received, closed, rated in self._marked():
            alike[center, matter, kind, door, event, marks] += 1
            if marks.received:
                steps[received[:length], marks.received] += 1
            if marks.concluded and closed:
                steps[closed[:length], marks.concluded] += 1
            if marks.rated and rated:
                steps[rated[:length], marks.rated] += 1
        return alike, steps

    def _marked(self) -> Iterator[tuple[str, str, str, str, str, str, Marks, str, str | None, str | None]]:
        """Every case that may count in the period: id, dimensions, marks, days."""
        row, verdicts = ReportCaseRow, self._by_logs()
        query = select(
            row.ticket_id, row.kind, row.matter, row.center, row.door, row.event, row.state, row.score,
            row.received_on, row.contacted_on, row.closed_on, row.rated_on,
        )  # fmt: skip
        days = or_(self._within(row.received_on), self._within(row.closed_on), self._within(row.rated_on))
        # Not as objects: that would take twice as long.
        found = self._session.connection().execute(query.where(row.merged.is_(False), days, *self._only(row)))
        first, last, known = self._first, self._last, self._known
        for id_, kind, matter, center, door, event, state, score, received, contacted, closed, rated in found:
            verdict = verdicts.get(id_) or self._judge.by_days(kind, received, contacted)
            here = first <= received <= last, closed is not None and first <= closed <= last, rated is not None and first <= rated <= last
            key = (kind, state, score, *here, verdict)
            if key not in known:
                known[key] = self.marks(*key)
            yield id_, kind, matter, center, door, event, known[key], received, closed, rated

    def marks(self, kind: str, state: str, score: str, received: bool, closed: bool, rated: bool, verdict: Verdict) -> Marks:
        """Under what a case counts; docs/reports.md says the same in words. Merged duplicates never come here.

        ``received``, ``closed``, ``rated``: whether these days lie in the period.

        ``received``: the log's ``received`` lies in the period and the case is not withdrawn. ``cases``: of these the kinds that are
        protection cases, unless not accepted; ``aid``, ``mediation``: of these by kind. ``judged``, ``on_time``, ``late``: of the received,
        by the center's clocks. ``concluded``: the last ``mediated`` or ``concluded`` lies in the period and no ``reopened`` followed.
        ``rated``, ``satisfied``: the last ``rated`` lies in the period.
        """
        of_receipt: list[str] = []
        if received and state != "withdrawn":
            of_receipt.append("received")
            if kind in self._case_kinds and state != "not_accepted":
                of_receipt += ["cases", *(["aid"] if kind == AID else ["mediation"] if kind == MEDIATION else [])]
            of_receipt += [] if verdict == "open" else ["judged", verdict]
        concluded = ("concluded",) if closed and state in ("mediated", "concluded") else ()
        of_rating = () if not (rated and score) else ("rated", "satisfied") if score in SATISFIED else ("rated",)
        return Marks(tuple(of_receipt), concluded, of_rating)

    def numbers(self, mark: str) -> list[str]:
        """Numbers of the tickets that count under ``mark``, in order."""
        wanted = [case[0] for case in self._marked() if any(mark in names for names in case[6])]
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
        within = [row.day.between(self._period.first, self._period.last), *self._only(row)]
        query = select(row.day, row.door, row.event, func.sum(row.talks), func.sum(row.answers)).where(*within)
        for day, door, event, talks, answers in self._session.execute(query.group_by(row.day, row.door, row.event)):
            keys = {"door": door, "event": event, self._period.step: day.isoformat()[:step]}
            for mark, many in (("reached", talks), ("answered", answers)):
                counts.total[mark] += many
                for dimension, key in keys.items():
                    counts.by[dimension][key][mark] += many
        most = select(row.entry, func.sum(row.answers)).where(*within, row.entry != "").group_by(row.entry)
        counts.entries.update(dict(self._session.execute(most).all()))
        self._solved(counts)

    def _solved(self, counts: Counts) -> None:
        talk, given = ConversationRow, self._narrow.given()
        query = select(RatingRow.solved, func.count()).outerjoin(talk, talk.id == RatingRow.conversation_id).where(
            RatingRow.at >= _midnight(self._period.first), RatingRow.at < _midnight(self._period.last + timedelta(days=1))
        )
        if "door" in given:
            query = query.where(talk.door == given["door"])
        if "event" in given:
            query = query.where(func.coalesce(talk.event_code, "") == given["event"])
        for solved, many in self._session.execute(query.group_by(RatingRow.solved)):
            counts.total["answers_rated"] += many
            counts.total["solved"] += many if solved else 0

    def _by_logs(self) -> dict[str, Verdict]:
        """The verdicts on the received cases of kinds with further clocks, by ticket."""
        row, event = ReportCaseRow, TicketEventRow
        query = select(event.ticket_id, row.kind, event.kind, LocalDay(event.at)).join(row, row.ticket_id == event.ticket_id)
        query = query.where(self._within(row.received_on), row.kind.in_(self._needs_log), row.merged.is_(False), *self._only(row))
        logs: dict[tuple[str, str], list[Step]] = {}
        for ticket_id, kind, happened, day in self._session.connection().execute(query.order_by(event.ticket_id, event.seq)):
            logs.setdefault((ticket_id, kind), []).append(Step(happened, noon(day)))
        return {ticket_id: self._judge.by_log(kind, log) for (ticket_id, kind), log in logs.items()}

    def _only(self, row: Any) -> list[ColumnElement[bool]]:
        """What is narrowed, of a table that has columns of these names."""
        return [getattr(row, name) == value for name, value in self._narrow.given().items()]

    def _within(self, day: Any) -> ColumnElement[bool]:
        return and_(day >= self._first, day <= self._last)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHANGCHUN)

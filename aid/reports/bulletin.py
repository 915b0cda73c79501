"""An expo's daily bulletin: the day's cases by matter and hall, what was done with them, and what people asked most."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from aid.cases.life import CLOSED, EventKind, state_of
from aid.clock import CHANGCHUN, Clock
from aid.consultation.entries import load_entries
from aid.demo.mark import is_demo
from aid.privacy.vault import Vault
from aid.reports.periods import Narrow, Period
from aid.reports.report import Report, Reports
from aid.store.engine import Store
from aid.store.models import ReportCaseRow, TicketEventRow, TicketRow

MOST_ASKED = 10
_HALL = re.compile(r"^\s*(.{0,8}?[馆厅])")
Table = Sequence[tuple[str, Sequence[int]]]
"""A label with four counts: received, contacted, handled, open."""


@dataclass(frozen=True, slots=True)
class DayCase:
    """A case of the day, as it stood when the day was over."""

    number: str
    matter: str
    hall: str
    contacted: bool
    handled: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The bulletin; no name, telephone or word of a person is in it.

    ``asked``: labels of entries with how often they answered; ``None`` where it is about one center: a talk has none.
    """

    event: str
    day: date
    title: str
    told: str
    narrowed: str
    made_at: datetime
    is_demo: bool
    cases: Sequence[DayCase]
    matters: Table
    halls: Table
    asked: Sequence[tuple[str, int]] | None

    @property
    def open_numbers(self) -> list[str]:
        """Numbers of the cases that were open when the day was over."""
        return [case.number for case in self.cases if case.open]


class Bulletins:
    """Makes bulletins. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, reports: Reports, knowledge_dir: Path) -> None:
        self._store, self._vault, self._clock = store, vault, clock
        self._reports, self._knowledge_dir = reports, knowledge_dir

    def make(self, code: str, day: date, center: str | None = None) -> Bulletin:
        """The bulletin of one day of an expo; with ``center`` of the cases alone that this center has.

        Raises:
            UnknownPeriod: there is no such expo.
            UnknownFilter: there is no such center.
        """
        period, words = self._reports.event_period(code, day), self._reports.words
        report = self._reports.make(period, Narrow(event=code, center=center))
        with self._store.reading() as session:
            cases, demo = self._cases(session, code, period, center), is_demo(session)
        event, say = self._reports.label("event", code), words.bulletin
        counted: dict[str, int] = {
            **{name: figure.value for name, figure in report.figures.items() if name in ("answered", "reached")},
            "received": len(cases),
            "handled": sum(case.handled for case in cases),
            "open": sum(case.open for case in cases),
        }
        return Bulletin(
            event=event,
            day=day,
            title=say.heading.format(event=event, period=period.named(words)),
            told=(say.told if center is None else say.told_of_center).format(**counted),
            narrowed=self._reports.narrowed(Narrow(center=center)),
            made_at=self._clock.now(),
            is_demo=demo,
            cases=cases,
            matters=_table(cases, lambda case: case.matter or words.unknown),
            halls=_table(cases, lambda case: case.hall or say.no_hall),
            asked=most_asked(report, self._knowledge_dir) if center is None else None,
        )

    def _cases(self, session: Session, code: str, period: Period, center: str | None) -> list[DayCase]:
        """The day's cases by number; withdrawn ones and duplicates do not count, as in every report."""
        row, day = ReportCaseRow, period.first.isoformat()
        end = datetime.combine(period.first + timedelta(days=1), time(), CHANGCHUN)
        query = select(row.ticket_id, row.matter, TicketRow.number, TicketRow.facts_sealed).join(TicketRow, TicketRow.id == row.ticket_id)
        query = query.where(row.event == code, row.merged.is_(False), row.state != "withdrawn", row.received_on == day)
        if center is not None:
            query = query.where(row.center == center)
        found = session.execute(query.order_by(TicketRow.number)).all()
        logs: dict[str, list[EventKind]] = {}
        event = TicketEventRow
        of_day = select(event.ticket_id, event.kind).where(event.at < end).join(row, row.ticket_id == event.ticket_id)
        of_day = of_day.where(row.event == code, row.received_on == day).order_by(event.ticket_id, event.seq)
        for ticket_id, kind in session.execute(of_day):
            logs.setdefault(ticket_id, []).append(kind)  # type: ignore[arg-type]
        return [self._case(number, matter, sealed, logs[ticket_id]) for ticket_id, matter, number, sealed in found]

    def _case(self, number: str, matter: str, sealed: str, log: list[EventKind]) -> DayCase:
        state = state_of(log)
        hall = _HALL.match(self._vault.decrypt_json(sealed).get("booth", ""))
        contacted, handled = any(kind in self._reports.answers for kind in log), state in ("mediated", "concluded")
        return DayCase(number, matter, hall[1] if hall else "", contacted, handled, state not in CLOSED)


def most_asked(report: Report, knowledge_dir: Path) -> list[tuple[str, int]]:
    """The entries that answered most in a report's period, by label, with how often."""
    most = report.entries[:MOST_ASKED]
    known = load_entries(knowledge_dir, [entry for entry, _many in most])
    return [(known[entry].label if entry in known else entry, many) for entry, many in most]


def _table(cases: Sequence[DayCase], key: Callable[[DayCase], str]) -> Table:
    """The counts by what ``key`` tells of a case, the most first."""
    counts: dict[str, list[int]] = {}
    for case in cases:
        row = counts.setdefault(key(case), [0, 0, 0, 0])
        for place, holds in enumerate((True, case.contacted, case.handled, case.open)):
            row[place] += holds
    return sorted(counts.items(), key=lambda pair: (-pair[1][0], pair[0]))

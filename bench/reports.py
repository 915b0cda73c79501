"""How long does a year's report take over 50,000 cases? Ours, and the plain way: every ticket and log opened as objects, in the same run.

``python -m bench reports`` on SQLite; ``--database`` names an empty PostgreSQL that is measured besides. The cases are invented (``aid demo``).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import Deadlines, load_deadlines
from aid.cases.kinds import CaseKind, load_kinds
from aid.cases.life import state_of
from aid.cases.ticket import Ticket, TicketEvent, event_of, ticket_of
from aid.clock import CHANGCHUN, Clock, today
from aid.demo.fill import fill
from aid.privacy.vault import Vault, open_vault
from aid.reports.periods import Period, year
from aid.reports.report import COUNTED, RATES, Report, open_reports
from aid.reports.words import load_report_words
from aid.settings import Settings
from aid.store.engine import Store, open_store
from aid.store.models import ReportCaseRow, ReportTalkRow, ReportTallyRow, TicketEventRow, TicketRow
from bench.errors import BenchError
from bench.measures import percentile
from bench.report import Table, ratio

CASES = 50_000
TIMES = 7
LIMIT = 2.0
"""Seconds that the year's report may take."""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench reports", description="A year's report, beside the plain way.")
    parser.add_argument("--cases", type=int, default=CASES, help="invented cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="address of an empty PostgreSQL, measured besides SQLite")
    return parser.parse_args(given)


def measure(settings: Settings, folder: Path, cases: int, seed: int, database: str, say: Callable[[str], None]) -> Table:
    """Fill the databases and measure.

    Raises:
        BenchError: the two ways do not count the same.
        NotEmpty: the database that is named holds something.
    """
    rows = []
    for name, address in (("SQLite", f"sqlite:///{folder / 'reports.db'}"), ("PostgreSQL", database)):
        if not address:
            continue
        if name == "SQLite":
            for old in folder.glob("reports.db*"):
                old.unlink()
        own = settings.model_copy(update={"var_dir": folder / "reports", "database_url": address, "data_key": ""})
        store = open_store(own)
        try:
            rows += _engine(own, store, name, cases, seed, say)
        finally:
            store.close()
    return Table(
        f"How long does a year's report take over {cases:,} cases?",
        ("database", "way", "s, median", "s, worst", "ours ÷ it, median"),
        rows,
        [
            f"Ours: `Reports.make`, {TIMES} times, with the look for what happened since the last one; all figures and tables, talks too.",
            "The plain way: every ticket and its log opened as objects, deadlines reckoned of each, only the case figures counted; once."
            " Both count the same.",
            "Anew: the row of each case and the tally of talks made from the sealed record, as the first report after an update does.",
            f"The limit of the issue is {LIMIT:.0f} s.",
        ],
    )


def is_clean(table: Table) -> bool:
    """Whether every report of ours kept the limit."""
    return all(float(row[3]) < LIMIT for row in table.rows if row[1] == "ours")


def _engine(settings: Settings, store: Store, name: str, cases: int, seed: int, say: Callable[[str], None]) -> list[list[str]]:
    vault, clock = open_vault(settings), settings.clock()
    store.migrate()
    say(f"reports: {cases} invented cases, {name}")
    begun = time.perf_counter()
    fill(settings, store, vault, clock, cases, seed, lambda _line: None)
    say(f"reports: filled in {time.perf_counter() - begun:.0f} s")
    reports, period = open_reports(settings, store, vault, clock), year(today(clock).year)
    spent = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        report = reports.make(period)
        spent.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    counted = plain(settings, store, vault, clock, period)
    peer = time.perf_counter() - begun
    if different := differences(report, counted):
        raise BenchError(f"the two ways differ in {', '.join(different)}")
    with store.session() as session:
        for table in (ReportCaseRow, ReportTalkRow, ReportTallyRow):
            session.execute(delete(table))
    begun = time.perf_counter()
    reports.refresh()
    anew = time.perf_counter() - begun
    median = percentile(spent, 0.5)
    return [
        [name, "ours", f"{median:.2f}", f"{max(spent):.2f}", "1.00"],
        [name, "plain: tickets and logs as objects", f"{peer:.2f}", f"{peer:.2f}", ratio(median, peer)],
        [name, "anew, before the first report", f"{anew:.2f}", f"{anew:.2f}", ratio(median, anew)],
    ]


def plain(settings: Settings, store: Store, vault: Vault, clock: Clock, period: Period) -> Counter[str]:
    """The case figures, counted as one would who knows nothing of ``aid.reports``: a second opinion for tests too."""
    folder = settings.knowledge_dir
    kinds, words = load_kinds(folder), load_report_words(folder)
    deadlines, day = load_deadlines(folder, WorkingDays.load(folder)), today(clock)
    counts: Counter[str] = Counter()
    with store.reading() as session:
        logs: dict[str, list[TicketEvent]] = {}
        for row in session.scalars(select(TicketEventRow).order_by(TicketEventRow.ticket_id, TicketEventRow.seq)):
            logs.setdefault(row.ticket_id, []).append(event_of(row, vault))
        for ticket in session.scalars(select(TicketRow)):
            counts.update(_counts_of(ticket_of(ticket, vault), logs[ticket.id], period, kinds, words, deadlines, day))
    return counts


def _counts_of(
    ticket: Ticket, log: Sequence[TicketEvent], period: Period, kinds: dict[str, CaseKind], words: Any, deadlines: Deadlines, day: Any
) -> list[str]:
    def within(event: TicketEvent) -> bool:
        return period.first <= event.at.astimezone(CHANGCHUN).date() <= period.last

    state, found = state_of(event.kind for event in log), []
    if within(log[0]) and state != "withdrawn":
        found.append("received")
        if ticket.kind in words.case_kinds and state != "not_accepted":
            found.append("cases")
            found += [{"aid_application": "aid", "mediation_request": "mediation"}.get(ticket.kind, "other")]
        clocks = [d for d in deadlines.of(kinds[ticket.kind], log) if d.rule.id in words.clocks]
        if any(d.is_overdue(day) for d in clocks):
            found += ["judged", "late"]
        elif all(d.met_at for d in clocks):
            found += ["judged", "on_time"]
    ends = [event for event in log if event.kind in ("mediated", "concluded")]
    if state in ("mediated", "concluded") and within(ends[-1]):
        found.append("concluded")
    rated = [event for event in log if event.kind == "rated"]
    if rated and within(rated[-1]):
        found += ["rated", *(["satisfied"] if rated[-1].detail["score"] in ("satisfied", "fair") else [])]
    return found


def differences(report: Report, counted: Counter[str]) -> list[str]:
    """Names of the case figures in which the report and the plain count differ."""
    names = [*COUNTED, "on_time", "satisfaction"]
    found = []
    for name in names:
        figure, (part, whole) = report.figures[name], RATES.get(name, (name, ""))  # type: ignore[index, call-overload]
        if figure.value != counted[part] or (whole and figure.whole != counted[whole]):
            found.append(name)
    return found

"""Is the queue quick with 50,000 cases? Pages and searches of the desk, beside a plain scan that opens every log, on SQLite and PostgreSQL."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from aid.cases.life import CLOSED, state_of
from aid.cases.office import Office, open_office
from aid.cases.ticket import TicketEvent, event_of
from aid.desk.desk import Desk, open_desk
from aid.desk.filters import Filters
from aid.privacy.vault import Vault, open_vault
from aid.settings import Settings
from aid.store.engine import Store, open_store
from aid.store.models import TicketEventRow, TicketRow
from bench.desk_cases import EXPOS, FIRMS, GOODS, RIGHTS, Made
from bench.errors import BenchError
from bench.faults import own_settings
from bench.measures import percentile
from bench.report import Table

CASES, ROUNDS, LIMIT_MS = 50_000, 60, 300.0
FULL_RUN = CASES
Made_ = TypeVar("Made_")
SEES: tuple[set[str] | None, ...] = (None, {"subcenter-1"}, {"main"})


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench desk", description="Measure the queue with many cases.")
    parser.add_argument("--cases", type=int, default=CASES, metavar="N")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help="how often each page is asked for")
    parser.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    return parser.parse_args(given)


def measure(settings: Settings, folder: Path, cases: int, rounds: int, sqlite_only: bool, say: Callable[[str], None]) -> Table:
    """Measure both databases.

    Raises:
        BenchError: there is no PostgreSQL to start.
    """
    rows: list[list[str]] = []
    with ExitStack() as stack:
        addresses = {"SQLite": ""}
        if not sqlite_only:
            addresses["PostgreSQL"] = _postgresql(stack)
        for name, address in addresses.items():
            rows += _one(name, own_settings(settings, folder / "desk", address), cases, rounds, say)
    return Table(
        f"Is the queue quick with {cases:,} cases?",
        ("database", "what", "p50 ms", "p95 ms", "scan ÷ it, p95"),
        rows,
        [
            f"Invented cases of one year, 12 in 100 and those of the last five days still open; each page {rounds} times, in turn as one who sees"
            " everything, one center's, and the main center's with its copies. Every search is of other words.",
            "A page is the whole of `Queue.page`: count, order, 50 lines with what they are about opened; over HTTP session, rights and HTML come"
            " to it.",
            "The scan is what there would be without the board: every log is opened, state and deadlines are reckoned, the cases are sorted."
            " It ran once. Beside a search it opens the facts instead.",
            "Start: drawing the board of all cases anew, which is needed once and after a change of the rules, and reading the words for the search.",
        ],
    )


def is_clean(table: Table) -> bool:
    """Whether every page and search stayed under the limit."""
    return all(float(row[3].replace(",", "")) < LIMIT_MS for row in table.rows if row[1].startswith(("page", "search", "tally")))


def _postgresql(stack: ExitStack) -> str:
    from tests.postgres import NoServer, running_server

    try:
        server = stack.enter_context(running_server())
    except NoServer as fault:
        raise BenchError(str(fault)) from fault
    return server.address(server.empty())


def _one(name: str, settings: Settings, cases: int, rounds: int, say: Callable[[str], None]) -> list[list[str]]:
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    store, vault, clock = open_store(settings), open_vault(settings), settings.clock()
    try:
        store.migrate()
        office = open_office(settings, store, vault, clock)
        desk = open_desk(office, store, vault, clock, settings.knowledge_dir)
        say(f"desk: {name}, writing {cases} cases")
        Made(office, vault, clock, cases, 1).write(store)
        drawn, _ = _timed(office.board.catch_up)
        read, _ = _timed(desk.texts.catch_up)
        if store.engine.dialect.name == "postgresql":
            with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        say(f"desk: {name}, asking")
        scan, _ = _timed(lambda: _scan(store, vault, office))
        search, _ = _timed(lambda: _scan_words(store, vault))
        found = [*_pages(desk, rounds, scan), *_searches(desk, rounds, search), *_over_http(settings, rounds, scan, search)]
        start = [f"start: board {drawn / 1000:.0f} s, words {read / 1000:.1f} s", "", "", ""]
        return [[name, *row] for row in (*found, ["plain scan of every log", f"{scan:,.0f}", f"{scan:,.0f}", "1"], start)]
    finally:
        store.close()


def _pages(desk: Desk, rounds: int, scan: float) -> list[list[str]]:
    asked: dict[str, Callable[[int], Filters]] = {
        "page: open, by urgency": lambda _n: Filters(),
        "page: overdue": lambda _n: Filters(urgency=("overdue",)),
        "page: of an expo and a right, all": lambda n: Filters(show="all", expo=(list(desk.office.router.expos())[n % 3],), matter=(RIGHTS[n % 5],)),
        "page: all, newest": lambda _n: Filters(show="all", sort="newest"),
        "page: all, by urgency": lambda _n: Filters(show="all"),
    }
    rows = [_row(name, [_asked(desk, make(n), n) for n in range(rounds)], scan) for name, make in asked.items()]
    following = desk.queue.page(Filters(show="all"), None)
    times = []
    for _ in range(rounds):
        if following.next is None:
            break
        after = Filters(show="all", after=following.next)
        took, following = _timed(lambda after=after: desk.queue.page(after, None))  # type: ignore[misc]
        times.append(took)
    rows.append(_row("page: turning on, all", times, scan))
    rows.append(_row("tally (what announces itself)", [_timed(lambda s=SEES[n % 3]: desk.queue.tally(s))[0] for n in range(rounds)], scan))  # type: ignore[misc]
    return rows


def _searches(desk: Desk, rounds: int, scan: float) -> list[list[str]]:
    pick = random.Random(2)
    words: dict[str, Callable[[int], str]] = {
        "search: a number's last figures": lambda n: f"{n * 37 + 1:06d}",
        "search: a respondent": lambda n: f"{FIRMS[n % len(FIRMS)]}光电",
        "search: goods and booth": lambda n: f"{GOODS[n % len(GOODS)]} B{pick.randrange(1, 200)}",
        "search: a telephone": lambda _n: f"139000{pick.randrange(100_000):05d}",
        "search: what half of all have": lambda n: "有限公司" if n % 2 else EXPOS[0][:2],
    }
    return [_row(name, [_asked(desk, Filters(words=make(n), show="all"), n) for n in range(rounds)], scan) for name, make in words.items()]


def _asked(desk: Desk, filters: Filters, turn: int) -> float:
    """Milliseconds of one page."""
    return _timed(lambda: desk.queue.page(filters, SEES[turn % 3]))[0]


def _over_http(settings: Settings, rounds: int, scan: float, search: float) -> list[list[str]]:
    """The whole page as a browser gets it: session, rights, queue, HTML."""
    from tests.console.desk import workbench

    with workbench(settings.var_dir, database_url=settings.database_url) as site:
        # Its standing clock is brought to today: for one that lags behind, every case since would be new at each search.
        site.clock.advance(settings.clock().now() - site.clock.now())
        site.staff("chief", "supervisor@*")
        browser = site.browser("chief")
        site.desk.cases.texts.catch_up()
        asked: dict[str, tuple[Callable[[int], dict[str, str]], float]] = {
            "page over HTTP: open, by urgency": (lambda _n: {}, scan),
            "search over HTTP: a respondent": (lambda n: {"words": f"{FIRMS[n % len(FIRMS)]}科技", "show": "all"}, search),
        }
        rows = []
        for name, (make, beside) in asked.items():
            times = [_timed(partial(browser.get, "cases", **make(n)))[0] for n in range(rounds)]
            rows.append(_row(name, times, beside))
        return rows


def _scan(store: Store, vault: Vault, office: Office) -> list[tuple[bool, str, str]]:
    """The queue without a board: each log opened, its deadlines reckoned, the cases sorted."""
    with store.reading() as session:
        tickets = {row.id: (row.number, row.kind) for row in session.execute(select(TicketRow.id, TicketRow.number, TicketRow.kind))}
        logs: dict[str, list[TicketEvent]] = {}
        for event in session.scalars(select(TicketEventRow).order_by(TicketEventRow.ticket_id, TicketEventRow.seq)):
            logs.setdefault(event.ticket_id, []).append(event_of(event, vault))
    found = []
    for id_, log in logs.items():
        number, kind = tickets[id_]
        is_closed = state_of(event.kind for event in log) in CLOSED
        days = [one.due.day for one in office.deadlines.of(office.kinds[kind], log) if one.met_at is None and one.due]
        found.append((is_closed, str(min(days)) if days and not is_closed else "9999", number))
    return sorted(found)[:50]


def _scan_words(store: Store, vault: Vault) -> int:
    """A search without a memory: each case's facts opened and looked through."""
    with store.reading() as session:
        return sum("光电" in vault.decrypt(sealed) for sealed in session.scalars(select(TicketRow.facts_sealed)))


def _timed(what: Callable[[], Made_]) -> tuple[float, Made_]:
    began = time.perf_counter()
    made = what()
    return (time.perf_counter() - began) * 1000, made


def _row(name: str, times: Sequence[float], scan: float) -> list[str]:
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    return [name, f"{p50:,.1f}", f"{p95:,.1f}", f"{scan / p95:,.0f}"]


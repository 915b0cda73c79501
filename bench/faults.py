"""``python -m bench faults``: whole complaints at the running system, and in each one process killed (SIGKILL) at a random moment.

Afterwards every complaint is held against the database. Starts a system of its own on free ports, with a database of its own, and kills
only what it has started.
"""

from __future__ import annotations

import argparse
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from aid.cases.errors import TicketNotFound
from aid.cases.office import Office
from aid.cli.ask import free_ports
from aid.cli.processes import processes
from aid.cli.serve import running
from aid.cli.supervisor import GIVE_UP_DEATHS, GIVE_UP_SECONDS, Supervisor, SupervisorError
from aid.cli.ticket import office
from aid.settings import Settings
from aid.store import open_store
from aid.store.models import InboundRow, ReplyRow, TicketRow
from bench.complaints import PROCESSES, Complaint, draw
from bench.errors import BenchError
from bench.kills import Doom, Killer, Pace
from bench.person import Person, Story
from bench.report import Table
from bench.verdict import Kept, Verdict, judge

Say = Callable[[str], None]
QUESTION = "Is a complaint lost or filed twice when a process is killed in the middle of it?"
COLUMNS = ("killed", "complaints", "kills", "filed once", "told", "wrong", "until well again, s (median / longest)", "longest wait of a person, s")
FULL_RUN = 200
"""Complaints from which a run is written into bench/results.md."""
REST_SECONDS = 5.0
"""Added to the supervisor's window, so that the kills of a run never make it give up."""


@dataclass(frozen=True)
class Outcome:
    """One complaint: what was seen, whether its kill was made, how it is judged."""

    story: Story
    killed: bool
    verdict: Verdict


def measure(settings: Settings, count: int, seed: int, at_once: int, minutes: float, say: Say) -> Table:
    """Run ``count`` complaints, ``at_once`` people at a time, and judge them. ``settings`` must be the run's own (see ``own_settings``).

    Raises:
        BenchError: the system did not stay up.
        KnowledgeError: bench/complaints.yml cannot be used.
    """
    complaints, begun = draw(count, seed), time.monotonic()
    stories: dict[int, tuple[Story, bool]] = {}
    with _watched(settings, say) as (supervisor, well):
        killer = Killer(supervisor, processes(settings, Path()))
        pace = Pace(GIVE_UP_DEATHS - 1, GIVE_UP_SECONDS + REST_SECONDS)

        def one(complaint: Complaint) -> None:
            if time.monotonic() - begun > minutes * 60 or not well():
                return
            pace.plan(complaint.fault.process)
            doom = Doom(complaint, killer, pace)
            story = Person(settings.port, complaint, doom.at_question, random.Random(f"{seed}.{complaint.number}")).walk()
            doom.end()
            stories[complaint.number] = (story, doom.killed)
            how = story.trouble or f"{len(story.receipts)} receipt"
            say(f"{len(stories)}/{count} no. {complaint.number} {complaint.kind}, {complaint.fault}: {how}, longest {story.longest:.1f} s")

        with ThreadPoolExecutor(at_once) as people:
            list(people.map(one, complaints))
        killer.wait()
        if not well():
            raise BenchError("the supervisor gave up")
    told = [story for story, _killed in stories.values()]
    outcomes = [Outcome(*pair, verdict) for pair, verdict in zip(stories.values(), audit(settings, told), strict=True)]
    for outcome in outcomes:
        if outcome.verdict.faults:
            complaint = outcome.story.complaint
            say(f"WRONG no. {complaint.number} {complaint.fault} {outcome.story.conversation}: {'; '.join(outcome.verdict.faults)}")
    return table(outcomes, killer.recoveries, count, seed, at_once, strays(settings, told))


def audit(settings: Settings, stories: Sequence[Story]) -> list[Verdict]:
    """Judge every complaint against the database of ``settings``."""
    store = open_store(settings)
    try:
        with office(settings) as desk, store.reading() as session:
            return [judge(story, kept(desk, session, story)) for story in stories]
    finally:
        store.close()


def kept(desk: Office, session: Session, story: Story) -> Kept:
    """What the record holds of the conversation."""
    of_it = {"conversation_id": story.conversation}
    messages = list(session.scalars(select(InboundRow).filter_by(**of_it).order_by(InboundRow.seq)))
    replies = session.scalars(select(ReplyRow).filter_by(**of_it).order_by(ReplyRow.number))
    found = None
    if story.receipts:
        try:
            receipt = story.receipts[0]
            ticket = desk.tickets.find(receipt["number"], receipt["lookup_code"], f"audit{story.complaint.number}")
            found = ticket.conversation_id == story.conversation
        except TicketNotFound:
            found = False
    return Kept(
        [(m.client_id, m.status) for m in messages],
        [m.id for m in messages],
        [(r.number, r.inbound_id) for r in replies],
        [(t.number, {**t.facts, **t.parties}) for t in desk.tickets.of(story.conversation)],
        found,
    )


def strays(settings: Settings, stories: Sequence[Story]) -> list[str]:
    """What is wrong with the tickets as a whole: numbers with a gap or twice, a ticket of nobody."""
    own = {story.conversation for story in stories}
    store = open_store(settings)
    try:
        with store.reading() as session:
            tickets = session.execute(select(TicketRow.number, TicketRow.conversation_id)).all()
    finally:
        store.close()
    numbers = sorted(int(number[-6:]) for number, _conversation in tickets)
    faults = [] if numbers == list(range(1, len(numbers) + 1)) else ["the numbers of the tickets have a gap"]
    return faults + ["there is a ticket of nobody" for _number, conversation in tickets if conversation not in own]


def table(outcomes: Sequence[Outcome], recoveries: dict[str, list[float]], count: int, seed: int, at_once: int, faults: Sequence[str]) -> Table:
    """One row for each process that was killed, and one for all."""
    rows = []
    for name in (*PROCESSES, "all"):
        hit = [o for o in outcomes if name in (o.story.complaint.fault.process, "all")]
        times = [t for process, measured in recoveries.items() if name in (process, "all") for t in measured]
        endings = [o.verdict.ending for o in hit]
        rows.append(
            [
                name,
                str(len(hit)),
                str(sum(o.killed for o in hit)),
                *(str(endings.count(ending)) for ending in ("filed", "told", "wrong")),
                _spread(times),
                _spread([o.story.longest for o in hit]),
            ]
        )
    notes = [
        f"{count} complaints of six shapes, seed {seed}, {at_once} people at once; {count - len(outcomes)} not begun within the time",
        "killed: SIGKILL up to 1.5 s after a message was sent, in three of ten complaints the one that files; people send again as the page does",
        "filed once: one ticket with all that was told, a receipt whose number and code find it, every message kept and answered once, in order",
        "told: no ticket, and a sentence said that it did not work; wrong: anything else",
        *(faults or ["numbers of all tickets without a gap, and no ticket of nobody"]),
    ]
    return Table(QUESTION, COLUMNS, rows, notes)


def is_clean(made: Table) -> bool:
    """Whether all complaints were begun, and none ended wrongly."""
    wrong = made.rows[-1][COLUMNS.index("wrong")]
    return wrong == "0" and any(" 0 not begun" in note for note in made.notes) and any("no ticket of nobody" in note for note in made.notes)


def _spread(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.1f} / {max(seconds):.1f}" if seconds else "-"


@contextmanager
def _watched(settings: Settings, say: Say) -> Iterator[tuple[Supervisor, Callable[[], bool]]]:
    """The system as ``aid serve`` runs it, and whether it is still watched."""
    with running(settings, say) as supervisor:

        def watch() -> None:
            try:
                supervisor.watch()
            except SupervisorError as fault:
                say(str(fault))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            yield supervisor, watching.is_alive
        finally:
            supervisor.request_stop()
            watching.join(10)


def own_settings(settings: Settings, folder: Path, database_url: str = "") -> Settings:
    """Free ports, an empty var folder, and a database that is none of the settings in force."""
    shutil.rmtree(folder, ignore_errors=True)
    doors, rasa, actions = free_ports(3)
    own = {"var_dir": folder, "database_url": database_url, "redis": "", "replica": "", "host": "127.0.0.1"}
    return settings.model_copy(update={**own, "port": doors, "rasa_port": rasa, "actions_port": actions})


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench faults", description="Kill processes in the middle of complaints.")
    parser.add_argument("--complaints", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="people at the same time")
    parser.add_argument("--minutes", type=float, default=60.0, metavar="N", help="no complaint begins after this")
    parser.add_argument("--database", default="", metavar="URL", help="an EMPTY PostgreSQL database instead of a SQLite file")
    return parser.parse_args(given)

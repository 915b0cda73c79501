"""``python -m bench load``: 300 people at once before the whole running system, and the same crowd before plain Rasa servers.

Starts every bot by itself on free ports and stops it again. The crowd lives in this process, the bots in others; all share the cores.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from aid.cli.ask import free_ports
from aid.cli.serve import running
from aid.cli.supervisor import Supervisor
from aid.settings import Settings
from aid.store import open_store
from aid.store.models import ConversationRow, InboundRow
from bench import data, intents
from bench.crowd import MESSAGES, QUESTIONS, THINKS, Crowd, Enter, Plan, Visit, crowd, meet
from bench.effort import QUICK
from bench.errors import BenchError
from bench.memory import processor_seconds, with_children
from bench.peers import rasa_runs
from bench.report import Table, ratio
from bench.visits import DoorVisit, RestVisit

Say = Callable[[str], None]
QUESTION = "Do 300 people at once get their answers, each of them once?"
COLUMNS = (
    "crowd", "bot", "people", "messages", "answered", "lost, doubled, refused", "first reply p50 ms", "p95", "p99", "later replies p95 ms",
    "answers a second", "first reply p95: ours ÷ it",
)  # fmt: skip
FULL_RUN = 300
"""People from which a run is written into bench/results.md."""
WARM_UP = 5
START_SECONDS = 300.0
TALK_SECONDS = 400.0
"""A crowd's talk takes half of it; what is not sent by then counts as lost."""
SHOWN_FAULTS = 10


@dataclass(frozen=True)
class Pattern:
    """How the crowd comes: its first messages within ``window`` seconds, each person sending ``messages``."""

    name: str
    window: float
    messages: int


def measure(settings: Settings, folder: Path, people: int, seed: int, window: float, say: Say) -> Table:
    """Let the crowd meet every bot, one bot after another. ``settings`` must be the run's own (see ``faults.own_settings``).

    Raises:
        AidError: a bot cannot be trained or started, or knowledge or questions cannot be read.
    """
    known = data.variants(settings.clock().now().date())
    questions = [text for _, text in data.pairs(data.unseen_questions(known))]
    texts = data.fresh_questions(questions, (3 * people + WARM_UP) * QUESTIONS)
    patterns = [
        Pattern("all in the same moment, a question each", 0.0, 1),
        Pattern(f"within {window:g} s, then each {MESSAGES} messages", window, MESSAGES),
    ]
    examples = data.intent_examples(known)
    met: dict[str, list[Crowd]] = {}
    with running(settings, say) as supervisor:
        before = _used(supervisor)
        met["ours"] = _all_patterns(lambda plan: DoorVisit(settings.port, plan).enter(), patterns, people, seed, texts, say)
        spent = {name: seconds - before[name] for name, seconds in _used(supervisor).items()}
    strays = record_faults(settings, sum(len(crowd.first) + len(crowd.later) for crowd in met["ours"]) + WARM_UP)
    met["ours"][-1].faults += strays
    for name, trained in (("Rasa lean", intents.lean_bot), ("Rasa default", intents.default_bot)):
        with _peer(folder / name.split()[1], trained(folder, examples, QUICK, say), say) as enter:
            met[name] = _all_patterns(enter, patterns, people, seed, texts, say)
    return table(patterns, met, people, seed, spent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One run at a time: a second one would empty the first one's record under its hands. Raises ``BenchError``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "load.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise BenchError("another load run is going on") from fault
        yield


def _used(supervisor: Supervisor) -> dict[str, float]:
    """Processor seconds of each process until now, and of the crowd, which is this one."""
    return {**{name: processor_seconds(with_children([pid])) for name, pid in supervisor.pids().items()}, "the crowd": time.process_time()}


def _all_patterns(enter: Enter, patterns: Sequence[Pattern], people: int, seed: int, texts: Sequence[str], say: Say) -> list[Crowd]:
    """What each crowd met; the bot is warmed up before."""
    _meet(enter, Pattern("warm-up", 1.0, 1), WARM_UP, seed, texts[-WARM_UP * QUESTIONS :])
    found = []
    for n, pattern in enumerate(patterns):
        seen = _meet(enter, pattern, people, seed + n, texts[n * people * QUESTIONS :])
        say(f"{pattern.name}: {seen.replies} answered, p95 of the first {seen.spread(seen.first)[1]:.0f} ms, {len(seen.faults)} faults")
        for fault in seen.faults[:SHOWN_FAULTS]:
            say(f"  {fault}")
        found.append(seen)
    return found


def _meet(enter: Enter, pattern: Pattern, people: int, seed: int, texts: Sequence[str]) -> Crowd:
    return asyncio.run(meet(enter, crowd(people, seed, texts, pattern.window, pattern.messages), TALK_SECONDS))


@contextmanager
def _peer(folder: Path, trained: rasa_runs.Trained, say: Say) -> Iterator[Enter]:
    rasa_port, actions_port = free_ports(2)

    async def enter(plan: Plan) -> Visit:
        return RestVisit(rasa_port, plan)

    supervisor = Supervisor(rasa_runs.servers(folder, trained.model, rasa_port, actions_port), folder / "log", say)
    try:
        supervisor.start()
        supervisor.wait_until_well(START_SECONDS)
        yield enter
    finally:
        supervisor.stop()


def record_faults(settings: Settings, answered: int) -> list[str]:
    """What is wrong with the record after the crowd: messages that wait or failed, a turn that was run again, another count than was answered."""
    store = open_store(settings)
    try:
        with store.reading() as session:
            rows = session.execute(select(InboundRow.status, func.count()).group_by(InboundRow.status))
            states = {row[0]: row[1] for row in rows}
            again = session.scalar(select(func.count()).select_from(ConversationRow).where(ConversationRow.epoch > 0))
    finally:
        store.close()
    faults = [] if states == {"done": answered} else [f"{answered} messages were answered, the record holds {states}"]
    return [*faults, f"in {again} conversations a turn was run again"] if again else faults


def table(patterns: Sequence[Pattern], met: dict[str, list[Crowd]], people: int, seed: int, spent: Mapping[str, float]) -> Table:
    """One row for each crowd and bot."""
    rows = []
    for n, pattern in enumerate(patterns):
        ours = met["ours"][n].spread(met["ours"][n].first)[1]
        for name, crowds in met.items():
            seen = crowds[n]
            p50, p95, p99 = seen.spread(seen.first)
            rows.append(
                [
                    pattern.name if name == "ours" else "",
                    f"**{name}**" if name == "ours" else name,
                    str(people),
                    str(people * pattern.messages),
                    str(seen.replies),
                    str(len(seen.faults)),
                    *(f"{value:.0f}" for value in (p50, p95, p99)),
                    f"{seen.spread(seen.later)[1]:.0f}" if seen.later else "-",
                    f"{seen.per_second:.1f}",
                    ratio(ours, p95),
                ]
            )
    return Table(QUESTION, COLUMNS, rows, _notes(met["ours"], seed, spent))


def is_clean(made: Table) -> bool:
    """Whether nothing of ours was lost, doubled or refused, and everything was answered."""
    bot, wrong, sent, answered = (COLUMNS.index(name) for name in ("bot", "lost, doubled, refused", "messages", "answered"))
    return all(row[wrong] == "0" and row[sent] == row[answered] for row in made.rows if row[bot] == "**ours**")


def _notes(ours: Sequence[Crowd], seed: int, spent: Mapping[str, float]) -> list[str]:
    each = {name: seconds * 1000 / max(1, sum(crowd.replies for crowd in ours)) for name, seconds in spent.items()}
    opened = max(crowd.spread(crowd.opening)[1] for crowd in ours)
    return [
        f"Seed {seed}; every bot meets the same people, who send the same words at the same moments ({THINKS[0]:g} to {THINKS[1]:g} s between an"
        f" answer and the next message): {QUESTIONS} questions, then a complaint as far as its third answer. All conversations are open before the"
        " first message.",
        "A reply's time: from sending until the whole reply is there. Bots and the crowd (a process of its own) share the cores.",
        "Ours: the doors with the stored, encrypted record, the search and the form, each person with a stream and an address of his own;"
        f" to open a conversation and its stream took {opened:.0f} ms at p95, eight at a time.",
        "Afterwards every conversation is read back: each message kept once and answered once, its replies numbered without a gap and heard once over"
        " the stream; and the record holds no message without its end and no turn that was run again.",
        "Processor time of ours for one message, milliseconds, with a person's share of beginning and following: "
        + ", ".join(f"{name} {milliseconds:.0f}" for name, milliseconds in each.items())
        + ".",
        "Peers: stock `rasa run` with the REST channel, a tracker in memory, and an action server that always says the same text. They store nothing,"
        " search nothing and ask nothing. Our own model behind the bare REST channel is no peer: its actions read the words from the record, which"
        " only the doors write.",
        "Rasa lean: jieba, count vectors, logistic regression, RulePolicy. Rasa default: `rasa init`'s pipeline and policies with jieba, trained for"
        " one epoch, which changes what it understands and not how long it takes.",
    ]


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench load", description="Many people at once before our system and before plain Rasa servers.")
    parser.add_argument("--people", type=int, default=FULL_RUN, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--window", type=float, default=20.0, metavar="SECONDS", help="within which the first messages come")
    return parser.parse_args(given)

"""How fast, how big and how soon ready are whole bots, under the same load?"""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aid.cli.processes import Process, processes
from aid.cli.serve import prepare
from aid.cli.supervisor import Supervisor
from aid.cli.train import train
from aid.settings import Settings
from bench import data, intents
from bench.effort import Effort
from bench.errors import BenchError
from bench.load import TEXTS_OF_ONE_TALK, LoadResult, load
from bench.memory import proportional_mb, with_children
from bench.peers import rasa_runs
from bench.report import Table, ratio
from bench.talks import OpenTalk, RestTalk, open_web_talk

START_SECONDS = 300.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Start:
    """One start of a bot and what was measured while it ran; ``megabytes`` after the loads."""

    seconds: float
    one: LoadResult
    many: LoadResult
    megabytes: float
    count: int


@dataclass(frozen=True)
class Bot:
    """A whole bot: how it is served, how one talks with it; ``training`` in seconds."""

    name: str
    training: float
    serve: Callable[[], tuple[list[Process], OpenTalk]]


def measure(settings: Settings, folder: Path, effort: Effort, say: Say) -> Table:
    """Train, start and load every bot, one after another, each started twice.

    Raises:
        AidError: a bot cannot be trained or started, or answers nothing.
    """
    known = data.variants(settings.clock().now().date())
    questions = [text for _, text in data.pairs(data.unseen_questions(known))]
    need = 2 * effort.warm_up + effort.messages_of_one + effort.messages_of_many
    texts = data.fresh_questions(questions, need)
    examples = data.intent_examples(known)
    own, training = _trained_alone(settings, folder, examples, say)
    bots = [
        Bot("ours, followed by the stream", training, lambda: _ours(own, True)),
        Bot("ours, polled", training, lambda: _ours(own, False)),
        _peer("Rasa default", folder / "default", intents.default_bot(folder, examples, effort, say)),
        _peer("Rasa lean", folder / "lean", intents.lean_bot(folder, examples, effort, say)),
    ]
    found: list[tuple[Start, Start]] = []
    for bot in bots:
        say(f"speed: {bot.name}")
        found.append((_run(bot, texts, effort, folder / "log", say), _run(bot, texts, effort, folder / "log", say)))
    return _table(bots, found, effort)


def _run(bot: Bot, texts: Sequence[str], effort: Effort, log: Path, say: Say) -> Start:
    """Start a bot, warm it up, let one user and then many ask, and stop it. Every text is asked once a start."""
    waiting = iter(texts)

    def some(count: int) -> list[str]:
        return [next(waiting) for _ in range(count)]

    wanted, open_talk = bot.serve()
    with _serving(wanted, log, say) as (supervisor, seconds):
        asyncio.run(load(open_talk, some(effort.warm_up), 1, effort.load_seconds))
        one = asyncio.run(load(open_talk, some(effort.messages_of_one), 1, effort.load_seconds))
        asyncio.run(load(open_talk, some(effort.warm_up), 2, effort.load_seconds))
        many = asyncio.run(load(open_talk, some(effort.messages_of_many), effort.users, effort.load_seconds))
        own = with_children(supervisor.pids().values())
        megabytes = proportional_mb(own)
    for result in (one, many):
        if not result.milliseconds:
            raise BenchError(f"{bot.name} answered nothing: {result.failures[:1]}")
    say(f"  start {seconds:.1f} s, {one.percentile(0.5):.1f} ms, {many.per_second:.1f} a second, {dict(many.kinds)}")
    return Start(seconds, one, many, megabytes, len(own))


@contextmanager
def _serving(wanted: list[Process], log: Path, say: Say) -> Iterator[tuple[Supervisor, float]]:
    """The processes, all well; and how many seconds that took. They are stopped at the end."""
    supervisor = Supervisor(wanted, log, say)
    started = time.monotonic()
    try:
        supervisor.start()
        supervisor.wait_until_well(START_SECONDS)
        yield supervisor, time.monotonic() - started
    finally:
        supervisor.stop()


def _trained_alone(settings: Settings, folder: Path, examples: data.Lists, say: Say) -> tuple[Settings, float]:
    """Our system with a var folder of its own, trained there from nothing; and the seconds of that."""
    from aid.language.encoders import SentenceEncoder

    home = folder / "ours"
    shutil.rmtree(home, ignore_errors=True)
    (home / "models").mkdir(parents=True)
    places = {"var_dir": home, "models_dir": home / "models", "database_url": "", "redis": "", "host": "127.0.0.1"}
    own = settings.model_copy(update=places)
    for path in settings.models_dir.glob("roformer*"):
        (own.models_dir / path.name).symlink_to(path.resolve())
    started = time.monotonic()
    # Rasa's training finds the vectors of known texts stored beside the models; counted here as if it did not.
    SentenceEncoder(own.models_dir).encode_many([text for texts in examples.values() for text in texts])
    train(own, say, force=True)
    return own, time.monotonic() - started


def _ours(settings: Settings, streamed: bool) -> tuple[list[Process], OpenTalk]:
    port, rasa_port, actions_port = free_ports(3)
    ports = {"port": port, "rasa_port": rasa_port, "actions_port": actions_port}
    own = settings.model_copy(update=ports)
    prepare(own)
    return processes(own, train(own, lambda _line: None)), lambda: open_web_talk(port, streamed)


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on at this moment."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _peer(name: str, folder: Path, trained: rasa_runs.Trained) -> Bot:
    def serve() -> tuple[list[Process], OpenTalk]:
        rasa_port, actions_port = free_ports(2)

        async def open_talk() -> RestTalk:
            return RestTalk(rasa_port)

        return rasa_runs.servers(folder, trained.model, rasa_port, actions_port), open_talk

    return Bot(name, trained.seconds, serve)


def _table(bots: Sequence[Bot], found: Sequence[tuple[Start, Start]], effort: Effort) -> Table:
    firsts = [first for first, _ in found]
    users = effort.users
    figures: list[tuple[str, list[float], str]] = [
        ("reply to one user, p50 ms", [s.one.percentile(0.5) for s in firsts], ".1f"),
        ("reply to one user, p95 ms", [s.one.percentile(0.95) for s in firsts], ".1f"),
        (f"reply to {users} users, p50 ms", [s.many.percentile(0.5) for s in firsts], ".0f"),
        (f"reply to {users} users, p95 ms", [s.many.percentile(0.95) for s in firsts], ".0f"),
        ("messages a second, one user", [s.one.per_second for s in firsts], ".1f"),
        (f"messages a second, {users} users", [s.many.per_second for s in firsts], ".1f"),
        (f"messages a second, {users} users, second start", [s.many.per_second for _, s in found], ".1f"),
        ("memory of all processes after the load, MB", [s.megabytes for s in firsts], ".0f"),
        ("processes", [float(s.count) for s in firsts], ".0f"),
        ("training from nothing, s", [bot.training for bot in bots], ".0f"),
        ("first start, s", [s.seconds for s in firsts], ".1f"),
        ("second start, s", [s.seconds for _, s in found], ".1f"),
        ("messages without a reply", [float(_failures(pair)) for pair in found], ".0f"),
    ]
    rows = [
        [name, *(f"{value:{form}}" for value in values), ratio(values[0], values[2]), ratio(values[0], values[3])]
        for name, values, form in figures
    ]
    replies = ", ".join(f"{kind} {count}" for kind, count in firsts[0].many.kinds.most_common())
    return Table(
        "How fast, how big and how soon ready are whole bots?",
        ["", *(bot.name for bot in bots), "ours ÷ default", "ours ÷ lean"],
        rows,
        _notes(effort, replies),
    )


def _failures(pair: tuple[Start, Start]) -> int:
    return sum(len(result.failures) for start in pair for result in (start.one, start.many))


def _notes(effort: Effort, replies: str) -> list[str]:
    return [
        f"{effort.messages_of_one} questions by one user, then {effort.messages_of_many} by {effort.users}; each text"
        f" is new to the bot, each user begins a new conversation after {TEXTS_OF_ONE_TALK} texts; bots and the load"
        " generator share the cores.",
        "Ours: from sending at the web door to the stored reply, with the encrypted record and the search in the"
        f" knowledge; replies to the {effort.users} users: {replies}. `stream` is what the chat page does; `polled`"
        " reads again and again as `aid ask` does.",
        "Peers: Rasa's REST channel, the tracker in memory, and an action server (rasa-sdk) that always says the same"
        " text and stores nothing.",
        f"Rasa default: `rasa init`'s pipeline and policies with jieba, DIET {effort.intent_epochs} epochs instead of"
        f" 100, TED and UnexpecTED {effort.dialogue_epochs}. Rasa lean: jieba, count vectors, logistic regression,"
        " RulePolicy; stock schema checking.",
        "Training from nothing: wall time of the command; ours encodes every text anew and fits the search too.",
        "First start: the model was not yet loaded in this run; the system's file cache was not emptied.",
        "Ratios are of ours with the stream; below 1 is less than the peer's.",
    ]

"""Whether a process can do its work: a word for each part of it, asked for in bounded time and kept for a moment.

However often it is asked, the parts are looked at once a second at most, and by one look at a time: asking is no way to load the record.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from aid.store.engine import MIGRATIONS, Store
from aid.store.errors import StoreUnavailable

Word = Literal["ok", "newer", "behind", "missing", "slow", "unreachable"]
WORDS: tuple[Word, ...] = ("ok", "newer", "behind", "missing", "slow", "unreachable")
GOOD: frozenset[Word] = frozenset({"ok", "newer"})
"""``newer``: the tables are those of a newer program, as during an update in which old and new run side by side."""
Ask = Callable[[], Awaitable[Mapping[str, Word]]]
KEPT_SECONDS = 1.0
PART_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: a word for each part."""

    parts: Mapping[str, Word]

    @property
    def is_ready(self) -> bool:
        """Whether every part is well."""
        return all(word in GOOD for word in self.parts.values())

    @property
    def status(self) -> int:
        """As an HTTP status: 200, or 503 while something is amiss."""
        return 200 if self.is_ready else 503

    def public(self) -> dict[str, Any]:
        """Ready for JSON; words of ours only, nothing of what a fault said."""
        return {"status": "ready" if self.is_ready else "not_ready", "parts": dict(self.parts)}


class Readiness:
    """Asks the parts; to be used from one event loop."""

    def __init__(
        self,
        asks: Mapping[tuple[str, ...], Ask],
        *,
        kept: float = KEPT_SECONDS,
        seconds: float = PART_SECONDS,
        seen: Callable[[Report], object] = lambda _report: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``asks``: by the names of the parts that one question answers; ``seen`` is told of every look.

        ``kept``: for how long a report is given out again; ``seconds``: for how long a part is waited for.
        """
        self._asks, self._kept, self._seconds, self._seen, self._now = asks, kept, seconds, seen, now
        self._last: tuple[float, Report] | None = None
        self._looking: asyncio.Task[Report] | None = None

    async def report(self) -> Report:
        """How it stands now, or stood a moment ago; never raises, takes little longer than one part may."""
        if self._last is not None and self._now() - self._last[0] < self._kept:
            return self._last[1]
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> Report:
        try:
            found = await asyncio.gather(*(self._asked(names, ask) for names, ask in self._asks.items()))
            report = Report({name: word for part in found for name, word in part.items()})
            self._last = (self._now(), report)
            self._seen(report)
            return report
        finally:
            self._looking = None

    async def _asked(self, names: tuple[str, ...], ask: Ask) -> Mapping[str, Word]:
        try:
            async with asyncio.timeout(self._seconds):
                found = await ask()
        except TimeoutError:
            return dict.fromkeys(names, "slow")
        except Exception:  # whatever it is, the part is not well; what it says is nobody's business
            return dict.fromkeys(names, "unreachable")
        return {name: found.get(name, "unreachable") for name in names}


class RecordProbe:
    """Asks the record for its form, in a thread of its own: one that hangs is not asked again before it has answered."""

    PARTS = ("record", "tables")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ready")
        self._asked: Future[Mapping[str, Word]] | None = None
        scripts = ScriptDirectory(str(MIGRATIONS))
        self._known = {script.revision for script in scripts.walk_revisions()}
        self._head = scripts.get_current_head()

    async def ask(self) -> Mapping[str, Word]:
        """Whether the record answers and has its newest form."""
        if self._asked is None or self._asked.done():
            self._asked = self._thread.submit(self._look)
        return await asyncio.shield(asyncio.wrap_future(self._asked))

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> Mapping[str, Word]:
        try:
            with self._store.reading() as session:
                found = session.scalar(text("SELECT version_num FROM alembic_version"))
        except StoreUnavailable:
            return {"record": "unreachable", "tables": "unreachable"}
        except SQLAlchemyError:  # it answers, and knows no such table
            return {"record": "ok", "tables": "missing"}
        return {"record": "ok", "tables": self._form(found)}

    def _form(self, found: str | None) -> Word:
        if found == self._head:
            return "ok"
        return "missing" if found is None else "behind" if found in self._known else "newer"


def lives(part: str, ask: Callable[[], Awaitable[bool]]) -> dict[tuple[str, ...], Ask]:
    """A part that is well or cannot be reached."""
    return {(part,): partial(_as_word, part, ask)}


async def _as_word(part: str, ask: Callable[[], Awaitable[bool]]) -> Mapping[str, Word]:
    return {part: "ok" if await ask() else "unreachable"}

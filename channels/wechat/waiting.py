"""The platform's connection that waits for an answer, and the order in which one follower is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class Waiting:
    """An answer to come. Each repetition of the message listens for it, for as long as the platform has patience."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._kept = asyncio.Event()
        self._listeners = 0

    async def listen(self, seconds: float) -> str | None:
        """The answer's text; ``None`` when nothing is to be said in this connection, or not in time."""
        self._listeners += 1
        try:
            await asyncio.wait({self._answer}, timeout=seconds)
        finally:
            self._listeners -= 1
        return self._answer.result() if self._answer.done() else None

    def keep(self) -> None:
        """The message stands in the record: it is not lost any more, whatever happens here."""
        self._kept.set()

    async def is_kept(self, seconds: float) -> bool:
        """Whether the message stands in the record, or its answer is settled, within so many seconds."""
        waits = asyncio.ensure_future(self._kept.wait())
        try:
            either: set[asyncio.Future[Any]] = {waits, self._answer}
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waits.cancel()
        return self._kept.is_set() or self._answer.done()

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return self._listeners > 0

    @property
    def is_over(self) -> bool:
        """Whether it is settled what is said."""
        return self._answer.done()

    def give(self, content: str | None) -> bool:
        """Answer those who listen; ``False`` when nobody does any more, and it must go another way."""
        if content is not None and not self._listeners:
            return False
        if not self._answer.done():
            self._answer.set_result(content)
        return True


class _Lane:
    """One follower's: the door through which his messages come one by one, and the last answer that is on its way to him."""

    def __init__(self) -> None:
        self.entrance = asyncio.Lock()
        self.last: asyncio.Task[Any] | None = None
        self.visits = 0


class Lanes:
    """The lanes in use; an unused one is let go."""

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        """How many are in use."""
        return len(self._lanes)

    def is_free(self, openid: str) -> bool:
        """Whether nothing is on its way to or from this follower."""
        return openid not in self._lanes

    @asynccontextmanager
    async def visit(self, openid: str) -> AsyncIterator[_Lane]:
        """The follower's lane, kept at least as long as the visit."""
        lane = self._lanes.setdefault(openid, _Lane())
        lane.visits += 1
        try:
            yield lane
        finally:
            lane.visits -= 1
            if not lane.visits:
                self._lanes.pop(openid, None)

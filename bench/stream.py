"""The stream of a conversation at our doors, followed as the chat page follows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bench.errors import LoadError
from bench.http import Connection


class Stream:
    """Keeps every reply that comes over the stream, in its order, and whether an answer is still to come.

    Begins to read when it is made; ``pending`` holds until the door has said otherwise.
    """

    def __init__(self, connection: Connection, path: str, token: str, seconds: float) -> None:
        """Take a connection of its own, the address of the stream, and after how many seconds who waits gives up."""
        self._connection, self._seconds = connection, seconds
        self._news = asyncio.Event()
        self.pending = True
        self.heard: list[dict[str, Any]] = []
        self._reader = asyncio.get_running_loop().create_task(self._follow(path, token))

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until it holds. Raises ``LoadError``: the stream ended, or the seconds are over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while not done():
                    if self._reader.done():
                        raise LoadError("the stream ended")
                    self._news.clear()
                    await self._news.wait()
                return
        raise LoadError(f"no reply within {self._seconds:.0f} s")

    async def answered(self, inbound: str) -> None:
        """Wait until the whole answer to this message is there. Raises as ``until``."""
        await self.until(lambda: not self.pending and any(reply["inbound_id"] == inbound for reply in self.heard))

    async def close(self) -> None:
        """Read no more and let go of the connection."""
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        self._connection.close()

    async def _follow(self, path: str, token: str) -> None:
        try:
            async for name, data in self._connection.events(path, token):
                if name == "reply":
                    self.heard.append(data)
                elif name == "typing":
                    self.pending = data["pending"]
                    self._news.set()
        except (LoadError, OSError, EOFError, ValueError):
            pass  # whoever waits finds the reader done
        finally:
            self._news.set()

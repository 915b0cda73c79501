"""News between the replicas through Redis: one channel that all of them read.

Redis forgets what nobody hears, and may be away: what is told is a hint, the record is the truth.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from aid.errors import SettingsError
from channels.replicas import News

log = logging.getLogger(__name__)

ANSWER_SECONDS = 0.5
"""Longest wait for Redis; it stands next to the doors, or is taken for away."""
WHOLE_SECONDS = 2 * ANSWER_SECONDS
"""Longest time of one call, connecting included: the library's own limits do not cover a machine that answers no knock."""
QUIET_SECONDS = 2.0
"""After so much silence Redis is asked for a sign of life."""
AGAIN_SECONDS = 1.0
MOST_UNTOLD = 2000


def connect(address: str) -> Redis:
    """A client that gives up soon and never tries again by itself; connects at first use.

    Raises:
        SettingsError: the address is none of a Redis.
    """
    try:
        return Redis.from_url(
            address,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
    except ValueError as fault:
        raise SettingsError("AID_REDIS is not an address: write redis://:password@host:6379/0") from fault


class RedisExchange:
    """See ``channels.replicas.Exchange``. Owns its client."""

    def __init__(self, client: Redis, own: str) -> None:
        """``own`` marks what this replica tells, which it need not hear."""
        self._client, self._own = client, own
        # Channels know nothing of a Redis's numbered databases; two installations in one Redis have different ones.
        self._channel = f"aid:{client.connection_pool.connection_kwargs.get('db', 0)}:news"
        self._untold: asyncio.Queue[News] = asyncio.Queue(MOST_UNTOLD)
        self._tasks: list[asyncio.Task[None]] = []
        self._sure = False

    @property
    def is_sure(self) -> bool:
        """See ``Exchange``."""
        return self._sure

    def tell(self, news: News) -> None:
        """See ``Exchange``; while Redis is away what is told is forgotten."""
        with suppress(asyncio.QueueFull):
            self._untold.put_nowait(news)

    async def open(self, heard: Callable[[News], None], again: Callable[[], None]) -> None:
        """See ``Exchange``. Does not wait for Redis."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._tell_all()), loop.create_task(self._listen(heard, again))]

    async def close(self) -> None:
        """See ``Exchange``."""
        self._sure = False
        for _try in range(3):  # a library in between may swallow a cancellation
            for task in self._tasks:
                task.cancel()
            if self._tasks and not (await asyncio.wait(self._tasks, timeout=1))[1]:
                break
        await self._client.aclose()

    async def _tell_all(self) -> None:
        while True:
            news = await self._untold.get()
            try:
                async with asyncio.timeout(WHOLE_SECONDS):
                    await self._client.publish(self._channel, orjson.dumps({"from": self._own, **asdict(news)}))
            except (RedisError, OSError) as fault:
                log.debug("news not told: %s", fault)

    async def _listen(self, heard: Callable[[News], None], again: Callable[[], None]) -> None:
        while True:
            try:
                async with self._client.pubsub() as channel:
                    async with asyncio.timeout(WHOLE_SECONDS):
                        await channel.subscribe(self._channel)
                    await self._hear(channel, heard, again)
            except (RedisError, OSError) as fault:
                if self._sure:
                    log.warning("Redis is away, replicas look into the record instead: %s", type(fault).__name__)
                self._sure = False
            await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, channel: PubSub, heard: Callable[[News], None], again: Callable[[], None]) -> None:
        """Until Redis is away. Raises ``RedisError``, ``OSError``."""
        asked = False
        while True:
            message = await channel.get_message(timeout=ANSWER_SECONDS if asked else QUIET_SECONDS)
            if message is None:
                if asked:
                    raise TimeoutError("no sign of life")
                await channel.ping()
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                self._sure = True
                again()
            elif message["type"] == "message" and (news := read(message["data"], self._own)) is not None:
                heard(news)


def read(data: Any, own: str) -> News | None:
    """The news in a message; ``None`` for one's own, and for what is none."""
    try:
        told = orjson.loads(data)
        sender, conversation, holder, cut = told["from"], told["conversation"], told["holder"], told["cut"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(conversation, str) or not isinstance(holder, str) or not isinstance(cut, bool) or sender == own:
        return None
    return News(conversation, holder, cut)

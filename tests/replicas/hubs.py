"""Hubs on one record, as replicas of the doors have them, and how one dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from channels.history import Excerpt
from channels.redis_exchange import RedisExchange, connect
from channels.replicas import Exchange, NoOthers, Replica
from channels.turns import Patience
from channels.watch import Pulse
from tests.channels.door_fakes import FakeBot, House, build
from tests.replicas.conftest import address
from tests.servers import Running

QUICK = Pulse(look=0.1, renew=0.1, silent=5)
SLOW = Pulse(look=30, renew=30, silent=5)
"""Looks into the record too seldom to help."""
STEADY = Patience(away=20, broken=20, first_pause=0.01, longest_pause=0.1)


@asynccontextmanager
async def replica(
    folder: Path, name: str, bot: FakeBot | None = None, redis: Running | None = None, pulse: Pulse = QUICK
) -> AsyncIterator[House]:
    own = Replica.begun(name)
    exchange: Exchange = RedisExchange(connect(address(redis)), own.holder) if redis else NoOthers()
    house = build(folder, bot or FakeBot(), STEADY, replica=own, exchange=exchange, pulse=pulse)
    await house.hub.recover()
    await house.hub.share()
    if redis:
        await until(lambda: exchange.is_sure)
    try:
        yield house
    finally:
        if house.bot.hold:
            house.bot.hold.set()
        await house.hub.stop(0.5)
        house.store.close()


async def until(holds: object, seconds: float = 8.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0.005)


async def die(house: House) -> None:
    """As by SIGKILL: nothing is ended, nothing let go, no sign of life comes any more."""
    await house.hub._watch.end()
    workers = [room.worker for room in house.hub._rooms if room.worker]
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


def said(house: House, conversation: str) -> list[str]:
    return [reply.body["text"] for reply in house.messages.replies_after(conversation)]


async def follow(house: House, conversation: str, seen: list[Excerpt], generation: int | None = None) -> None:
    async for excerpt in house.hub.follow(conversation, 0, 5, generation):
        if excerpt:
            seen.append(excerpt)


def texts(seen: list[Excerpt]) -> list[str]:
    return [reply.body["text"] for excerpt in seen for reply in excerpt.replies]

"""What a replica looks for in the record: turns that another left undone, and news that nobody told.

Every second the conversations in which a message waits are read. A holder whose beat stands still for ``silent`` looks in a row has died, or
cannot reach the record: its conversations are taken over. No clock is compared, and a look that fails counts for nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aid.store.errors import StoreUnavailable
from aid.store.leases import NOBODY, Held, Leases
from channels.replicas import Exchange, Replica
from channels.rooms import Rooms
from channels.turns import Offload

log = logging.getLogger(__name__)

LOOKS = 2
"""Looks at a conversation that nobody works on, or that is one's own: its message may have been stored a moment ago, and be answered by now."""
SELDOM = 10
"""While news are told, the record is asked for untold ones at every tenth look only."""

SWEPT = 5
"""At every fifth look those are looked after who wait for staff."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Seconds between looks and between signs of life; after ``silent`` looks without a sign a holder is taken for dead."""

    look: float = 1.0
    renew: float = 1.5
    silent: int = 6


@dataclass(slots=True)
class Sightings:
    """How often in a row each waiting conversation was seen unchanged."""

    replica: Replica
    silent: int
    _seen: dict[str, tuple[Held, int]] = field(default_factory=dict)

    def look(self, waiting: Sequence[Held]) -> list[Held]:
        """Count, and give those whose holder has stood still for long enough."""
        counted = {}
        for held in waiting:
            before, times = self._seen.get(held.conversation_id, (held, 0))
            counted[held.conversation_id] = (held, times + 1 if before == held else 1)
        self._seen = counted
        return [held for held, times in counted.values() if times >= self._enough(held)]

    def forget(self) -> None:
        """Nothing could be seen: begin to count anew."""
        self._seen = {}

    def _enough(self, held: Held) -> int:
        return LOOKS if held.holder in (None, NOBODY, self.replica.holder) else self.silent


class Watch:
    """Looks into the record again and again, and shows others that this replica lives."""

    def __init__(self, leases: Leases, offload: Offload, rooms: Rooms, replica: Replica, exchange: Exchange, pulse: Pulse) -> None:
        self._leases, self._offload, self._rooms = leases, offload, rooms
        self._replica, self._exchange, self._pulse = replica, exchange, pulse
        self._sightings = Sightings(replica, pulse.silent)
        self._tasks: list[asyncio.Task[None]] = []

    async def ownerless(self) -> list[Held]:
        """What waits and has nobody, or an earlier life of this replica. Raises ``StoreUnavailable``."""
        waiting = await self._offload(self._leases.waiting)
        return [held for held in waiting if held.holder in (None, NOBODY) or self._replica.was(held.holder)]

    def begin(
        self,
        take_over: Callable[[Held], Awaitable[int]],
        resume: Callable[[str], None],
        sweep: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Look from now on: ``take_over`` what others left, ``resume`` what is one's own; ``sweep`` at some looks."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._renewing()), loop.create_task(self._looking(take_over, resume, sweep))]

    async def end(self) -> None:
        """Look no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _renewing(self) -> None:
        while True:
            await asyncio.sleep(self._pulse.renew)
            if busy := self._rooms.busy():
                try:
                    await self._offload(self._leases.renew, self._replica.holder, busy)
                except StoreUnavailable as fault:
                    log.warning("no sign of life given: %s", fault)

    async def _looking(
        self,
        take_over: Callable[[Held], Awaitable[int]],
        resume: Callable[[str], None],
        sweep: Callable[[], Awaitable[None]] | None,
    ) -> None:
        looks = 0
        while True:
            await asyncio.sleep(self._pulse.look)
            looks += 1
            try:
                await self._look_for_turns(take_over, resume)
                if not self._exchange.is_sure or looks % SELDOM == 0:
                    await self._look_for_news()
                if sweep and looks % SWEPT == 0:
                    await sweep()
            except StoreUnavailable as fault:
                self._sightings.forget()
                log.warning("the record was not looked at: %s", fault)
            except Exception:
                log.exception("a look at the record failed")

    async def _look_for_turns(self, take_over: Callable[[Held], Awaitable[int]], resume: Callable[[str], None]) -> None:
        for held in self._sightings.look(await self._offload(self._leases.waiting)):
            room = self._rooms.get(held.conversation_id)
            if room is not None and room.worker:
                continue
            if held.holder == self._replica.holder:
                resume(held.conversation_id)
            else:
                await take_over(held)

    async def _look_for_news(self) -> None:
        followed = self._rooms.followed()
        marks = await self._offload(self._leases.marks, followed) if followed else {}
        for conversation_id, room in followed.items():
            mark = marks.get(conversation_id)
            if mark is None or not mark.is_open or room.generation not in (None, mark.generation):
                room.cut()
            elif mark != room.mark:
                room.ring()
            room.mark = mark



"""The talk with followers: what came is stored, its turn runs apart from the platform's connection, its answer finds its way.

The messages of one follower are taken one by one, and their answers are told in the same order.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import asdict, dataclass

from aid.errors import AidError
from aid.store.errors import StoreUnavailable
from aid.store.followers import Follower, Followers
from aid.store.messages import Inbound
from aid.wording.doors import Wording
from channels.errors import HubStopped, TooManyMessages, TooManyStreams
from channels.hub import Hub
from channels.shared_limits import SharedRateLimit
from channels.wechat.delivery import Delivery
from channels.wechat.incoming import Incoming
from channels.wechat.kinds import Arrival, Kinds, Page
from channels.wechat.leaving import Leaving
from channels.wechat.waiting import Lanes, Waiting

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
"""So often it is looked whether another process has answered."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds: ``answer``: how long the platform's connection is kept waiting (it hangs up after five); ``retry``: between tries to store.

    ``hold``: so much longer the connection of a message is kept that could not be stored yet: the platform hangs up, and sends it again.
    """

    answer: float = 4.0
    retry: float = 0.2
    hold: float = 2.0


class Talk:
    """Takes what followers send and sees to it that they are answered."""

    def __init__(
        self,
        hub: Hub,
        followers: Followers,
        kinds: Kinds,
        delivery: Delivery,
        leaving: Leaving,
        limit: SharedRateLimit,
        wording: Wording,
        tempo: Tempo,
    ) -> None:
        self._hub, self._followers, self._kinds, self._delivery, self._leaving = hub, followers, kinds, delivery, leaving
        self._limit, self._wording, self._tempo = limit, wording, tempo
        self.lanes = Lanes()
        self._running: dict[str, Waiting] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, incoming: Incoming) -> str | None:
        """What is said in the message's own connection; ``None``: nothing now. Never raises for what may go wrong behind the door.

        A repetition that comes while the first still runs joins it: one turn, one answer.
        """
        if incoming.kind == "ignored":
            return None
        waiting = self.take(incoming)
        content = await waiting.listen(self._tempo.answer)
        if content is None and not await waiting.is_kept(self._tempo.hold):
            return None  # nobody hears it: what is not in the record must not be said to be taken
        if content is None and not waiting.is_over and incoming.kind != "unsubscribe":
            if not self._delivery.may_push:
                return self._wording.wechat.later
            self._begin(self._delivery.typing(Follower("", incoming.openid)))
        return content

    def take(self, incoming: Incoming) -> Waiting:
        """Take a message, unless it is being taken already; gives the answer to come."""
        waiting = self._running.get(incoming.key)
        if waiting is None:
            waiting = self._running[incoming.key] = Waiting()
            self._begin(self._take(incoming, waiting))
        return waiting

    async def stop(self, grace: float) -> None:
        """Let what runs come to its end for ``grace`` seconds; the rest is told after the next start, or with the next message."""
        if self._tasks:
            _done, late = await asyncio.wait(set(self._tasks), timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, work: object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _take(self, incoming: Incoming, waiting: Waiting) -> None:
        """One message from its coming to its answer, whatever happens."""
        try:
            async with self.lanes.visit(incoming.openid) as lane:
                async with lane.entrance:
                    before = lane.last
                    found = await self._stored(incoming, waiting)
                    if found is not None:
                        waiting.keep()
                    mine = lane.last = asyncio.current_task()
                if found is not None:
                    if before is not None and before is not mine:
                        await asyncio.wait({before})
                    await self._finish(incoming, found[0], found[1], waiting)
                if lane.last is mine:
                    lane.last = None
        except (StoreUnavailable, HubStopped) as fault:
            log.warning("a follower's message could not be taken to its end: %s", fault)
        except Exception:
            log.exception("a follower's message could not be taken to its end")
        finally:
            if not waiting.is_over:
                waiting.give(None)
            self._running.pop(incoming.key, None)

    async def _stored(self, incoming: Incoming, waiting: Waiting) -> tuple[Follower, Arrival] | None:
        """What came of the message, tried until the record answers or nobody waits any more; ``None`` when nothing is to follow.

        Whom the record does not let us answer is told to send it again, for otherwise it would be lost without a word. Who leaves is
        forgotten as soon as the record allows it, however long that takes.
        """
        end = asyncio.get_running_loop().time() + self._tempo.answer * 0.75
        while True:
            try:
                return await self._arrival(incoming, waiting)
            except (StoreUnavailable, HubStopped) as fault:
                log.warning("%s", fault)
                is_leaving = incoming.kind == "unsubscribe"
                if isinstance(fault, HubStopped) or (asyncio.get_running_loop().time() > end and not is_leaving):
                    waiting.give(None if is_leaving else self._wording.errors.busy)
                    return None
            except AidError:
                log.exception("a follower's message could not be stored")
                waiting.give(self._wording.errors.busy)
                return None
            await asyncio.sleep(self._tempo.retry)

    async def _arrival(self, incoming: Incoming, waiting: Waiting) -> tuple[Follower, Arrival] | None:
        if incoming.kind == "unsubscribe":
            await self._hub.offload(self._leaving.forget, incoming.openid)
            return None
        if await self._hub.offload(self._followers.is_seen, incoming.key):
            return await self._repeated(incoming, waiting)
        if incoming.kind == "scan" or (incoming.kind == "subscribe" and incoming.event_key):
            follower, arrival = await self._kinds.scanned(incoming.openid, incoming)
            await self._hub.offload(self._followers.note, follower, incoming.key, "tap")
            return follower, arrival
        follower = await self._hub.offload(self._followers.enter, incoming.openid)
        try:
            await self._limit.take(follower.conversation_id)
        except TooManyMessages as fault:
            log.info("%s", fault)
            waiting.give(self._wording.errors.too_many)
            return None
        act = "tap" if incoming.is_tap else "message"
        undone = asdict(incoming) if incoming.is_file else None
        is_new = await self._hub.offload(self._followers.note, follower, incoming.key, act, undone)  # type: ignore[arg-type]
        if incoming.is_file:
            waiting.keep()  # to fetch it may take long, and what is to be fetched is written down
        return follower, await self._kinds.arrive(follower, incoming, is_new)

    async def _repeated(self, incoming: Incoming, waiting: Waiting) -> tuple[Follower, Arrival] | None:
        """The same answer once more, or the turn that another process runs, or that a crash left undone."""
        kept = await self._hub.offload(self._followers.answer, incoming.key)
        follower = await self._hub.offload(self._followers.enter, incoming.openid)
        if kept is not None:
            await self._delivery.again(follower, kept, waiting)
            return None
        if incoming.kind == "scan" or (incoming.kind == "subscribe" and incoming.event_key):
            return None
        return follower, await self._kinds.arrive(follower, incoming, False)

    async def _finish(self, incoming: Incoming, follower: Follower, arrival: Arrival, waiting: Waiting) -> None:
        if isinstance(arrival, Page):
            await self._delivery.page(arrival.text, waiting, follower, incoming.key)
            return
        until = None
        if isinstance(arrival, Inbound):
            until = await self._answered(follower, arrival)
            if until is None:
                return  # the program stops before the turn has ended
        await self._delivery.deliver(follower, until, waiting, incoming.key)

    async def _answered(self, follower: Follower, inbound: Inbound) -> int | None:
        """Number of the last reply to a message, once its turn is over; ``None`` when the program stops first.

        Of a message that has no turn, or whose turn is not heard, because staff have the talk: that of the last thing said in it.
        """
        conversation, last = follower.conversation_id, 0
        told_until = (await self._hub.offload(self._followers.standing, conversation)).told_until
        while True:
            try:
                async with aclosing(self._hub.follow(conversation, told_until, BEAT_SECONDS)) as excerpts:
                    async for excerpt in excerpts:
                        seen = excerpt if excerpt is not None else await self._hub.read(conversation, told_until)
                        # What staff and the house say is kept with the newest message, and is no answer to it.
                        own = [reply.number for reply in seen.replies if reply.inbound_id == inbound.id and not reply.body.get("author")]
                        last = max([last, *(reply.number for reply in seen.replies)])
                        if own or not seen.pending:
                            return max(own, default=last)
                return None
            except (StoreUnavailable, TooManyStreams) as fault:
                log.warning("%s", fault)
                await asyncio.sleep(BEAT_SECONDS)

"""The middle of all doors: stores every message first, lets one turn run per conversation, tells who follows.

A peer that hangs up cancels nothing: a turn belongs to the hub, not to the request that brought the message. Several hubs may share a
record: the one that holds a conversation runs its turns (``aid.store.leases``), and takes over what another left (``channels.watch``).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any, ParamSpec, TypeVar

from aid.logs.lines import talk_is
from aid.operations.figures import DoorFigures
from aid.replies import Reply
from aid.store.errors import StoreUnavailable, TurnTaken
from aid.store.leases import Held
from aid.store.messages import Arrival, Beside, Inbound, Messages
from aid.takeover.desk import Desk
from aid.takeover.states import BOT
from aid.wording.doors import Wording
from channels import gate
from channels.errors import HubStopped
from channels.history import Excerpt, History
from channels.replicas import Exchange, News, NoOthers, Replica
from channels.rooms import Room, Rooms, Since
from channels.turns import Bot, Patience, Turns
from channels.watch import Pulse, Watch

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

STORE_THREADS = 4
TURNS_AT_ONCE = 16
MOST_ATTEMPTS = 5
"""A message whose turn was begun anew after this many deaths of who ran it is given up."""


class Hub:
    """Takes messages, runs their turns, lets doors follow the replies."""

    def __init__(
        self,
        messages: Messages,
        history: History,
        bot: Bot,
        wording: Wording,
        patience: Patience | None = None,
        *,
        desk: Desk | None = None,
        replica: Replica | None = None,
        exchange: Exchange | None = None,
        pulse: Pulse | None = None,
        figures: DoorFigures | None = None,
    ) -> None:
        """``desk``: staff who may take talks over; ``replica`` and ``exchange``: who this is among others, and the way to them.

        Where they are not given there are no staff, and this is one alone. ``figures``: what is counted.
        """
        self._messages, self._history, self._desk = messages, history, desk
        self._replica, self._exchange = replica or Replica.begun("alone"), exchange or NoOthers()
        self._me = self._replica.holder
        self.figures = figures or DoorFigures()
        self._threads = ThreadPoolExecutor(STORE_THREADS, thread_name_prefix="store")
        late = desk.late.of if desk else _nothing_late
        self._turns = Turns(messages, bot, wording.replies, self.offload, patience or Patience(), TURNS_AT_ONCE, self._me, late, self.figures)
        self._rooms, self._since = Rooms(), Since()
        self.figures.in_motion.set_function(lambda: len(self._rooms))
        self._watch = Watch(messages.leases, self.offload, self._rooms, self._replica, self._exchange, pulse or Pulse())
        self._arrivals: set[asyncio.Task[Any]] = set()
        self._stopping = asyncio.Event()

    async def offload(self, call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """A blocking call to the record, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(copy_context().run, call, *args, **kwargs))

    async def open(self, door: str, event: str | None = None) -> str:
        """Begin a conversation; gives its id. Raises ``StoreUnavailable``, ``HubStopped``."""
        self._still_open()
        return (await self.offload(self._messages.open_conversation, door, event)).id

    async def receive(
        self, conversation_id: str, client_id: str, text: str = "", choice_id: str | None = None, beside: Beside | None = None
    ) -> tuple[Inbound, bool]:
        """Store what came in and queue its turn; a known ``client_id`` gives the first message and ``False``.

        Of a text the first 10,000 characters are kept; of a choice its label is the text. Of a file, ``beside`` writes its row in the
        message's transaction (what it raises is raised here), and the text stands for it in the talk.

        Raises:
            UnknownChoice: there is no such choice in this conversation.
            UnknownConversation, ConversationClosed, StoreUnavailable, HubStopped: nothing was stored.
        """
        self._still_open()
        # Once begun it is carried to its end, even when the request is cancelled.
        return await asyncio.shield(self._kept(self._arrive(conversation_id, client_id, text, choice_id, beside)))

    async def recover(self) -> int:
        """Run what an earlier life of this replica left undone, and what nobody runs; gives how many messages. Call before the doors open.

        What another replica runs is left to it.
        """
        return sum([await self._take_over(held) for held in await self._watch.ownerless()])

    async def share(self) -> None:
        """From now on hear what other replicas tell, and take over what one that has died left undone. Ends with ``stop``."""
        await self._exchange.open(self._heard, self._heard_again)
        self._watch.begin(self._take_over, self._resume, self._sweep if self._desk else None)

    async def read(self, conversation_id: str, after: int = 0) -> Excerpt:
        """Both sides after reply ``after``; it is a sign of life of a person who waits for staff. Raises ``StoreUnavailable``."""
        seen = await self.offload(self._history.read, conversation_id, after)
        if self._desk and seen.service.state != "bot":
            return replace(seen, service=await self.offload(self._desk.waiting.seen, conversation_id, seen.service))
        return seen

    async def stop_waiting(self, conversation_id: str) -> None:
        """The person waits for staff no more, and is told so; who does not wait is told nothing. Raises ``StoreUnavailable``."""
        if self._desk is not None:
            left = await self.offload(self._desk.waiting.leave, conversation_id, True)
            if left:
                self.told(conversation_id)

    def told(self, conversation_id: str) -> None:
        """Something was written into the talk past the hub: let those who follow it see it, at every replica."""
        self._exchange.tell(News(conversation_id))
        if room := self._rooms.get(conversation_id):
            room.ring()

    @property
    def in_motion(self) -> int:
        """How many conversations have a running turn or someone who follows."""
        return len(self._rooms)

    def check_place(self, conversation_id: str) -> None:
        """Raises ``TooManyStreams`` when no more may follow the conversation."""
        with self._rooms.follow(conversation_id):
            pass

    def cut(self, conversation_id: str) -> None:
        """Let those who follow the conversation go, at every replica: they come again, and only who may still enter gets in."""
        self._exchange.tell(News(conversation_id, cut=True))
        with self._rooms.visit(conversation_id) as room:
            room.cut()

    async def follow(
        self, conversation_id: str, after: int, beat: float, generation: int | None = None
    ) -> AsyncGenerator[Excerpt | None, None]:
        """First everything after reply ``after``, then what is new as it comes; ``None`` after ``beat`` quiet seconds.

        While a person waits for staff his place is looked at with each beat.

        Ends when the hub stops or the conversation is cut, and when the tokens of ``generation`` open it no more.
        Raises ``TooManyStreams``, ``StoreUnavailable``.
        """
        said_until, is_rung = 0, False
        pending: bool | None = None
        service = BOT
        with self._rooms.follow(conversation_id) as room:
            cut = room.enter(generation)
            while not self._stopping.is_set() and room.cuts == cut:
                bell = room.bell()
                seen = await self.read(conversation_id, after)
                said = [one for one in seen.said if one.seq > said_until]
                if said or seen.replies or seen.pending is not pending or seen.service.standing != service.standing:
                    if seen.replies and is_rung:
                        self.figures.took("delivery", time.monotonic() - room.rung)
                    yield Excerpt(said, seen.replies, seen.pending, seen.service)
                pending, service = seen.pending, seen.service
                said_until = max([said_until, *(one.seq for one in said)])
                is_rung = False
                after = max([after, *(reply.number for reply in seen.replies)])
                while not self._stopping.is_set() and room.cuts == cut:
                    try:
                        async with asyncio.timeout(beat):  # wait_for would lose a cancellation that comes with the bell
                            await bell.wait()
                        is_rung = True
                        break
                    except TimeoutError:
                        yield None
                        if service.state != "bot":
                            break

    async def stop(self, grace: float = 5.0) -> None:
        """Take nothing new, end the streams, let turns run ``grace`` seconds more; the rest waits for a start."""
        self.end_streams()
        if self._arrivals:
            await asyncio.wait(set(self._arrivals), timeout=grace)
        workers = {room.worker for room in self._rooms if room.worker}
        if workers:
            _done, late = await asyncio.wait(workers, timeout=grace)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._watch.end()
        with suppress(StoreUnavailable):  # others see then that this replica is gone, some seconds later
            await self.offload(self._messages.leases.leave, self._me)
        await self._exchange.close()
        self._threads.shutdown(wait=True)

    def end_streams(self) -> None:
        """Take nothing new and let those who follow go, so that a server can close its connections."""
        self._stopping.set()
        for room in self._rooms:
            room.ring()

    async def idle(self) -> None:
        """Wait until no turn is running or queued."""
        while workers := {room.worker for room in self._rooms if room.worker}:
            await asyncio.wait(workers)

    def _still_open(self) -> None:
        if self._stopping.is_set():
            raise HubStopped("the program is stopping")

    def _kept(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.get_running_loop().create_task(work)
        self._arrivals.add(task)
        task.add_done_callback(self._arrivals.discard)
        return task

    async def _arrive(
        self, conversation_id: str, client_id: str, text: str, choice_id: str | None, beside: Beside | None
    ) -> tuple[Inbound, bool]:
        talk_is(conversation_id)
        text = gate.storable(text)
        if choice_id is None and beside is None:
            self._turns.prepare(text)
        # The entrance keeps the queue in the order of the record.
        with self._rooms.visit(conversation_id) as room:
            async with room.entrance:
                if choice_id is not None:
                    text = (await self.offload(self._messages.choice, conversation_id, choice_id)).label
                with self.figures.step("store"):
                    arrival = await self.offload(self._messages.arrive, conversation_id, client_id, text, choice_id, beside, self._me)
                if arrival.is_new:
                    self._announce(room, arrival)
            return arrival.inbound, arrival.is_new

    def _announce(self, room: Room, arrival: Arrival) -> None:
        """A message was stored: run it here, or tell who runs the conversation's turns; while staff have the talk it has none."""
        conversation_id, mine = arrival.inbound.conversation_id, arrival.has_turn and arrival.holder == self._me
        self._exchange.tell(News(conversation_id, "" if mine else arrival.holder or ""))
        if mine:
            self._since.begin(arrival.inbound.id)
        if mine and arrival.is_next:
            room.queue.append(arrival.inbound)
            self._start(room, conversation_id)
        elif mine:
            # Other replicas may have stored messages before it: the record knows the order.
            room.more = True
            self._start(room, conversation_id)
        room.ring()

    def _start(self, room: Room, conversation_id: str) -> None:
        if room.worker is None:
            room.worker = asyncio.get_running_loop().create_task(self._work(conversation_id))

    def _resume(self, conversation_id: str) -> None:
        """Look into the record for messages to run: this replica holds the conversation."""
        if not self._stopping.is_set():
            with self._rooms.visit(conversation_id) as room:
                room.more = True
                self._start(room, conversation_id)

    async def _take_over(self, held: Held) -> int:
        """Run what another, or an earlier life, left undone, if nobody else has taken it over; gives how many messages."""
        if self._stopping.is_set() or not await self.offload(self._messages.leases.take_over, held, self._me):
            return 0
        undone = await self.offload(self._messages.pending, held.conversation_id)
        if not undone:
            return 0
        self.figures.taken_over(len(undone))
        log.warning("%d messages of a conversation are taken over", len(undone))
        # Only the first can have been begun; the tracker may have moved on: a fresh one finds the form as the database knows it.
        if await self.offload(self._messages.start_turn, undone[0].id) > MOST_ATTEMPTS:
            log.error("message %s was begun %d times without an end: given up", undone[0].id, MOST_ATTEMPTS)
            with suppress(TurnTaken):
                await self._turns.give_up(undone[0])
        await self.offload(self._messages.bump_epoch, held.conversation_id)
        self._resume(held.conversation_id)
        return len(undone)

    async def _sweep(self) -> None:
        """Look after those who wait for staff. Raises ``StoreUnavailable``."""
        if self._desk:
            for conversation_id in await self.offload(self._desk.waiting.sweep):
                self.told(conversation_id)

    def _heard(self, news: News) -> None:
        room = self._rooms.get(news.conversation)
        if room is not None:
            (room.cut if news.cut else room.ring)()
        if news.holder == self._me:
            self._resume(news.conversation)

    def _heard_again(self) -> None:
        for room in self._rooms:
            room.ring()

    async def _work(self, conversation_id: str) -> None:
        """Run the conversation's turns one after another until none is left."""
        talk_is(conversation_id)
        with self._rooms.visit(conversation_id) as room:
            try:
                while (room.queue or room.more) and not self._stopping.is_set():
                    if not room.queue:
                        room.more = False
                        room.queue.extend(await self._turns.stored(self._messages.pending, conversation_id))
                    elif not await self._turn(room.queue.popleft()):
                        room.queue.clear()
                        room.more = False
                    self._exchange.tell(News(conversation_id))
                    room.ring()
            finally:
                room.queue.clear()
                room.worker = None

    async def _turn(self, inbound: Inbound) -> bool:
        """Run a turn; ``False`` when nothing more of the conversation is to be run here."""
        try:
            await self._turns.run(inbound, self._since.end(inbound.id))
        except TurnTaken:
            self.figures.turn("", "taken_by_another")
            log.warning("message %s is run by another replica", inbound.id)
            return False
        except Exception:
            log.exception("message %s has no end of its turn; it is taken over as after a crash", inbound.id)
            await self._turns.stored(self._messages.leases.leave, self._me, inbound.conversation_id)
            return False
        return True


def _nothing_late(_inbound_id: str) -> list[Reply]:
    return []

"""One room for each conversation in motion: its queue, and the bell that wakes those who follow it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from aid.store.leases import Mark
from aid.store.messages import Inbound
from channels.errors import TooManyStreams

STREAMS = 10
MOST_BEGUN = 10_000


class Room:
    """What one conversation needs while it is in motion."""

    def __init__(self) -> None:
        self.entrance = asyncio.Lock()
        self.queue: deque[Inbound] = deque()
        self.more = False  # whether messages wait that are in the record and not in the queue
        self.worker: asyncio.Task[None] | None = None
        self.followers = 0
        self.visits = 0
        self.cuts = 0
        self.generation: int | None = None  # of the tokens with which the followers came
        self.mark: Mark | None = None  # the record's row when it was last looked at
        self.rung = 0.0  # when the bell last rang, ``time.monotonic``
        self._bell = asyncio.Event()

    def bell(self) -> asyncio.Event:
        """Rings at the next change. Take it before you read, wait for it after: so no change is missed."""
        return self._bell

    def cut(self) -> None:
        """Let all who follow now go."""
        self.cuts += 1
        self.ring()

    def enter(self, generation: int | None) -> int:
        """Begin to follow with a token of this generation; gives the count of cuts, at whose change one must go.

        A later generation lets those of an earlier one go: the talk was handed over at another replica, and that was not heard yet.
        """
        if generation is not None:
            if self.generation is not None and self.generation < generation:
                self.cut()
            elif self.generation is not None and self.generation > generation:
                return self.cuts - 1
            self.generation = generation
        return self.cuts

    def ring(self) -> None:
        """Wake all who follow."""
        self.rung = time.monotonic()
        self._bell.set()
        self._bell = asyncio.Event()


class Since:
    """When messages came whose turn has not begun here yet (``time.monotonic``)."""

    def __init__(self) -> None:
        self._begun: OrderedDict[str, float] = OrderedDict()

    def begin(self, inbound_id: str) -> None:
        """A message has been stored; of many whose turn never begins here the oldest are forgotten."""
        self._begun[inbound_id] = time.monotonic()
        while len(self._begun) > MOST_BEGUN:
            self._begun.popitem(last=False)

    def end(self, inbound_id: str) -> float | None:
        """When the message was stored, if it was here; and it is forgotten."""
        return self._begun.pop(inbound_id, None)


class Rooms:
    """The rooms in use; an unused one is let go."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    def __iter__(self) -> Iterator[Room]:
        """Every room in use."""
        return iter(list(self._rooms.values()))

    def get(self, conversation_id: str) -> Room | None:
        """The conversation's room, if it is in use."""
        return self._rooms.get(conversation_id)

    def busy(self) -> list[str]:
        """The conversations whose turns run here."""
        return [conversation_id for conversation_id, room in self._rooms.items() if room.worker]

    def followed(self) -> dict[str, Room]:
        """The rooms in which somebody listens."""
        return {conversation_id: room for conversation_id, room in self._rooms.items() if room.followers}

    def __len__(self) -> int:
        """How many rooms are in use."""
        return len(self._rooms)

    @contextmanager
    def visit(self, conversation_id: str) -> Iterator[Room]:
        """The conversation's room, kept at least as long as the visit."""
        room = self._rooms.setdefault(conversation_id, Room())
        room.visits += 1
        try:
            yield room
        finally:
            room.visits -= 1
            if not (room.visits or room.worker):
                self._rooms.pop(conversation_id, None)

    @contextmanager
    def follow(self, conversation_id: str) -> Iterator[Room]:
        """A visit of one who listens. Raises ``TooManyStreams``."""
        with self.visit(conversation_id) as room:
            if room.followers >= STREAMS:
                raise TooManyStreams("too many pages follow this conversation")
            room.followers += 1
            try:
                yield room
            finally:
                room.followers -= 1

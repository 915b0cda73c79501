"""The replicas of the doors: who one is, and what they tell each other.

What they tell only makes things fast. Nothing is lost with it: every replica looks into the record too (``channels.watch``).
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from aid.settings import Settings

NAME_LENGTH = 72


@dataclass(frozen=True, slots=True)
class Replica:
    """One start of one replica. ``holder`` is its name in the record: different at each start, so that an earlier life is not taken for this one."""

    name: str
    holder: str

    @classmethod
    def begun(cls, name: str) -> Replica:
        """A new life of the replica of this name."""
        return cls(name, f"{name[:NAME_LENGTH]}#{secrets.token_hex(6)}")

    @classmethod
    def of(cls, settings: Settings) -> Replica:
        """This process: named by ``AID_REPLICA``, otherwise by host and port, on which no two processes can listen."""
        return cls.begun(settings.replica or f"{socket.gethostname()}:{settings.port}")

    def was(self, holder: str | None) -> bool:
        """Whether ``holder`` is an earlier life of this replica, which has certainly ended."""
        return holder is not None and holder != self.holder and holder.rpartition("#")[0] == self.name[:NAME_LENGTH]


@dataclass(frozen=True, slots=True)
class News:
    """Something is new in a conversation. ``holder``: who is to run a turn; ``cut``: who follows must be let go."""

    conversation: str
    holder: str = ""
    cut: bool = False


class Exchange(Protocol):
    """Carries news between the replicas: ``NoOthers``, or ``channels.redis_exchange.RedisExchange``."""

    @property
    def is_sure(self) -> bool:
        """Whether news of others arrives at this moment."""
        ...

    def tell(self, news: News) -> None:
        """Tell all others; returns at once, and never raises."""
        ...

    async def open(self, heard: Callable[[News], None], again: Callable[[], None]) -> None:
        """Begin to listen; ``again`` is called when news may have been missed."""
        ...

    async def close(self) -> None:
        """Listen no more."""
        ...


class NoOthers:
    """Nobody hears, and nothing is heard: one replica, or several that find everything in the record, a second later."""

    is_sure = False

    def tell(self, news: News) -> None:
        """See ``Exchange``."""

    async def open(self, heard: Callable[[News], None], again: Callable[[], None]) -> None:
        """See ``Exchange``."""

    async def close(self) -> None:
        """See ``Exchange``."""

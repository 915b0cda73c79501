"""Several servers that do the same: which one is asked next. Who cannot be reached is left alone for a while; nobody is ever struck off."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

REST_SECONDS = 2.0


@dataclass
class Place:
    """One address, how many requests of ours it has in hand, and until when (monotonic seconds) it is left alone."""

    address: str
    busy: int = 0
    rests_until: float = 0.0


class Places:
    """The addresses of one kind of server, at least one."""

    def __init__(self, addresses: str | Sequence[str]) -> None:
        """Take one address (``http://host:port``) or several."""
        found = [addresses] if isinstance(addresses, str) else addresses
        self._places = [Place(address.rstrip("/")) for address in found]
        self._next = 0

    def least_busy(self) -> list[Place]:
        """All, in the order in which to try them: the least busy first, equals in turn; those that rest last."""
        self._next = (self._next + 1) % len(self._places)
        turned = self._places[self._next :] + self._places[: self._next]
        now = time.monotonic()
        return sorted(turned, key=lambda place: (place.rests_until > now, place.busy))

    def by_text(self, text: str) -> list[Place]:
        """All, beginning with the one that a text belongs to (``bot/several.py`` reckons the same); those that rest last."""
        first = zlib.crc32(text.encode()) % len(self._places)
        turned = self._places[first:] + self._places[:first]
        now = time.monotonic()
        return sorted(turned, key=lambda place: place.rests_until > now)

    def away(self, place: Place) -> None:
        """Leave a place alone for a while."""
        place.rests_until = time.monotonic() + REST_SECONDS

    @contextmanager
    def at_work(self, place: Place) -> Iterator[None]:
        """Count a request while it runs."""
        place.busy += 1
        try:
            yield
        finally:
            place.busy -= 1

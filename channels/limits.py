"""How much and how fast: messages of a conversation, conversations and messages of an address, bytes of a request."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.errors import TooManyFromHere, TooManyMessages

MINUTE = 60.0
BODY_BYTES = 64 * 1024
BODY_SECONDS = 15.0
WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")


class RateLimit:
    """At most ``per_minute`` messages in any 60 s of one conversation."""

    def __init__(self, per_minute: int, seconds: Callable[[], float] = time.monotonic, kept: int = 10_000) -> None:
        """Take the limit, a running count of seconds, and how many conversations are remembered."""
        self._per_minute, self._seconds, self._kept = per_minute, seconds, kept
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, conversation_id: str) -> None:
        """Count one message. Raises ``TooManyMessages``; a refused message is not counted."""
        now = self._seconds()
        times = self._taken.setdefault(conversation_id, deque())
        self._taken.move_to_end(conversation_id)
        while times and times[0] <= now - MINUTE:
            times.popleft()
        if len(times) >= self._per_minute:
            raise TooManyMessages(max(1, math.ceil(times[0] + MINUTE - now)))
        times.append(now)
        while len(self._taken) > self._kept:
            self._taken.popitem(last=False)


class AddressLimit:
    """At most ``per_minute`` of something from one address, all conversations together; saved up, never more than a minute's worth.

    One person's many conversations share it, so that who guesses lookup codes gains nothing by opening new ones. Of an IPv6 address its
    /64 counts: a household has the whole of it. This machine itself is not counted (a proxy must name the address that it speaks for).
    """

    def __init__(self, per_minute: int, seconds: Callable[[], float] = time.monotonic, kept: int = 10_000) -> None:
        """Take the limit, a running count of seconds, and how many addresses are remembered (two numbers each)."""
        self._per_minute, self._seconds, self._kept = per_minute, seconds, kept
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str | None) -> None:
        """Count one. Raises ``TooManyFromHere``; what is refused is not counted."""
        network = network_of(address)
        if network is None:
            return
        now = self._seconds()
        left, since = self._left.get(network, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - since) * self._per_minute / MINUTE)
        if left < 1:
            raise TooManyFromHere(max(1, math.ceil((1 - left) * MINUTE / self._per_minute)))
        self._left[network] = (left - 1, now)
        self._left.move_to_end(network)
        while len(self._left) > self._kept:
            self._left.popitem(last=False)


def network_of(address: str | None) -> str | None:
    """What is counted as one sender: an IPv4 address, an IPv6 /64, an unreadable address as it is; ``None`` for this machine."""
    try:
        known = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return address or None
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is None:
            return None if known.is_loopback else str(ipaddress.ip_network((known, 64), strict=False))
        known = known.ipv4_mapped
    return None if known.is_loopback else str(known)


class BodyLimit:
    """ASGI: reads a request's body whole before the app sees it; refuses one that is too large or too slow."""

    def __init__(
        self, app: ASGIApp, refuse: Callable[[str], ASGIApp], cap: int = BODY_BYTES, left_alone: Callable[[str], bool] = lambda _path: False
    ) -> None:
        """``refuse`` gives the answer to send for the code ``too_large`` or ``too_slow``; routes at paths ``left_alone`` see to it themselves."""
        self._app, self._refuse, self._cap, self._left_alone = app, refuse, cap, left_alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["method"] in WITHOUT_BODY or self._left_alone(scope.get("path", "")):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self._read(scope, receive)
        except TimeoutError:
            await self._refuse("too_slow")(scope, receive, send)
            return
        if body is None:
            await self._refuse("too_large")(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body; ``None`` when it is more than the cap."""
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > self._cap:
            return None
        body = b""
        while len(body) <= self._cap:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        return body if len(body) <= self._cap else None

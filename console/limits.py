"""What of a request is read: a body is taken whole before the app sees it, and refused when it is too large or too slow.

So is the sign of number zero, which no text has and PostgreSQL takes in no text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.headers import SAFE_METHODS

BODY_BYTES = 256 * 1024
BODY_SECONDS = 15.0


class BodyLimit:
    """ASGI: see above."""

    def __init__(self, app: ASGIApp, refuse: Callable[[str], ASGIApp], cap: int = BODY_BYTES) -> None:
        """``refuse`` gives the answer for ``too_large``, ``too_slow`` or ``bad_request``."""
        self._app, self._refuse, self._cap = app, refuse, cap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            await self._refuse("bad_request")(scope, receive, send)
            return
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
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
        if b"\0" in body or (b"%00" in body and b"urlencoded" in dict(scope["headers"]).get(b"content-type", b"")):
            await self._refuse("bad_request")(scope, receive, send)
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

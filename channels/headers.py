"""The headers that every answer carries."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
PLAIN_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PLAIN = {
    "Content-Security-Policy": PLAIN_POLICY,
    "X-Frame-Options": "DENY",
    # The browser then names the origin of a form that is sent, and by that a foreign one is known.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of the pages that need no script: they have none."""
FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

HTTPS_ONLY = "max-age=31536000"
"""Strict-Transport-Security, over https alone: for a year a browser asks this host in no other way (so nobody can put http in between)."""


class SecurityHeaders:
    """ASGI: adds the fixed headers that a route has not set itself; what the API answers is kept in no cache."""

    def __init__(self, app: ASGIApp, replica: str = "") -> None:
        """``replica``: a name that every answer carries, so that one can see behind a proxy who has answered."""
        self._app, self._fixed = app, {**FIXED, "X-Aid-Replica": replica} if replica else FIXED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._fixed.items():
                    headers.setdefault(name, value)  # what a person uploaded goes out under a stricter policy
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
                headers.setdefault("Cache-Control", "no-store" if scope["path"].startswith("/v1/") else "no-cache")
            await send(message)

        await self._app(scope, receive, with_headers)

"""The headers of every answer, and the refusal of whatever another site has begun."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
FIXED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The browser then names the origin of a form that is sent, and by that a foreign one is known.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex, nofollow",
}
HTTPS_ONLY = "max-age=31536000"
"""Strict-Transport-Security, over https alone: for a year a browser asks this host in no other way (so nobody can put http in between)."""
STATIC_PATH = "/static"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def root_of(scope: Scope) -> str:
    """The path below which the workbench lies; a mount inside it writes its own into ``root_path``."""
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    return root.rstrip("/")


class SecurityHeaders:
    """ASGI: adds the fixed headers that a route has not set itself; no page is kept in any cache, scripts and styles are asked for anew."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        is_static = scope["path"].startswith(f"{root_of(scope)}{STATIC_PATH}/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in FIXED.items():
                    headers.setdefault(name, value)
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
                headers.setdefault("Cache-Control", "no-cache" if is_static else "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class OwnFormsOnly:
    """ASGI: lets a changing request through only when the browser says that a page of ours has begun it.

    It says so by ``Sec-Fetch-Site`` or, an older one, by ``Origin``; one that says neither is refused.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[], ASGIApp]) -> None:
        """``refuse`` gives the answer to a foreign request."""
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not is_own(Headers(scope=scope)):
            await self._refuse()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_own(headers: Headers) -> bool:
    """Whether the browser says that a page of this very origin sends the request."""
    fetched, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if fetched is not None and fetched != "same-origin":
        return False
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host", "") != ""
    return fetched is not None

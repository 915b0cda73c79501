"""Which sites may talk to the doors: the door's own pages, and the sites on the list (``AID_SITES``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aid.errors import SettingsError

ALLOWED_METHODS = "GET, POST, PUT, DELETE"
ALLOWED_HEADERS = "Authorization, Content-Type"
EXPOSED_HEADERS = "X-Session-Token, Retry-After"
PREFLIGHT_SECONDS = 600
_SITE = re.compile(r"^[a-z][a-z0-9-]{0,39}$")


class Sites:
    """The list: name of a site → its origins."""

    def __init__(self, origins: Mapping[str, frozenset[str]]) -> None:
        self._origins = dict(origins)
        self._all = frozenset().union(*self._origins.values())

    @classmethod
    def read(cls, text: str) -> Sites:
        """From ``name=origin,origin; name=origin``.

        Raises:
            SettingsError: a name or an origin has no sense; an origin is scheme, host and port alone, https except on loopback.
        """
        found: dict[str, frozenset[str]] = {}
        for part in filter(None, (part.strip() for part in text.split(";"))):
            name, _, origins = part.partition("=")
            name = name.strip()
            if not _SITE.match(name) or name in found:
                raise SettingsError(f"AID_SITES: {name!r} is no name for a site, or stands twice")
            found[name] = frozenset(_origin(one.strip()) for one in origins.split(",") if one.strip())
            if not found[name]:
                raise SettingsError(f"AID_SITES: {name} has no origin")
        return cls(found)

    def allows(self, origin: str, host: str) -> bool:
        """Whether a page of ``origin`` may talk to the door reached as ``host``."""
        return origin in self._all or urlsplit(origin).netloc == host

    def is_of(self, origin: str, site: str) -> bool:
        """Whether ``origin`` belongs to the site of this name."""
        return origin in self._origins.get(site, frozenset())


class SameOrListed:
    """ASGI: refuses a foreign origin before anything is done, answers preflights, and tells browsers who may read."""

    def __init__(self, app: ASGIApp, sites: Sites, refuse: Callable[[], ASGIApp]) -> None:
        self._app, self._sites, self._refuse = app, sites, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        if not self._sites.allows(origin, headers.get("host", "")):
            await self._refuse()(scope, receive, send)
            return
        shared = {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED_HEADERS, "Vary": "Origin"}
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            allowed = {
                "Access-Control-Allow-Methods": ALLOWED_METHODS,
                "Access-Control-Allow-Headers": ALLOWED_HEADERS,
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            }
            await Response(status_code=204, headers={**shared, **allowed})(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(shared)
            await send(message)

        await self._app(scope, receive, with_headers)


def _origin(text: str) -> str:
    parts = urlsplit(text)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("https", "http") or not parts.netloc or parts.path or parts.query or (parts.scheme == "http" and not local):
        raise SettingsError(f"AID_SITES: {text!r} is no origin; write https://host, without a path")
    return text

"""The cookies of the workbench, and the guard of its forms.

Before signing in a browser holds a random word of its own, after it the session's token; either is read by no script, goes with the
browser, and is sent with this site's own requests only. The guard that each form and htmx request carries is made from it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from console.headers import root_of

Cookie = Literal["aid-console", "aid-console-door"]
SESSION: Cookie = "aid-console"
BEFORE: Cookie = "aid-console-door"
LONGEST_TOKEN = 128


def token_of(request: Request, cookie: Cookie) -> str | None:
    """What the cookie holds, where it may be one of ours."""
    token = request.cookies.get(_name(request, cookie), "")
    return token if 0 < len(token) <= LONGEST_TOKEN and token.isascii() else None


def keep(request: Request, response: Response, cookie: Cookie, token: str) -> None:
    """Put ``token`` into the cookie."""
    _set(request, response, cookie, token, None)


def forget(request: Request, response: Response, cookie: Cookie) -> None:
    """Take the cookie away."""
    _set(request, response, cookie, "", 0)


def new_word() -> str:
    """What a browser holds before somebody signs in."""
    return secrets.token_urlsafe(24)


def guard_of(token: str) -> str:
    """The guard of a token of random bits: who does not know the token cannot make it."""
    return hashlib.sha256(b"aid console form 1 " + token.encode()).hexdigest()


def guard_fits(guard: str, token: str) -> bool:
    """Whether ``guard`` is of ``token``; takes the same time either way."""
    return hmac.compare_digest(guard.encode("utf-8", "replace"), guard_of(token).encode())


def _set(request: Request, response: Response, cookie: Cookie, value: str, seconds: int | None) -> None:
    secure = _is_secure(request)
    path = "/" if secure else root_of(request.scope) or "/"
    response.set_cookie(_name(request, cookie), value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="strict")


def _name(request: Request, cookie: Cookie) -> str:
    """Over https a name that a browser takes only from this host, for all of it: no neighbour can plant one."""
    return f"__Host-{cookie}" if _is_secure(request) else cookie


def _is_secure(request: Request) -> bool:
    """Whether the browser came over https; behind a proxy on this machine, what the proxy says (uvicorn reads ``X-Forwarded-Proto``)."""
    return request.url.scheme == "https"

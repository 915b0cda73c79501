"""What lets a browser without scripts into its own talk, and keeps other sites from speaking for it.

The session token lies in a cookie that no script reads and that the browser sends with this site's own requests only. Each form carries a
guard besides, made from the talk and our key, and a request that another site has begun is refused by what the browser says of it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from channels.door import Door, session_of
from channels.errors import ForeignOrigin, TokenOfAnother
from channels.tokens import SessionToken

DOOR = "web"
NAME = "aid-talk"
SECURE_NAME = f"__Host-{NAME}"
"""A browser takes a cookie of this name only over https, from this host, for all of it: no neighbour can plant one."""
LARGE = "aid-large"
YEAR_SECONDS = 365 * 24 * 3600


async def own_talk(request: Request, door: Door) -> SessionToken | None:
    """The session of the cookie; ``None`` when there is none.

    Raises:
        TokenWrong, TokenExpired, TokenRevoked, TokenOfAnother: the cookie opens nothing (any more), or is of another door.
        StoreUnavailable
    """
    token = request.cookies.get(_name(request))
    if not token:
        return None
    session = await session_of(door, token)
    if session.door != DOOR:
        raise TokenOfAnother("the token is another door's")
    return session


def keep_talk(request: Request, response: Response, token: str) -> None:
    """Put the token into the cookie; it goes when the browser is closed."""
    is_secure = _is_secure(request)
    # Without a path it is this folder's: below a sub-path the neighbours do not get it.
    path = "/" if is_secure else None
    response.set_cookie(_name(request), token, path=path, secure=is_secure, httponly=True, samesite="strict")


def forget_talk(request: Request, response: Response) -> None:
    """Take the cookie away."""
    is_secure = _is_secure(request)
    path = "/" if is_secure else None
    response.set_cookie(_name(request), "", max_age=0, path=path, secure=is_secure, httponly=True, samesite="strict")


def keep_large(request: Request, response: Response, large: bool) -> None:
    """Remember the size of type for a year, or forget it."""
    seconds = YEAR_SECONDS if large else 0
    response.set_cookie(LARGE, "1", max_age=seconds, path=None, secure=_is_secure(request), httponly=True, samesite="lax")


def from_here(request: Request) -> None:
    """Hold that one of our own pages sends this form.

    Raises:
        ForeignOrigin: the browser says that another site does. What says nothing of it (an old browser) is held by the guard alone.
    """
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        if fetched not in ("same-origin", "none"):
            raise ForeignOrigin("another site sends the form")
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise ForeignOrigin("another site sends the form")


def _name(request: Request) -> str:
    return SECURE_NAME if _is_secure(request) else NAME


def _is_secure(request: Request) -> bool:
    """Whether the browser came over https; behind a proxy on this machine, what the proxy says (uvicorn reads ``X-Forwarded-Proto``)."""
    return request.url.scheme == "https"

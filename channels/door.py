"""What the routes of the web door share: the door itself, and the session that each request must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from aid.settings import Settings
from channels import wire
from channels.errors import TokenMissing, TokenOfAnother
from channels.files import Files
from channels.hub import Hub
from channels.limits import AddressLimit, RateLimit
from channels.tokens import SessionToken, Tokens
from channels.uploads import Uploads

RENEWED_TOKEN = "X-Session-Token"
ERRORS: dict[int | str, dict[str, Any]] = {s: {"model": wire.Problem} for s in (401, 403, 404, 413, 422, 429, 503)}

bearer = HTTPBearer(auto_error=False, description="The token of the conversation.")


class Limits:
    """What one conversation may say, and what one address may open and say with all its conversations, in a minute."""

    def __init__(self, settings: Settings, messages_per_minute: int) -> None:
        self.messages = RateLimit(messages_per_minute)
        self.openings_here = AddressLimit(settings.address_openings_per_minute)
        self.messages_here = AddressLimit(settings.address_messages_per_minute)


class Door:
    """What the routes need; made when the app starts."""

    def __init__(self, hub: Hub, files: Files, tokens: Tokens, limits: Limits, alive: Callable[[], Any], beat: float) -> None:
        self.hub, self.files, self.tokens, self.limits, self.alive, self.beat = hub, files, tokens, limits, alive, beat
        self.uploads = Uploads()


def the_door(request: Request) -> Door:
    """The door of this app."""
    door: Door = request.app.state.door
    return door


def own_session(
    conversation: str,
    response: Response,
    door: Annotated[Door, Depends(the_door)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> SessionToken:
    """The session of the caller, who must hold this conversation's token; renews an old one in a header."""
    if credentials is None:
        raise TokenMissing("no bearer token came along")
    session = door.tokens.read(credentials.credentials)
    if session.conversation_id != conversation:
        raise TokenOfAnother("the token is for another conversation")
    if fresh := door.tokens.renewed(session):
        response.headers[RENEWED_TOKEN] = fresh
    return session


def address_of(request: Request) -> str | None:
    """Where the request comes from; behind a proxy on this machine, what the proxy says (uvicorn reads ``X-Forwarded-For`` of it alone)."""
    return request.client.host if request.client else None


Address = Annotated[str | None, Depends(address_of)]
AtDoor = Annotated[Door, Depends(the_door)]
Own = Annotated[SessionToken, Depends(own_session)]

"""What the routes of the web door share: the door itself, and the session that each request must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from channels import wire
from channels.errors import TokenMissing, TokenOfAnother
from channels.files import Files
from channels.hub import Hub
from channels.limits import RateLimit
from channels.tokens import SessionToken, Tokens
from channels.uploads import Uploads

RENEWED_TOKEN = "X-Session-Token"
ERRORS: dict[int | str, dict[str, Any]] = {s: {"model": wire.Problem} for s in (401, 403, 404, 413, 422, 429, 503)}

bearer = HTTPBearer(auto_error=False, description="The token of the conversation.")


class Door:
    """What the routes need; made when the app starts."""

    def __init__(self, hub: Hub, files: Files, tokens: Tokens, rate: RateLimit, alive: Callable[[], Any], beat: float) -> None:
        self.hub, self.files, self.tokens, self.rate, self.alive, self.beat = hub, files, tokens, rate, alive, beat
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


AtDoor = Annotated[Door, Depends(the_door)]
Own = Annotated[SessionToken, Depends(own_session)]

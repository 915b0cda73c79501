"""What every route of the web door needs: the door itself, and the session of the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from aid.cases.office import Office
from aid.privacy.vault import Vault
from aid.store.access import Access
from aid.store.ratings import Ratings
from channels import wire
from channels.errors import TokenMissing, TokenOfAnother, TokenRevoked
from channels.hub import Hub
from channels.limits import RateLimit
from channels.sites import Sites
from channels.tokens import SessionToken, Tokens

RENEWED_TOKEN = "X-Session-Token"
ERRORS: dict[int | str, dict[str, Any]] = {s: {"model": wire.Problem} for s in (401, 403, 404, 413, 422, 429, 503)}
bearer = HTTPBearer(auto_error=False, description="The token of the conversation.")


@dataclass(frozen=True)
class Door:
    """What the routes work with; made when the app starts. ``rate``: messages of a conversation; ``openings``: of an address."""

    hub: Hub
    tokens: Tokens
    rate: RateLimit
    openings: RateLimit
    access: Access
    ratings: Ratings
    office: Office
    vault: Vault
    sites: Sites
    alive: Callable[[], Any]
    beat: float


def the_door(request: Request) -> Door:
    """The door of this app."""
    door: Door = request.app.state.door
    return door


AtDoor = Annotated[Door, Depends(the_door)]


def mark_of(request: Request, door: AtDoor) -> str:
    """A short mark of the caller's network address: the same for the same address, and the address cannot be told from it."""
    host = request.client.host if request.client else ""
    return door.vault.fingerprint(f"address {host}")[:22]


async def own_session(
    conversation: str,
    response: Response,
    door: AtDoor,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> SessionToken:
    """The session of the caller, who must hold this conversation's token; renews an old one in a header.

    Raises:
        TokenMissing, TokenWrong, TokenExpired: no good token came along.
        TokenOfAnother: it is another conversation's, or another door's.
        TokenRevoked: the conversation has ended, or was handed to another device.
    """
    if credentials is None:
        raise TokenMissing("no bearer token came along")
    session = door.tokens.read(credentials.credentials)
    if session.conversation_id != conversation:
        raise TokenOfAnother("the token is for another conversation")
    entry = await door.hub.offload(door.access.entry, conversation)
    if entry is None or not entry.is_open or entry.generation != session.generation:
        raise TokenRevoked("the conversation has ended or gone elsewhere")
    if entry.door != session.door:
        raise TokenOfAnother("the token is another door's")
    if fresh := door.tokens.renewed(session):
        response.headers[RENEWED_TOKEN] = fresh
    return session


Own = Annotated[SessionToken, Depends(own_session)]
Mark = Annotated[str, Depends(mark_of)]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="The number of the last reply that is known.")]

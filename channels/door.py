"""What the routes of the web door share: the door itself, and the session that each request must hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from aid.cases.office import Office
from aid.consultation.greeting import Greeting
from aid.privacy.vault import Vault
from aid.store.access import Access
from aid.store.ratings import Ratings
from aid.takeover.desk import Desk
from channels.errors import TokenExpired, TokenMissing, TokenOfAnother, TokenRevoked
from channels.files import Files
from channels.hub import Hub
from channels.kiosk_desk import KioskDesk
from channels.shared_limits import Limits
from channels.sites import Sites
from channels.tokens import SessionToken, Tokens
from channels.uploads import Uploads

RENEWED_TOKEN = "X-Session-Token"
bearer = HTTPBearer(auto_error=False, description="The token of the conversation.")


@dataclass
class Door:
    """What the routes need; made when the app starts."""

    hub: Hub
    files: Files
    tokens: Tokens
    limits: Limits
    access: Access
    ratings: Ratings
    office: Office
    desk: Desk
    kiosk: KioskDesk
    vault: Vault
    sites: Sites
    greeting: Greeting
    beat: float
    uploads: Uploads = field(default_factory=Uploads)


# These are coroutines without need: FastAPI takes plain functions to a thread, several times a request.
async def the_door(request: Request) -> Door:
    """The door of this app."""
    door: Door = request.app.state.door
    return door


async def own_session(
    conversation: str,
    response: Response,
    door: Annotated[Door, Depends(the_door)],
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
    session = await session_of(door, credentials.credentials, conversation)
    if fresh := door.tokens.renewed(session):
        response.headers[RENEWED_TOKEN] = fresh
    return session


async def session_of(door: Door, token: str, conversation: str | None = None) -> SessionToken:
    """The session that a token opens, at its own door; of this conversation alone where one is named. Raises as ``own_session``."""
    session = door.tokens.read(token)
    if conversation not in (None, session.conversation_id):
        raise TokenOfAnother("the token is for another conversation")
    entry = await door.hub.offload(door.access.entry, session.conversation_id)
    if entry is None:
        raise TokenExpired("the conversation has been deleted")
    if not entry.is_open or entry.generation != session.generation:
        raise TokenRevoked("the conversation has ended or gone elsewhere")
    if entry.door != session.door:
        raise TokenOfAnother("the token is another door's")
    return session


async def address_of(request: Request) -> str | None:
    """Where the request comes from; behind a proxy on this machine, what the proxy says (uvicorn reads ``X-Forwarded-For`` of it alone)."""
    return request.client.host if request.client else None


async def mark_of(request: Request, door: Annotated[Door, Depends(the_door)]) -> str:
    """A short mark of the caller's network address: the same for the same address, and the address cannot be told from it."""
    return door.vault.fingerprint(f"address {await address_of(request)}")[:22]


Address = Annotated[str | None, Depends(address_of)]
Mark = Annotated[str, Depends(mark_of)]
AtDoor = Annotated[Door, Depends(the_door)]
Own = Annotated[SessionToken, Depends(own_session)]

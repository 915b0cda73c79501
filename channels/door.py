"""What the routes of the web door share: the door itself, and the session that each request must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from aid.cases.office import Office
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store.access import Access
from aid.store.ratings import Ratings
from channels import wire
from channels.errors import TokenExpired, TokenMissing, TokenOfAnother, TokenRevoked
from channels.files import Files
from channels.hub import Hub
from channels.kiosk_desk import KioskDesk
from channels.limits import AddressLimit, RateLimit
from channels.sites import Sites
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
    kiosk: KioskDesk
    vault: Vault
    sites: Sites
    alive: Callable[[], Any]
    beat: float
    uploads: Uploads = field(default_factory=Uploads)


def the_door(request: Request) -> Door:
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
    session = door.tokens.read(credentials.credentials)
    if session.conversation_id != conversation:
        raise TokenOfAnother("the token is for another conversation")
    entry = await door.hub.offload(door.access.entry, conversation)
    if entry is None:
        raise TokenExpired("the conversation has been deleted")
    if not entry.is_open or entry.generation != session.generation:
        raise TokenRevoked("the conversation has ended or gone elsewhere")
    if entry.door != session.door:
        raise TokenOfAnother("the token is another door's")
    if fresh := door.tokens.renewed(session):
        response.headers[RENEWED_TOKEN] = fresh
    return session


def address_of(request: Request) -> str | None:
    """Where the request comes from; behind a proxy on this machine, what the proxy says (uvicorn reads ``X-Forwarded-For`` of it alone)."""
    return request.client.host if request.client else None


def mark_of(request: Request, door: Annotated[Door, Depends(the_door)]) -> str:
    """A short mark of the caller's network address: the same for the same address, and the address cannot be told from it."""
    return door.vault.fingerprint(f"address {address_of(request)}")[:22]


Address = Annotated[str | None, Depends(address_of)]
Mark = Annotated[str, Depends(mark_of)]
AtDoor = Annotated[Door, Depends(the_door)]
Own = Annotated[SessionToken, Depends(own_session)]

"""The web door's routes beside the talk itself: rate an answer, end the talk, wait no more, hand it to a phone, look a ticket up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from aid.replies import StatusCard
from channels import wire
from channels.door import Address, AtDoor, Door, Mark, Own
from channels.openapi import refusals

router = APIRouter()
ReplyNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of the answer that is rated.")]


@router.put("/v1/conversations/{conversation}/ratings/{number}", status_code=204)
async def rate(conversation: str, number: ReplyNumber, said: wire.Rating, door: AtDoor, _own: Own) -> Response:
    """Say whether an answer solved it; said again, the last word counts."""
    await door.hub.offload(door.ratings.rate, conversation, number, said.solved, said.reason)
    return Response(status_code=204)


@router.post("/v1/conversations/{conversation}/end", status_code=204)
async def end(conversation: str, door: AtDoor, _own: Own) -> Response:
    """End the conversation: its tokens open nothing any more, and its streams end."""
    await door.hub.offload(door.access.end, conversation)
    door.hub.cut(conversation)
    return Response(status_code=204)


@router.delete("/v1/conversations/{conversation}/waiting", status_code=204)
async def stop_waiting(conversation: str, door: AtDoor, _own: Own) -> Response:
    """Wait for staff no more; nothing happens where nobody waits. Who asks for staff says 转人工, or taps such a choice."""
    await door.hub.stop_waiting(conversation)
    return Response(status_code=204)


@router.post("/v1/conversations/{conversation}/handover", status_code=201, response_model=wire.Handover)
async def offer(conversation: str, door: AtDoor, _own: Own) -> wire.Handover:
    """A code, good once for five minutes, with which a phone goes on with this conversation."""
    return wire.Handover(code=await door.hub.offload(door.access.offer_handover, conversation))


@router.post("/v1/handover", status_code=201, response_model=wire.Session, responses=refusals("handover_gone", "too_many_here"))
async def take_over(taken: wire.TakeOver, address: Address, door: AtDoor) -> wire.Session:
    """Go on with a conversation on this device; the one that gave the code is let go. Who lost the answer asks again with the same ``device``."""
    await door.limits.openings_here.take(address)
    conversation, entry = await door.hub.offload(door.access.take_over, taken.code, device=taken.device)
    door.hub.cut(conversation)
    return wire.Session(conversation=conversation, token=door.tokens.issue(conversation, entry.door, entry.generation))


@router.post("/v1/lookup", response_model=wire.TicketState, responses=refusals("ticket_not_found", "too_many_lookups", "too_many_here"))
async def look_up(asked: wire.Lookup, address: Address, mark: Mark, door: AtDoor) -> wire.TicketState:
    """Where a ticket stands, for who holds its number and lookup code; five wrong tries in ten minutes, then a pause."""
    return wire.TicketState(card=await ticket_state(door, asked.number, asked.code, address, mark))


async def ticket_state(door: Door, number: str, code: str, address: str | None, mark: str) -> StatusCard:
    """Where a ticket stands. ``mark`` stands for the caller's address; five wrong tries of it, or for one number, are followed by a pause.

    Raises:
        TicketNotFound, TooManyAttempts, TooManyFromHere, StoreUnavailable
    """
    await door.limits.messages_here.take(address)
    ticket = await door.hub.offload(door.office.tickets.find, number, code, mark)
    return await door.hub.offload(door.office.cards.status, ticket)

"""The talk by form posts alone: what is sent is stored and answered as at every door, then the browser is led to the page of the talk.

A page is held back while an answer is on its way, a few seconds at most; what then is still not there is waited for by the page asking again
by itself, which a person may stop.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from aid.store.errors import StoreUnavailable
from channels.door import Address, AtDoor, Door
from channels.errors import ForeignOrigin, HubStopped, NoPreview, StalePage, TokenError
from channels.history import Excerpt
from channels.hub import Hub
from channels.pages.cookies import DOOR, forget_talk, from_here, keep_talk, own_talk
from channels.pages.forms import Asked, event_code, new_nonce, read_asked, same_message
from channels.pages.plain import ThePages
from channels.pages.rendering import PageRoute, Pages
from channels.pages.transcript import transcript, unheard
from channels.problems import ANSWERS, answer_to
from channels.tokens import SessionToken
from channels.web_files import SANDBOX

MOST_LOOKS = 15
"""So often a page asks again by itself: two minutes, longer than a turn may take."""
MOST_LOOKS_FOR_STAFF = 120
"""So often it asks while staff are waited for: a quarter of an hour."""
NEWEST = "newest"
_LAST = 2**31 - 1

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/talk")
async def show(request: Request, door: AtDoor, pages: ThePages) -> Response:
    """The talk as it stands, or the greeting where there is none yet."""
    asked = request.query_params
    try:
        session = await own_talk(request, door)
    except TokenError:
        response = await _page(request, door, pages, None, note=pages.words.talk.lapsed)
        forget_talk(request, response)
        return response
    if session is None:
        note = pages.words.talk.ended if "ended" in asked else ""
        return await _page(request, door, pages, None, note=note, said=pages.words.talk.no_cookie if "look" in asked else "")
    return await _page(request, door, pages, session, look=_count(asked.get("look")), still="still" in asked, whole="all" in asked)


@router.post("/talk")
async def send(request: Request, door: AtDoor, pages: ThePages, address: Address) -> Response:
    """Words, a choice, a rating, or the end."""
    asked = await read_asked(request)
    session: SessionToken | None = None
    try:
        from_here(request)
        session = await own_talk(request, door)
        _hold_guard(door, session, asked.guard)
        if asked.leave:
            return await _left(request, door, session, asked)
        if asked.rate and session:
            rate = asked.rate
            await door.hub.offload(door.ratings.rate, session.conversation_id, rate.number, rate.solved, rate.reason)
            return _led(request, door, session, f"talk#r{rate.number}")
        if not (asked.text or asked.choice):
            return await _page(request, door, pages, session, status=422, said=pages.words.talk.empty, event=asked.event)
        return await _said(request, door, address, session, asked)
    except tuple(ANSWERS) as fault:
        return await _refused(request, door, pages, session, fault, asked)


@router.post("/talk-file")
async def send_file(request: Request, door: AtDoor, pages: ThePages, address: Address) -> Response:
    """One file, as over the API."""
    session: SessionToken | None = None
    try:
        from_here(request)
        session = await own_talk(request, door)
        await _take_place(door, session, address)
        with door.uploads.place():
            upload = await door.uploads.read(request, beside="guard")
            _hold_guard(door, session, upload.beside)
            if not (upload.name or upload.content):
                return await _page(request, door, pages, session, status=422, said=pages.words.talk.no_file)
            conversation, token = await _entered(door, session, None)
            client_id = same_message(upload.client_id[:32], upload.content)
            await door.files.take(conversation, client_id, upload.name, upload.content)
        return _led(request, door, session, f"talk?look=1#{NEWEST}", token)
    except tuple(ANSWERS) as fault:
        return await _refused(request, door, pages, session, fault, None)


@router.get("/talk-file")
async def preview(request: Request, door: AtDoor, id: str = "") -> Response:
    """A small picture of a file that was sent in this talk."""
    session = await own_talk(request, door)
    content = await door.files.preview(session.conversation_id, id) if session else None
    if content is None:
        raise NoPreview("nothing to see")
    return Response(content, media_type="image/jpeg", headers={**SANDBOX, "Cross-Origin-Resource-Policy": "same-origin"})


async def settled(hub: Hub, conversation: str, seconds: float, looks: bool = False) -> Excerpt:
    """The whole talk, once nothing is pending or after ``seconds``; who ``looks`` for staff is shown it when they say something.

    Raises:
        TooManyStreams, StoreUnavailable
    """
    seen = await hub.read(conversation)
    for_staff = looks and not seen.pending and unheard(seen)
    if not (seen.pending or for_staff):
        return seen
    known = seen.replies[-1].number if for_staff and seen.replies else 0 if for_staff else _LAST
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), aclosing(hub.follow(conversation, known, seconds)) as excerpts:
            async for excerpt in excerpts:
                if excerpt is None:
                    continue
                if excerpt.replies or excerpt.service.state != seen.service.state if for_staff else not excerpt.pending:
                    break
    return await hub.read(conversation)


async def _page(
    request: Request,
    door: Door,
    pages: Pages,
    session: SessionToken | None,
    *,
    status: int = 200,
    note: str = "",
    said: str = "",
    kept: str = "",
    event: str | None = None,
    look: int = 0,
    still: bool = False,
    whole: bool = False,
) -> Response:
    """The page of the talk. ``said``: what went wrong; ``kept``: words that were not sent; ``look``: how often it has asked by itself."""
    talk = None
    if session:
        conversation = session.conversation_id
        waits = not (still or said)
        seen = await settled(door.hub, conversation, pages.wait_seconds, look > 0) if waits else await door.hub.read(conversation)
        talk = transcript(seen, await door.hub.offload(door.ratings.of, conversation), whole)
    pending = talk is not None and talk.pending
    event = event or event_code(request.query_params.get("event")) or ""
    most = MOST_LOOKS if pending else MOST_LOOKS_FOR_STAFF
    looks = pending or (talk is not None and talk.unheard and look > 0)
    shown: dict[str, Any] = {
        "talk": talk,
        "note": note,
        "said": said,
        "kept": kept,
        "nonce": new_nonce(),
        "guard": door.tokens.guard(session) if session else "",
        "event": event,
        "often": door.greeting.of(bool(event)),
        "asks_again": min(max(look, 1) + 1, most) if looks and not (still or said) and look < most else 0,
    }
    response = pages.page(request, "talk", status=status, keep={"event": event} if event else None, **shown)
    if session and (fresh := door.tokens.renewed(session)):
        keep_talk(request, response, fresh)
    return response


async def _said(request: Request, door: Door, address: str | None, session: SessionToken | None, asked: Asked) -> Response:
    await _take_place(door, session, address)
    conversation, token = await _entered(door, session, asked.event)
    await door.hub.receive(conversation, asked.client_id, asked.text, asked.choice or None)
    return _led(request, door, session, f"talk?look=1#{NEWEST}", token)


async def _left(request: Request, door: Door, session: SessionToken | None, asked: Asked) -> Response:
    if asked.leave == "queue":
        if session:
            await door.hub.stop_waiting(session.conversation_id)
        return _led(request, door, session, f"talk#{NEWEST}")
    if session:
        await door.hub.offload(door.access.end, session.conversation_id)
        door.hub.cut(session.conversation_id)
    response = RedirectResponse("talk?ended=1" if asked.leave == "end" else "talk", 303)
    forget_talk(request, response)
    return response


async def _take_place(door: Door, session: SessionToken | None, address: str | None) -> None:
    """Count a message, and a new talk where there is none. Raises ``TooManyMessages``, ``TooManyFromHere``."""
    if session is None:
        await door.limits.openings_here.take(address)
    else:
        await door.limits.messages.take(session.conversation_id)
    await door.limits.messages_here.take(address)


async def _entered(door: Door, session: SessionToken | None, event: str | None) -> tuple[str, str | None]:
    """The conversation, begun where there is none; the token of one that was begun."""
    if session:
        return session.conversation_id, None
    conversation = await door.hub.open(DOOR, event)
    await door.limits.messages.take(conversation)
    return conversation, door.tokens.issue(conversation, DOOR)


def _led(request: Request, door: Door, session: SessionToken | None, where: str, token: str | None = None) -> Response:
    """Lead the browser on (the address is relative: it holds below a sub-path too); a new or renewed token goes into the cookie."""
    response = RedirectResponse(where, 303)
    if fresh := token or (door.tokens.renewed(session) if session else None):
        keep_talk(request, response, fresh)
    return response


def _hold_guard(door: Door, session: SessionToken | None, guard: str) -> None:
    """A form with words for one talk must not speak in another. Raises ``StalePage``."""
    if session and not door.tokens.guards(session, guard):
        raise StalePage("the form was made for another talk")


async def _refused(request: Request, door: Door, pages: Pages, session: SessionToken | None, fault: Exception, asked: Asked | None) -> Response:
    """The talk's page with what went wrong and with the words that were not sent; they are never lost."""
    status, code, headers = answer_to(fault)
    kept, event = (asked.text, asked.event) if asked else ("", None)
    if isinstance(fault, (StoreUnavailable, HubStopped, ForeignOrigin)):
        again = asked.again() if asked and (asked.text or asked.choice) and not isinstance(fault, ForeignOrigin) else None
        return pages.problem(request, fault, again)
    if isinstance(fault, TokenError) or status == 401:
        response = await _page(request, door, pages, None, status=status, said=pages.words.talk.lapsed, kept=kept, event=event)
        forget_talk(request, response)
        return response
    response = await _page(request, door, pages, session, status=status, said=pages.errors.of(code), kept=kept, event=event)
    response.headers.update(headers)
    return response


def _count(raw: str | None) -> int:
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 4 else 0

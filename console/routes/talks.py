"""Talks with people: who waits, who speaks with whom; take over, reply, hand back, end; what is new comes by itself (server-sent events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import StreamingResponse
from starlette.requests import Request
from starlette.responses import Response

from aid.cases.ticket import Ticket
from aid.clock import today
from aid.desk.canned import BLANK, TALK, Placeholder
from aid.people.errors import SessionOver, UnknownPerson
from aid.people.rights import EVERYWHERE, Where, reached, roles_for
from aid.people.sights import Subject
from aid.store.errors import ConversationClosed, StoreUnavailable, UnknownConversation
from aid.store.messages import new_id
from aid.takeover import errors
from aid.takeover.staff import Staff, shown_center
from console.desk import Desk
from console.gate import Visit, staff
from console.rendering import go, pages_of

LOOK_SECONDS = 1.0
SIGN_EVERY = 20
"""Looks between two signs of life of a member of staff, and between two looks at his session."""
BEAT_EVERY = 15
REASON = "contact"
"""Why staff who take a talk over see what was said in it: to speak with the person (knowledge/console.yml)."""

router = APIRouter(prefix="/talks")
Sees = Annotated[Visit, Depends(staff("talk.see"))]
Watches = Annotated[Visit, Depends(staff("talk.see", quiet=True))]
Takes = Annotated[Visit, Depends(staff("talk.take"))]
Said = Annotated[str, Form()]
Act = Callable[[], object]


def member(visit: Visit, talk: str | None = None) -> Staff:
    """The person as one who speaks to people: by his strongest role, of the center at which he has it; of the main center where that is all.

    With ``talk``: a supervisor where he is one of the center whose staff have it.
    """
    roles = roles_for(visit.person, "talk.take")
    grants = [grant for role in roles for grant in visit.person.grants if grant.role == role]
    center = next((grant.center for grant in grants if grant.center != EVERYWHERE), visit.desk.office.router.main.id)
    sign = visit.desk.service.attendance.sign(visit.person.id)
    return Staff(visit.person.id, center, sign, talk is not None and supervises(visit, talk))


def supervises(visit: Visit, talk: str) -> bool:
    """Whether he is supervisor of the center whose staff have the talk."""
    has_it = visit.desk.service.talks.center(talk)
    return has_it is not None and "supervisor" in roles_for(visit.person, "talk.take", Where(has_it))


@router.get("")
def everything(request: Request, visit: Sees) -> Response:
    """Who waits, which talks staff have, and what the bot is talking about."""
    sign = visit.desk.service.attendance.sign(visit.person.id)
    return pages_of(request).page(request, "talks", visit, here="talks", sign=sign, **_lists(visit.desk))


@router.get("/list")
def lists(request: Request, visit: Watches) -> Response:
    """The lists alone, for the page that is open."""
    return pages_of(request).page(request, "talks_list", visit, **_lists(visit.desk))


@router.post("/sign")
def call_me(request: Request, visit: Takes, sign: Said = "") -> Response:
    """How people see this member of staff: a work number, or a name of his choice."""
    visit.desk.service.attendance.call(visit.person.id, sign)
    return go(request, "talks")


@router.get("/news")
async def news(visit: Watches) -> Response:
    """An event whenever a list has changed: how many wait."""

    def look() -> tuple[Any, int]:
        standing = visit.desk.service.talks.standing()
        return standing, sum(state == "waiting" for _talk, state, _owner, _last in standing)

    async def events() -> AsyncIterator[bytes]:
        before: Any = None
        async for _ in _looks(visit):
            known, waiting = await asyncio.to_thread(look)
            yield _event("changed", {"waiting": waiting}) if known != before else b""
            before = known

    return _stream(events())


@router.get("/{id}")
def one(request: Request, id: str, visit: Sees) -> Response:
    """One talk: what was said, and what can be done."""
    return _talk(request, visit, id)


@router.get("/{id}/lines")
def lines(request: Request, id: str, visit: Watches) -> Response:
    """What was said and how it stands, for the page that is open."""
    return _talk(request, visit, id, template="talk_lines")


@router.get("/{id}/stream")
async def stream(id: str, visit: Watches) -> Response:
    """An event whenever something was said in the talk, somebody else speaks in it, or words have reached the person."""
    talks = visit.desk.service.talks

    async def events() -> AsyncIterator[bytes]:
        after, before = (0, 0), None
        async for _ in _looks(visit):
            seen = await asyncio.to_thread(talks.seen, id, after)
            standing = (seen.mark, seen.service.state, seen.owner_id, seen.is_open, await asyncio.to_thread(talks.untold, id))
            yield _event("changed", {"by": seen.lines[-1].by if seen.lines else ""}) if before not in (None, standing) else b""
            after, before = seen.mark, standing

    return _stream(events())


@router.post("/{id}/take")
def take(request: Request, id: str, visit: Takes, colleague: Said = "") -> Response:
    """Take it over; ``colleague``: from one who has it. That he sees what was said is logged."""
    _known(visit.desk, id)
    who = member(visit, id)
    visit.saw("talk.take", Where(who.center), "seen", Subject(talk=id, center=who.center), ["talk"], REASON)
    return _done(request, visit, id, lambda: visit.desk.service.takeovers.take(id, who, bool(colleague)))


@router.post("/{id}/say")
def say(request: Request, id: str, visit: Takes, text: Said = "", sending: Said = "") -> Response:
    """Say something to the person, once for each ``sending`` (a form's own id); words that were not sent stay in the field."""
    return _done(request, visit, id, lambda: visit.desk.service.takeovers.say(id, member(visit), text, sending), text)


@router.post("/{id}/hand-back")
def hand_back(request: Request, id: str, visit: Takes, clean: Said = "") -> Response:
    """Give it back to the bot; ``clean``: without the form that is open."""
    return _done(request, visit, id, lambda: visit.desk.service.takeovers.hand_back(id, member(visit), bool(clean)))


@router.post("/{id}/end")
def end(request: Request, id: str, visit: Takes, clean: Said = "") -> Response:
    """What the person came for is done."""
    return _done(request, visit, id, lambda: visit.desk.service.takeovers.end(id, member(visit), bool(clean)))


def _done(request: Request, visit: Visit, id: str, act: Act, kept: str = "") -> Response:
    """Do it and show the talk; what cannot be done is said there."""
    refused = visit.desk.service.words.refused
    _known(visit.desk, id)
    try:
        act()
    except errors.TakenByColleague as fault:
        said = refused.taken_by.format(who=_called(visit.desk, fault.staff) or fault.shown)
    except errors.NotYours:
        said = refused.not_yours
    except errors.OnlySupervisors:
        said = refused.only_supervisors
    except errors.NothingSaid:
        said = refused.nothing_said
    except errors.EmptyWords:
        said = refused.empty
    except ConversationClosed:
        said = refused.over
    else:
        visit.desk.tell(id)
        return go(request, f"talks/{id}#say")
    return _talk(request, visit, id, said, kept, 409)


def _talk(request: Request, visit: Visit, id: str, fault: str = "", kept: str = "", status: int = 200, template: str = "talk") -> Response:
    desk, service = visit.desk, visit.desk.service
    conversation = _known(desk, id)
    mine = conversation.owner_id == visit.person.id and visit.may("talk.take")
    centers = reached(visit.person, "case.see").in_copy
    tickets = desk.office.tickets.of(id)
    shown = {
        "id": id,
        "talk": conversation,
        "seen": service.talks.seen(id, masked=not mine),
        "mine": mine,
        "owner": _called(desk, conversation.owner_id),
        "reach": service.talks.reach_told(id) if mine else "",
        "untold": service.words.reach.untold.format(count=untold) if (untold := service.talks.untold(id)) else "",
        "sending": new_id(),
        "canned": _ready(visit, tickets) if mine else [],
        "tickets": [(one.number, desk.cases.queue.seen(one.number, centers) is not None) for one in tickets],
        "draft": desk.office.drafts.current(id),
        "kinds": desk.office.kinds,
        "supervises": supervises(visit, id),
        "fault": fault,
        "kept": kept,
    }
    return pages_of(request).page(request, template, visit, status=status, here="talks", **shown)


def _ready(visit: Visit, tickets: Sequence[Ticket]) -> list[tuple[str, str]]:
    """Labels and words of the ready answers; one that needs the number of a case is left out while there is none, or several."""
    service, last = visit.desk.service, tickets[0] if len(tickets) == 1 else None
    center = visit.desk.office.router.center(member(visit).center)
    known: dict[Placeholder, str] = {"center": shown_center(center, service.words.unnamed), "today": f"{today(visit.desk.clock)}"}
    if last is not None:
        known |= {"number": last.number, "kind": visit.desk.office.kinds[last.kind].label}
    fitting = visit.desk.cases.canned.fitting(last.kind if last else "", TALK)
    filled = [(one.label, one.filled(known)) for one in fitting]
    return [*((label, text) for label, text in filled if BLANK not in text), *((one.label, one.text) for one in service.words.canned)]


def _lists(desk: Desk) -> dict[str, Any]:
    talks = desk.service.talks
    taken = talks.taken()
    owners = {talk.owner_id: _called(desk, talk.owner_id) for talk in taken}
    waiting, going_on = talks.waiting(), talks.going_on()
    waits = {talk.conversation_id for talk in waiting}
    return {
        "waiting": waiting,
        "taken": taken,
        "going_on": [talk for talk in going_on if talk.conversation_id not in waits],
        "owners": owners,
        "is_open": desk.service.waiting.is_open(),
        "event_name": lambda code: desk.office.router.event_name(code) or code,
    }


def _known(desk: Desk, id: str) -> Any:
    """The conversation; what is none is a page that is not there."""
    try:
        return desk.service.talks.conversation(id)
    except UnknownConversation as fault:
        raise HTTPException(404) from fault


def _called(desk: Desk, staff_id: str | None) -> str:
    """What colleagues call a member of staff."""
    if not staff_id:
        return ""
    try:
        return desk.accounts.by_id(staff_id).shown
    except UnknownPerson:
        return staff_id


async def _looks(visit: Visit) -> AsyncIterator[None]:
    """A look each second, as long as the process runs and the session lives; now and then a sign of life of who looks."""
    desk, number = visit.desk, 0
    takes = visit.may("talk.take")
    while not desk.closing.is_set():
        if number % SIGN_EVERY == 0:
            if takes:
                await asyncio.to_thread(desk.service.attendance.here, visit.person.id)
            await asyncio.to_thread(desk.sessions.find, visit.signed.token, touch=False)
        number += 1
        yield
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await desk.closing.wait()
        except TimeoutError:
            continue


def _stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    """Server-sent events; a comment now and then keeps the line awake. It ends with the session, and while the record is away."""

    async def body() -> AsyncIterator[bytes]:
        quiet = 0
        yield b": here\n\n"
        try:
            async for told in events:
                quiet = 0 if told else quiet + 1
                if told or quiet % BEAT_EVERY == 0:
                    yield told or b": beat\n\n"
        except (SessionOver, StoreUnavailable, UnknownConversation):
            return

    return StreamingResponse(body(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()

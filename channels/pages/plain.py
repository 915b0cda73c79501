"""The pages that only tell something, and the one that looks a ticket up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from aid.cases.errors import TicketNotFound, TooManyAttempts
from aid.cases.tables import Center
from channels.door import Address, AtDoor, Mark
from channels.errors import TooManyFromHere
from channels.gate import storable
from channels.pages.cookies import from_here
from channels.pages.rendering import STYLE, PageRoute, Pages, pages_of
from channels.problems import answer_to
from channels.talk_ends import ticket_state

MOST_CHARACTERS = 64
"""Of a number or a code."""
ThePages = Annotated[Pages, Depends(pages_of)]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A center as it is shown, or several that nothing verified tells apart."""

    name: str
    task: str
    address: str
    phones: Sequence[str]
    count: int


@router.get("/pages.css")
async def style() -> FileResponse:
    """The style of all plain pages."""
    return FileResponse(STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@router.get("/privacy")
async def privacy(request: Request, pages: ThePages) -> Response:
    """What becomes of personal data."""
    return pages.page(request, "privacy", notice=pages.notice)


@router.get("/accessibility")
async def accessibility(request: Request, pages: ThePages) -> Response:
    """What the pages do for who sees, hears or moves badly, and where they fall short."""
    return pages.page(request, "accessibility", lines=pages.centers.national_lines)


@router.get("/centers")
async def centers(request: Request, pages: ThePages) -> Response:
    """Who receives cases, with what is verified."""
    known = pages.centers.centers
    stations = [center for center in known if center.role == "workstation"]
    return pages.page(
        request,
        "centers",
        main=places([center for center in known if center.role == "main"]),
        subcenters=places([center for center in known if center.role == "subcenter"]),
        stations=places([station for station in stations if station.stands_on != "展会"]),
        expos=places([station for station in stations if station.stands_on == "展会"]),
        lines=pages.centers.national_lines,
    )


@router.get("/lookup")
async def ask(request: Request, pages: ThePages, number: str = "") -> Response:
    """The form; the number may come with the address (a receipt's link), the code never does."""
    number = storable(number)[:MOST_CHARACTERS]
    return pages.page(request, "lookup", keep={"number": number} if number else None, **_form(number))


@router.post("/lookup")
async def look_up(request: Request, pages: ThePages, door: AtDoor, address: Address, mark: Mark) -> Response:
    """Where the ticket stands; wrong tries are counted as at ``/v1/lookup``, together with those."""
    from_here(request)
    form = await request.form(max_files=0, max_fields=4)
    number, code = (storable(str(form.get(name, ""))).strip()[: MOST_CHARACTERS + 1] for name in ("number", "code"))
    words = pages.words.lookup
    missing = [(field, said) for field, value, said in (("number", number, words.missing_number), ("code", code, words.missing_code)) if not value]
    keep = {"number": number[:MOST_CHARACTERS]} if number else None
    if missing:
        return pages.page(request, "lookup", status=422, keep=keep, **_form(number, code, missing))
    try:
        card = await ticket_state(door, number, code, address, mark)
    except (TicketNotFound, TooManyAttempts, TooManyFromHere) as fault:
        status, answer, headers = answer_to(fault)
        response = pages.page(request, "lookup", status=status, keep=keep, **_form(number, code, [("number", pages.errors.of(answer))]))
        response.headers.update(headers)
        return response
    return pages.page(request, "lookup", keep=keep, card=card, number=number, code="", faults=[])


def places(known: Sequence[Center]) -> list[Place]:
    """The centers as shown: a name, address or telephone only where verified; those alike in all that is shown are one, with their count."""
    shown = [Place(c.name or "", c.task, c.address or "", tuple(c.phones), 0) if c.verified else Place("", c.task, "", (), 0) for c in known]
    return [Place(one.name, one.task, one.address, one.phones, shown.count(one)) for one in dict.fromkeys(shown)]


def _form(number: str, code: str = "", faults: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    return {"card": None, "number": number[:MOST_CHARACTERS], "code": code[:MOST_CHARACTERS], "faults": list(faults)}

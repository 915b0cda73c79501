"""The queue of cases, and what announces itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from aid.cases.life import CLOSED
from aid.desk.errors import FilterUnusable
from aid.desk.filters import Filters
from aid.desk.queue import Sees, Tally
from aid.errors import AidError
from aid.people.errors import SessionOver
from aid.people.rights import reached
from aid.reports.errors import ReportError
from console.desk import Desk
from console.gate import Visit, staff
from console.rendering import link_of, pages_of
from console.reports import Behind, behind

router = APIRouter()
NEWS_SECONDS, ALIVE_SECONDS, SESSION_SECONDS = 3.0, 15.0, 30.0
"""How often the record is asked, how often a silent stream says that it lives, how often its session is looked at."""

OF_FIGURE = ("sort", "after")
"""What may be asked for of the cases behind a figure; their other filters are the figure's own."""


def sees(visit: Visit) -> Sees:
    """The centers whose cases he may know of."""
    return reached(visit.person, "case.see").in_copy


@router.get("/cases")
def queue(request: Request, visit: Annotated[Visit, Depends(staff("case.see"))]) -> Response:
    """The queue; the filters stand in the address. With ``figure``: the cases behind a figure of a report."""
    desk, status, fault, pairs, figure = visit.desk, 200, False, request.query_params.multi_items(), None
    try:
        figure = behind(visit, request.query_params)
        filters = Filters.read([("show", "all"), *(pair for pair in pairs if pair[0] in OF_FIGURE)] if figure else pairs)
    except (FilterUnusable, ReportError):
        filters, status, fault, figure = Filters(), 422, True, None
    page = desk.cases.queue.page(filters, sees(visit), visit.person.name, figure.numbers if figure else None)
    more = {
        "filters": filters,
        "page": page,
        "behind": figure,
        "fault": fault,
        "tally": desk.cases.queue.tally(sees(visit)),
        "kinds": {kind.kind: kind.label for kind in desk.office.kinds.values()},
        "states": desk.office.labels.states,
        "closed": CLOSED,
        "urgency": desk.cases.words.urgency,
        "expos": desk.office.router.expos(),
        "matters": matters(desk),
        "centers": [center.id for center in desk.centers.centers],
        "clock": desk.office.deadlines.label,
        "people": shown_names(desk),
        "asks": lambda **changes: _address(request, filters, figure, changes),
    }
    return pages_of(request).page(request, "queue", visit, here="cases", status=status, **more)


@router.get("/cases/news")
async def news(request: Request, visit: Annotated[Visit, Depends(staff("case.see", quiet=True))]) -> Response:
    """Server-sent events: what is new, overdue or about to leave, as often as it changes."""
    return StreamingResponse(_stream(visit), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def shown_names(desk: Desk) -> dict[str, str]:
    """How each member of staff is called, by sign-in name."""
    return {person.name: person.shown for person in desk.accounts.all()}


def _address(request: Request, filters: Filters, figure: Behind | None, changes: dict[str, object]) -> str:
    query = filters.query(**{"after": None, **({"show": "open"} if figure else {}), **changes})
    told = "&".join(part for part in (urlencode(figure.drill.parameters()) if figure else "", query) if part)
    return link_of(request)("cases") + (f"?{told}" if told else "")


def matters(desk: Desk) -> list[tuple[str, str]]:
    """The kinds of right as a form chooses them: value and label."""
    found = (choice.value for kind in desk.office.kinds.values() for field in kind.fields if field.type == "right" for choice in field.choices)
    return [(value, value) for value in dict.fromkeys(found)]


@dataclass
class _Pace:
    """Seconds since something was said and since the session was looked at."""

    silent: float = 0.0
    unchecked: float = 0.0
    told: Tally | None = field(default=None)


async def _stream(visit: Visit) -> AsyncIterator[str]:
    desk, mine, pace = visit.desk, sees(visit), _Pace()
    while not desk.closing.is_set():
        try:
            if pace.unchecked >= SESSION_SECONDS:
                await asyncio.to_thread(desk.sessions.find, visit.signed.token, touch=False)
                pace.unchecked = 0.0
            tally = await asyncio.to_thread(desk.cases.queue.tally, mine)
        except SessionOver:
            yield "event: over\ndata: {}\n\n"
            return
        except AidError:  # a busy database is no news; the next look will tell
            tally = pace.told or Tally(0, 0, 0, "")
        if tally != pace.told:
            pace.told, pace.silent = tally, 0.0
            yield f"event: tally\ndata: {json.dumps(asdict(tally))}\n\n"
        elif pace.silent >= ALIVE_SECONDS:
            pace.silent = 0.0
            yield ": alive\n\n"
        try:
            async with asyncio.timeout(NEWS_SECONDS):
                await desk.closing.wait()
        except TimeoutError:
            pace.silent += NEWS_SECONDS
            pace.unchecked += NEWS_SECONDS

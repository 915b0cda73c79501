"""The web door's routes for kiosks: the page, what it shows, how each machine is, and the way out for staff."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from fastapi import Path as InPath
from fastapi.responses import FileResponse, JSONResponse, Response

from aid.kiosk.tables import STATION
from channels.door import Address, AtDoor, Mark
from channels.kiosk_desk import BeatTaken, Exit, KioskShown, NewBeat, Released
from channels.openapi import refusals

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Stricter than the other pages': nothing is shown, sent or framed but by the kiosk's own files."""
PAGE = "kiosk.html"
StationId = Annotated[str, InPath(pattern=STATION, description="The machine's id in knowledge/kiosk.yml.")]
EventAsked = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_.-]{1,40}$", description="Code of the expo, if any.")]


def serve_kiosk(app: FastAPI, page: Path, missing: Callable[[], JSONResponse]) -> None:
    """The page itself at ``/kiosk``; ``missing`` answers where it is not built."""

    @app.get("/kiosk", include_in_schema=False)
    async def kiosk_page() -> Response:
        file = page / PAGE
        return FileResponse(file, headers={"Content-Security-Policy": POLICY}) if file.is_file() else missing()


router = APIRouter()


@router.get("/v1/kiosk", response_model=KioskShown, responses=refusals("too_many_here"))
async def content(door: AtDoor, address: Address, event: EventAsked = None) -> KioskShown:
    """What a kiosk shows at an expo: its name, ways in, questions with short answers, topics, telephones, words for when the line is down."""
    await door.limits.messages_here.take(address)
    return await door.hub.offload(door.kiosk.shown, event)


@router.post("/v1/stations/{station}/beat", response_model=BeatTaken, responses=refusals("station_unknown", "too_many_here"))
async def beat(station: StationId, said: NewBeat, door: AtDoor, address: Address) -> BeatTaken:
    """A machine of the list says that it is there, and how; staff see it by `aid stations`."""
    await door.limits.messages_here.take(address)
    return BeatTaken(version=await door.hub.offload(door.kiosk.heard, station, said))


@router.post("/v1/kiosk/exit", response_model=Released, responses=refusals("station_unknown", "pin_wrong", "too_many_pins", "too_many_here"))
async def leave(asked: Exit, door: AtDoor, address: Address, mark: Mark) -> Released:
    """Whether the PIN lets staff leave the kiosk; five wrong ones in ten minutes, then a pause."""
    await door.limits.messages_here.take(address)
    await door.hub.offload(door.kiosk.leave, asked.station, asked.pin, mark)
    return Released(exit="allowed")

"""The web door's route for what stands at the head of a talk."""

from __future__ import annotations

from fastapi import APIRouter

from channels import wire
from channels.door import AtDoor

router = APIRouter()


@router.get("/v1/greeting", response_model=wire.Greeting)
async def greeting(door: AtDoor, event: wire.EventCode | None = None) -> wire.Greeting:
    """The questions that many ask, to be shown as buttons; ``event``: those asked at an expo come first."""
    rows = door.greeting.of(event is not None)
    return wire.Greeting(asked=[wire.Asked(label=row.label, say=row.say) for row in rows])

"""Who of the center speaks, and what people see of him."""

from __future__ import annotations

from dataclasses import dataclass

from aid.cases.tables import Center
from aid.takeover.words import Unnamed


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff: ``id`` under which he signs in, ``center`` where he works (its id).

    ``sign`` is what people see of him beside the center: a work number, or how he wishes to be called; empty: nothing.
    """

    id: str
    center: str
    sign: str = ""
    is_supervisor: bool = False


def shown_center(center: Center, unnamed: Unnamed) -> str:
    """The center as people see it: its name once verified, else what kind of center it is."""
    if center.verified and center.name:
        return center.name
    return unnamed.workstation if center.role == "workstation" else unnamed.subcenter

"""When each machine was last heard of, what it runs, and how its line is. No personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from aid.clock import Clock
from aid.kiosk.tables import Station
from aid.store.engine import Store
from aid.store.models import StationRow

SILENT_AFTER = timedelta(minutes=3)
"""A kiosk beats every half minute; after this it counts as gone."""
LineState = Literal["ok", "unsteady"]
Health = Literal["well", "unsteady", "silent", "unseen"]


@dataclass(frozen=True, slots=True)
class Beat:
    """What a machine says of itself: version of its page, its line since the last beat, outages since it was started, whether somebody is at it."""

    event: str | None
    version: str
    line: LineState
    outages: int
    in_use: bool


@dataclass(frozen=True, slots=True)
class StationState:
    """A machine of the list, what it said last (``None``: never heard of), and what this means."""

    station: Station
    beat: Beat | None
    seen_at: datetime | None
    health: Health


class Stations:
    """Keeps the beats. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def heard(self, station_id: str, beat: Beat) -> None:
        """Keep what the machine says now; the caller has made sure that it is on the list."""
        with self._store.session() as session:
            row = session.get(StationRow, station_id, with_for_update=True)
            if row is None:
                row = StationRow(id=station_id)
                session.add(row)
            row.event_code, row.version, row.line = beat.event, beat.version, beat.line
            row.outages, row.in_use, row.seen_at = beat.outages, beat.in_use, self._clock.now()

    def states(self, known: Sequence[Station]) -> list[StationState]:
        """Every machine of the list, in its order."""
        with self._store.reading() as session:
            rows = {row.id: row for row in session.scalars(select(StationRow))}
        return [self._state(station, rows.get(station.id)) for station in known]

    def _state(self, station: Station, row: StationRow | None) -> StationState:
        if row is None:
            return StationState(station, None, None, "unseen")
        line: LineState = "ok" if row.line == "ok" else "unsteady"
        beat = Beat(row.event_code, row.version, line, row.outages, row.in_use)
        if self._clock.now() - row.seen_at > SILENT_AFTER:
            return StationState(station, beat, row.seen_at, "silent")
        return StationState(station, beat, row.seen_at, "well" if line == "ok" else "unsteady")

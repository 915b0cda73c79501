"""`aid stations`: one line for each kiosk."""

from __future__ import annotations

from collections.abc import Callable

from aid.clock import CHANGCHUN
from aid.kiosk.stations import Stations, StationState
from aid.kiosk.tables import load_kiosk
from aid.settings import Settings
from aid.store.engine import open_store


def stations(settings: Settings, line: Callable[[str], None]) -> bool:
    """Show each kiosk of knowledge/kiosk.yml; ``True`` unless one that was heard of has fallen silent.

    Raises:
        KnowledgeError: kiosk.yml cannot be used.
        StoreUnavailable: the database cannot be reached.
    """
    known, store = load_kiosk(settings.knowledge_dir).stations, open_store(settings)
    try:
        found = Stations(store, settings.clock()).states(known)
    finally:
        store.close()
    for state in found:
        line(_line(state))
    return all(state.health != "silent" for state in found)


def _line(state: StationState) -> str:
    station, beat = state.station, state.beat
    head = f"{station.id:<24}{state.health:<10}"
    if beat is None or state.seen_at is None:
        return f"{head}never heard of  event {station.event or '-'}  place {station.place or '-'}"
    seen = f"{state.seen_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}"
    moved = f" (list: {station.event or '-'})" if beat.event != station.event else ""
    return (
        f"{head}seen {seen}  event {beat.event or '-'}{moved}  place {station.place or '-'}  "
        f"version {beat.version}  line {beat.line}, {beat.outages} outages  {'in use' if beat.in_use else 'free'}"
    )

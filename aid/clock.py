"""The one source of time. Everything that asks what time it is takes a ``Clock``."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHANGCHUN = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time in Changchun."""

    def now(self) -> datetime:
        """The present moment, aware, in Asia/Shanghai."""
        ...


class SystemClock:
    """The machine's clock, moved by ``offset`` (zero but in rehearsals of a coming day)."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset

    def now(self) -> datetime:
        """The machine's time plus the offset."""
        return datetime.now(CHANGCHUN) + self._offset


class FixedClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment if moment.tzinfo else moment.replace(tzinfo=CHANGCHUN)

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._moment

    def advance(self, step: timedelta) -> None:
        """Move the clock on by ``step``."""
        self._moment += step


def today(clock: Clock) -> date:
    """The day in Changchun."""
    return clock.now().astimezone(CHANGCHUN).date()


def clock_starting_at(moment: str | None) -> Clock:
    """A running clock that begins at ``moment`` (ISO 8601, Changchun time when no zone is named); the machine's when ``None``.

    Raises:
        ValueError: ``moment`` is not an ISO date or time.
    """
    if not moment:
        return SystemClock()
    start = datetime.fromisoformat(moment)
    if not start.tzinfo:
        start = start.replace(tzinfo=CHANGCHUN)
    return SystemClock(offset=start - datetime.now(CHANGCHUN))

"""Whether a case was dealt with in time, by the clocks that bind the center."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Literal

from aid.cases.deadlines import FIRST_CONTACT, Deadlines, Logged
from aid.cases.kinds import CaseKind
from aid.clock import CHANGCHUN

Verdict = Literal["on_time", "late", "open"]
"""``open``: a clock still runs, or stands still, and none was missed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a log: what happened, and when."""

    kind: Any
    at: datetime


class Judge:
    """Judges cases as of ``today``. A case is late when one of its ``clocks`` was missed, on time when all were stopped before."""

    def __init__(self, kinds: Mapping[str, CaseKind], deadlines: Deadlines, clocks: Collection[str], today: date) -> None:
        self._kinds, self._deadlines, self._clocks, self._today = kinds, deadlines, frozenset(clocks), today
        self._known: dict[tuple[str, str, str | None], Verdict] = {}

    def needs_log(self) -> list[str]:
        """Kinds of case that have further clocks than the first contact: days alone do not tell, for these may be paused."""
        more = self._clocks - {FIRST_CONTACT}
        return [name for name, kind in self._kinds.items() if any(rule.id in more for rule in self._deadlines.rules_of(kind))]

    def by_log(self, kind: str, log: Sequence[Logged]) -> Verdict:
        """The verdict on a case with this log."""
        if kind not in self._kinds:
            return "open"
        found = [deadline for deadline in self._deadlines.of(self._kinds[kind], log) if deadline.rule.id in self._clocks]
        if any(deadline.is_overdue(self._today) for deadline in found):
            return "late"
        return "on_time" if found and all(deadline.met_at for deadline in found) else "open"

    def by_days(self, kind: str, received: str, contacted: str | None) -> Verdict:
        """The verdict on a case whose only clock is the first contact; days as ``2026-11-30``. Many cases share their days."""
        days = (kind, received, contacted)
        if days not in self._known:
            log = [Step("received", noon(received)), *([Step("contacted", noon(contacted))] if contacted else [])]
            self._known[days] = self.by_log(kind, log)
        return self._known[days]


@lru_cache(maxsize=4096)
def noon(day: str) -> datetime:
    """A moment of the day ``2026-11-30`` in Changchun: deadlines look at days only."""
    return datetime.combine(date.fromisoformat(day), time(12), CHANGCHUN)

"""Deadlines of a ticket: reckoned from its log and the working-day calendar each time it is read, never stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.calendar import ONE_DAY, DueDay, WorkingDays
from aid.cases.kinds import CaseKind
from aid.cases.life import EventKind, State, next_state
from aid.clock import CHANGCHUN
from aid.yaml_files import read_yaml_model

FIRST_CONTACT, FIRST_LABEL, FIRST_SOURCE = "first_contact", "第一次联系", "中心的工作目标"
_ANSWERED: tuple[EventKind, ...] = (
    "contacted", "accepted", "returned", "referred", "started", "mediated", "concluded", "withdrawn", "not_accepted", "merged",
)  # fmt: skip


class Logged(Protocol):
    """What a deadline reads of an event."""

    @property
    def kind(self) -> EventKind:
        """What happened."""
        ...

    @property
    def at(self) -> datetime:
        """When, aware."""
        ...


class DeadlineRule(BaseModel):
    """A time limit: what starts its clock, what stops it, how long it runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[a-z_]+$")
    label: str
    kinds: list[str] = []
    since: EventKind
    met_by: list[EventKind]
    working_days: int | None = Field(default=None, ge=0)
    days: int | None = Field(default=None, ge=1)
    paused_in: list[State] = []
    source: str
    verified: bool
    says: str = Field(default="", pattern=r"^$|\{day\}")

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.working_days is None) == (self.days is None):
            raise ValueError("give either working_days or days")
        if self.paused_in and self.days is not None:
            raise ValueError("only working days can be paused")
        return self


class DeadlineRules(BaseModel):
    """knowledge/deadlines.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deadlines: list[DeadlineRule]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [rule.id for rule in self.deadlines]
        if len(ids) != len(set(ids)) or FIRST_CONTACT in ids:
            raise ValueError("a deadline's id stands twice, or is first_contact")
        return self


@dataclass(frozen=True, slots=True)
class Deadline:
    """One running or ended clock. ``due`` is ``None`` while it is paused; ``met_at`` is when it was stopped."""

    rule: DeadlineRule
    since: datetime
    due: DueDay | None
    met_at: datetime | None

    def is_overdue(self, today: date) -> bool:
        """Whether it was missed: stopped after its last day, or still running past it."""
        end = self.met_at.astimezone(CHANGCHUN).date() if self.met_at else today
        return self.due is not None and end > self.due.day


class Deadlines:
    """Reckons the deadlines of a log."""

    def __init__(self, rules: Sequence[DeadlineRule], calendar: WorkingDays) -> None:
        self._rules, self._calendar = rules, calendar
        self._of_kind: dict[tuple[str, int, bool], list[DeadlineRule]] = {}

    def of(self, kind: CaseKind, log: Sequence[Logged]) -> list[Deadline]:
        """Every deadline whose clock was started, in the table's order, the first contact first.

        An event that starts a clock anew (``returned`` is once; ``reopened`` never starts one) counts from its last time.
        """
        return [found for rule in self.rules_of(kind) if (found := self._one(rule, log))]

    def rules_of(self, kind: CaseKind) -> list[DeadlineRule]:
        """The time limits of a kind of case, the first contact first; made once, for reports ask fifty thousand times."""
        of = (kind.kind, kind.first_contact_working_days, kind.verified)
        if of in self._of_kind:
            return self._of_kind[of]
        first = DeadlineRule(
            id=FIRST_CONTACT,
            label=FIRST_LABEL,
            since="received",
            met_by=[*_ANSWERED],
            working_days=kind.first_contact_working_days,
            source=FIRST_SOURCE,
            verified=kind.verified,
        )
        rules = [first, *(rule for rule in self._rules if not rule.kinds or kind.kind in rule.kinds)]
        return self._of_kind.setdefault(of, rules)

    def mark(self, kinds: Iterable[CaseKind]) -> str:
        """16 hex digits that change with the rules, the calendar and the kinds' own targets: what was reckoned by others is stale."""
        targets = sorted((kind.kind, kind.first_contact_working_days, kind.verified) for kind in kinds)
        told = [*(rule.model_dump_json() for rule in self._rules), self._calendar.mark(), repr(targets)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    def label(self, rule_id: str) -> str:
        """What a deadline is called; the id where the table no longer has it."""
        return next((rule.label for rule in self._rules if rule.id == rule_id), FIRST_LABEL if rule_id == FIRST_CONTACT else rule_id)

    def _one(self, rule: DeadlineRule, log: Sequence[Logged]) -> Deadline | None:
        starts = [n for n, event in enumerate(log) if event.kind == rule.since]
        if not starts:
            return None
        start = log[starts[-1]]
        met = next((event.at for event in log[starts[-1] + 1 :] if event.kind in rule.met_by), None)
        begun = start.at.astimezone(CHANGCHUN).date()
        if rule.days is not None:
            return Deadline(rule, start.at, DueDay(begun + timedelta(days=rule.days), not rule.verified), met)
        pauses = _pauses(log, rule.paused_in)
        if met is None and pauses and pauses[-1][1] is None:
            return Deadline(rule, start.at, None, None)
        paused = sum(self._working_days(since, until) for since, until in pauses if until)
        due = self._calendar.after(begun, (rule.working_days or 0) + paused)
        return Deadline(rule, start.at, DueDay(due.day, due.is_estimate or not rule.verified), met)

    def _working_days(self, since: date, until: date) -> int:
        """Working days after ``since`` up to and with ``until``."""
        days = (since + ONE_DAY * n for n in range(1, (until - since).days + 1))
        return sum(self._calendar.is_working_day(day) for day in days)


def _pauses(log: Sequence[Logged], states: Sequence[State]) -> list[tuple[date, date | None]]:
    """The spans of days in which the ticket was in one of ``states``; the last one may be open."""
    spans: list[tuple[date, date | None]] = []
    state: State | None = None
    for event in log:
        day = event.at.astimezone(CHANGCHUN).date()
        before, state = state, next_state(state, event.kind)
        if state in states and before not in states:
            spans.append((day, None))
        elif before in states and state not in states:
            spans[-1] = (spans[-1][0], day)
    return spans


def load_deadlines(knowledge_dir: Path, calendar: WorkingDays) -> Deadlines:
    """The deadlines over the calendar. Raises ``KnowledgeError`` with file and line."""
    return Deadlines(read_yaml_model(knowledge_dir / "deadlines.yml", DeadlineRules).deadlines, calendar)

"""The life of a ticket: its state is what the log says, by an explicit table of transitions that says who may do what.

The states are those of docs/architecture.md. Material that is to be put right is named once and completely (优化营商环境条例 36), so a ticket is
returned at most once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self, get_args

from aid.cases.errors import ForbiddenTransition, IncompleteEvent, NotTheirs

State = Literal[
    "received", "returned", "accepted", "referred", "in_progress", "mediated", "concluded", "withdrawn", "not_accepted", "merged"
]
EventKind = Literal[
    "received", "routed", "transferred", "accepted", "returned", "supplemented", "referred", "started", "contacted", "noted",
    "mediated", "concluded", "withdrawn", "not_accepted", "reopened", "rated", "evidence_added",
    "session", "merged", "joined",
]  # fmt: skip
Role = Literal["system", "person", "intake", "handler", "supervisor"]
CLOSED: frozenset[State] = frozenset({"mediated", "concluded", "withdrawn", "not_accepted", "merged"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something to a ticket: a role and, for staff, the name under which he signs in."""

    role: Role
    name: str = ""

    def __str__(self) -> str:
        return f"{self.role}:{self.name}" if self.name else self.role

    @classmethod
    def read(cls, text: str) -> Self:
        """From ``role`` or ``role:name``. Raises ``ValueError``."""
        role, _, name = text.partition(":")
        if role not in get_args(Role):
            raise ValueError(f"no role {role}")
        return cls(role, name)  # type: ignore[arg-type]


SYSTEM, PERSON = Actor("system"), Actor("person")


class Step(NamedTuple):
    """Where an event leads, and the roles that may do it."""

    to: State
    by: frozenset[Role]


_SYSTEM: frozenset[Role] = frozenset({"system"})
_PERSON: frozenset[Role] = frozenset({"person"})
_DESK: frozenset[Role] = frozenset({"intake", "handler", "supervisor"})
_HANDLERS: frozenset[Role] = frozenset({"handler", "supervisor"})
_ANYONE: frozenset[Role] = _DESK | {"person"}
_FOR_THE_PERSON: frozenset[Role] = frozenset({"person", "intake", "supervisor"})
"""What the person does, or what staff write down for him who comes in person or telephones."""
_JOINERS: frozenset[Role] = frozenset({"intake", "supervisor"})
"""Those who see more than the cases of one desk."""


def _kept(state: State) -> dict[EventKind, Step]:
    """What may happen in an open state without leaving it."""
    return {
        "transferred": Step(state, _DESK),
        "contacted": Step(state, _DESK),
        "noted": Step(state, _DESK),
        "supplemented": Step(state, _ANYONE),
        "evidence_added": Step(state, _ANYONE),
        "joined": Step(state, _JOINERS),
        "merged": Step("merged", _JOINERS),
        "withdrawn": Step("withdrawn", _FOR_THE_PERSON),
    }


def _over(state: State, reopened: State) -> dict[EventKind, Step]:
    """What may happen to a case that is over."""
    return {
        "reopened": Step(reopened, frozenset({"person", "supervisor"})),
        "rated": Step(state, _PERSON),
        "noted": Step(state, _DESK),
    }


TRANSITIONS: dict[State | None, dict[EventKind, Step]] = {
    None: {"received": Step("received", _SYSTEM)},
    "received": {
        **_kept("received"),
        "routed": Step("received", _SYSTEM),
        "accepted": Step("accepted", _DESK),
        "returned": Step("returned", _DESK),
        "referred": Step("referred", _DESK),
        "not_accepted": Step("not_accepted", _HANDLERS),
    },
    "returned": {
        **_kept("returned"),
        "supplemented": Step("received", _ANYONE),
        "not_accepted": Step("not_accepted", _HANDLERS),
    },
    "accepted": {
        **_kept("accepted"),
        "started": Step("in_progress", _HANDLERS),
        "referred": Step("referred", _HANDLERS),
    },
    "referred": {
        **_kept("referred"),
        "started": Step("in_progress", _HANDLERS),
        "concluded": Step("concluded", _HANDLERS),
    },
    "in_progress": {
        **_kept("in_progress"),
        "referred": Step("referred", _HANDLERS),
        "session": Step("in_progress", _HANDLERS),
        "mediated": Step("mediated", _HANDLERS),
        "concluded": Step("concluded", _HANDLERS),
    },
    "mediated": _over("mediated", "in_progress"),
    "concluded": _over("concluded", "in_progress"),
    "withdrawn": _over("withdrawn", "received"),
    "not_accepted": _over("not_accepted", "received"),
    "merged": _over("merged", "received"),
}

NEEDED: dict[EventKind, tuple[str, ...]] = {
    "transferred": ("receiver", "reason"),
    "returned": ("missing",),
    "supplemented": ("text",),
    "referred": ("to", "reason"),
    "mediated": ("outcome",),
    "concluded": ("outcome",),
    "not_accepted": ("reason",),
    "reopened": ("reason",),
    "rated": ("score",),
    "session": ("on",),
    "merged": ("into",),
    "joined": ("number",),
}
"""What an event must say beside itself; empty words do not count."""
SHAPES: dict[str, re.Pattern[str]] = {
    "on": re.compile(r"\d{4}-\d\d-\d\d"),
    "into": re.compile(r"CC-\d{4}-\d{6,}"),
    "number": re.compile(r"CC-\d{4}-\d{6,}"),
    "helper": re.compile(r"[a-z][a-z0-9-]*"),
}
"""How what outlives the deletion of personal data must be written: a day, a ticket's number, a center's id, and never free words."""
ONCE: frozenset[EventKind] = frozenset({"returned"})


def next_state(state: State | None, event: EventKind) -> State:
    """The state after ``event``. Raises ``ForbiddenTransition``."""
    try:
        return TRANSITIONS[state][event].to
    except KeyError as fault:
        raise ForbiddenTransition(f"{event} may not follow the state {state}") from fault


def state_of(events: Iterable[EventKind]) -> State:
    """The state that a log ends in. Raises ``ForbiddenTransition`` for a log that cannot be, or an empty one."""
    state: State | None = None
    seen: set[EventKind] = set()
    for event in events:
        if event in ONCE & seen:
            raise ForbiddenTransition(f"{event} happens once in a ticket's life")
        seen.add(event)
        state = next_state(state, event)
    if state is None:
        raise ForbiddenTransition("a ticket's log is never empty")
    return state


def check_step(log: Sequence[EventKind], event: EventKind, role: Role, detail: dict[str, str]) -> State:
    """The state after ``event`` by ``role``.

    Raises:
        ForbiddenTransition: the present state does not allow it, or it has happened and may only once.
        NotTheirs: another role may do it.
        IncompleteEvent: what must be said with it is missing, or is not written as it must be.
    """
    state = state_of(log) if log else None
    after = state_of([*log, event])
    if role not in TRANSITIONS[state][event].by:
        raise NotTheirs(f"{event} is not for the role {role}")
    if missing := [key for key in NEEDED.get(event, ()) if not detail.get(key, "").strip()]:
        raise IncompleteEvent(f"{event} must say: {', '.join(missing)}", missing)
    if odd := [key for key, shape in SHAPES.items() if key in detail and not shape.fullmatch(detail[key])]:
        raise IncompleteEvent(f"{event}: {', '.join(odd)} cannot be read", odd)
    return after


def open_to(log: Sequence[EventKind], role: Role) -> list[EventKind]:
    """What ``role`` may do to a ticket with this log, in the table's order."""
    row = TRANSITIONS[state_of(log)]
    return [event for event, step in row.items() if role in step.by and not (event in ONCE and event in log)]

"""Who may do what: one table of role × action × whose case it is. Every page, command and query asks it and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, Self, get_args

from aid.people.errors import GrantUnusable, NotAllowed

Role = Literal["supervisor", "handler", "intake", "auditor", "administrator"]
"""The strongest first, where one person has several."""
ROLES: tuple[Role, ...] = get_args(Role)
Action = Literal[
    "case.see",  # queue, case page, masked
    "case.note",  # a note in the log
    "case.work",  # everything else that the table of transitions (aid.cases.life) allows this role
    "case.merge",  # put duplicates together
    "case.reveal",  # personal data unmasked, with a reason
    "case.evidence",  # take an original file out, with a reason
    "case.document",  # the paper to print and sign; it holds personal data in full
    "talk.see",  # waiting list and transcripts of talks
    "talk.take",  # take a talk over, reply, hand back
    "knowledge.see",
    "knowledge.edit",
    "knowledge.approve",  # never one's own change: that is held where it is approved
    "report.see",
    "report.export",
    "log.see",  # who saw and changed personal data
    "people.manage",  # accounts and roles
]
ACTIONS: tuple[Action, ...] = get_args(Action)
Reach = Literal["own", "copy"]
"""``own``: the person's center is the case's present receiver; ``copy``: that, or it is in copy."""
EVERYWHERE = "*"
"""In a grant: the role holds at every center."""

_DESK_OWN: dict[Role, Reach] = {"intake": "own", "handler": "own", "supervisor": "own"}
_DESK_COPY: dict[Role, Reach] = {"intake": "copy", "handler": "copy", "supervisor": "copy"}
MATRIX: dict[Action, dict[Role, Reach]] = {
    "case.see": {**_DESK_COPY, "auditor": "copy"},
    "case.note": _DESK_COPY,
    "case.work": _DESK_OWN,
    "case.merge": {"intake": "own", "supervisor": "own"},
    "case.reveal": _DESK_OWN,
    "case.evidence": _DESK_OWN,
    "case.document": _DESK_OWN,
    "talk.see": {**_DESK_OWN, "auditor": "own"},
    "talk.take": _DESK_OWN,
    "knowledge.see": {**_DESK_OWN, "auditor": "own"},
    "knowledge.edit": {"handler": "own", "supervisor": "own"},
    "knowledge.approve": {"supervisor": "own"},
    "report.see": {"handler": "own", "supervisor": "own", "auditor": "own"},
    "report.export": {"supervisor": "own", "auditor": "own"},
    "log.see": {"supervisor": "own", "auditor": "own"},
    "people.manage": {"administrator": "own"},
}
"""What is not in the table is forbidden. No role reaches a center that it was not granted for."""


class Grant(NamedTuple):
    """A role at a center (its id in knowledge/centers.yml), or everywhere."""

    role: Role
    center: str

    def __str__(self) -> str:
        return f"{self.role}@{self.center}"

    @classmethod
    def read(cls, text: str) -> Self:
        """From ``role@center``; ``role@*`` is everywhere. Raises ``GrantUnusable``."""
        role, at, center = text.strip().partition("@")
        if role not in ROLES or not at or not center:
            raise GrantUnusable(f"{text!r} is no role at a center: write role@center, with one of {', '.join(ROLES)}; role@* is everywhere")
        return cls(role, center)


class Granted(Protocol):
    """Who has roles."""

    @property
    def grants(self) -> Collection[Grant]:
        """His roles and where they hold."""
        ...


@dataclass(frozen=True, slots=True)
class Where:
    """Whose a case is: its present receiver and the centers in copy. Of what belongs to one center (a report) that is the receiver."""

    receiver: str
    copies: tuple[str, ...] = ()


class Centers(NamedTuple):
    """The centers whose cases an action reaches; ``None`` is all. For queries: ``receiver IN receivers OR copies ∩ in_copy``."""

    receivers: frozenset[str] | None
    in_copy: frozenset[str] | None

    @property
    def nothing(self) -> bool:
        """Whether no case is reached."""
        return self.receivers == frozenset() and self.in_copy == frozenset()


def roles_for(person: Granted, action: Action, where: Where | None = None) -> list[Role]:
    """The roles by which ``person`` may do ``action``, the strongest first; ``where`` is ``None`` for what belongs to no center."""
    held = {grant.role for grant in _fitting(person, action) if where is None or _reaches(grant, MATRIX[action][grant.role], where)}
    return [role for role in ROLES if role in held]


def may(person: Granted, action: Action, where: Where | None = None) -> bool:
    """Whether ``person`` may do ``action`` there; with ``where`` left out, whether anywhere."""
    return bool(roles_for(person, action, where))


def must(person: Granted, action: Action, where: Where | None = None) -> Role:
    """The strongest role by which ``person`` may. Raises ``NotAllowed``."""
    roles = roles_for(person, action, where)
    if not roles:
        raise NotAllowed(f"{action} is not allowed here")
    return roles[0]


def reached(person: Granted, action: Action) -> Centers:
    """The centers whose cases ``action`` reaches, for a query that shows only those."""
    grants = list(_fitting(person, action))
    own, copy = {g.center for g in grants}, {g.center for g in grants if MATRIX[action][g.role] == "copy"}
    return Centers(None if EVERYWHERE in own else frozenset(own), None if EVERYWHERE in copy else frozenset(copy))


def may_manage(person: Granted, grants: Iterable[Grant]) -> bool:
    """Whether ``person`` may manage an account with these grants, or give them: only where he himself is administrator."""
    centers = reached(person, "people.manage").receivers
    return centers is None or (bool(centers) and all(grant.center in centers for grant in grants))


def _fitting(person: Granted, action: Action) -> Iterator[Grant]:
    return (grant for grant in person.grants if grant.role in MATRIX[action])


def _reaches(grant: Grant, reach: Reach, where: Where) -> bool:
    if grant.center in (EVERYWHERE, where.receiver):
        return True
    return reach == "copy" and grant.center in where.copies

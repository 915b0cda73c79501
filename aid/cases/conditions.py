"""What a rule of the routing table asks for, held against what is seen of a case."""

from __future__ import annotations

from dataclasses import dataclass

from aid.cases.tables import Conditions, Where

SINGLE = ("kind", "matter", "event", "market", "where")
"""Conditions on something of which a case has one."""
SEVERAL = ("district", "industry")
"""Conditions on something of which a case may have several; one that is asked for will do."""
YES_NO = ("online", "on_site", "urgent")


@dataclass(frozen=True, slots=True)
class View:
    """A case as the rules see it. ``event`` is a code of events.yml; ``on_site`` and ``urgent`` are as the day makes them."""

    kind: str
    matter: str = ""
    event: str = ""
    market: str = ""
    where: Where = "changchun"
    district: frozenset[str] = frozenset()
    industry: frozenset[str] = frozenset()
    online: bool = False
    on_site: bool = False
    urgent: bool = False


def holds(when: Conditions, view: View) -> bool:
    """Whether every condition holds."""
    return (
        all(not (wanted := getattr(when, name)) or getattr(view, name) in wanted for name in SINGLE)
        and all(not (wanted := getattr(when, name)) or getattr(view, name) & set(wanted) for name in SEVERAL)
        and all((wanted := getattr(when, name)) is None or getattr(view, name) == wanted for name in YES_NO)
    )


def implies(narrow: Conditions, wide: Conditions) -> bool:
    """Whether every case of ``narrow`` is one of ``wide`` too."""
    for name in (*SINGLE, *SEVERAL):
        asked = set(getattr(wide, name))
        if asked and not (set(getattr(narrow, name)) and set(getattr(narrow, name)) <= asked):
            return False
    return all(getattr(wide, name) in (None, getattr(narrow, name)) for name in YES_NO)


def is_special(first: Conditions, later: Conditions) -> bool:
    """Whether, among the cases that meet both, ``later`` asks for nothing that ``first`` has not asked for already."""
    return (
        all(not getattr(later, name) or getattr(first, name) for name in SINGLE)
        and all(not (wide := set(getattr(later, name))) or (bool(narrow := set(getattr(first, name))) and narrow <= wide) for name in SEVERAL)
        and all(getattr(later, name) in (None, getattr(first, name)) for name in YES_NO)
    )


def both_can_hold(one: Conditions, other: Conditions) -> bool:
    """Whether a case can meet both."""
    for name in SINGLE:
        first, second = set(getattr(one, name)), set(getattr(other, name))
        if first and second and not first & second:
            return False
    return all(None in (pair := {getattr(one, name), getattr(other, name)}) or len(pair) == 1 for name in YES_NO)

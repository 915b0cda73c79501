"""What the routing table does that its editor may not have meant: rules never reached, rules that vie, cases without a rule of their own.

Every finding is drawn from the conditions alone. A rule that is never reached is an error; the others are told and stop nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from aid.cases.conditions import SEVERAL, SINGLE, YES_NO, View, both_can_hold, holds, implies, is_special
from aid.cases.kinds import CaseKind
from aid.cases.tables import Rule, Tables, Where
from aid.faults import Fault

ANYTHING = "(any other)"
"""Stands for every value that no rule names."""


def table_faults(tables: Tables, kinds: Mapping[str, CaseKind]) -> list[Fault]:
    """Errors, warnings and notes on ``tables``, rule by rule."""
    return [
        *_never_reached(tables),
        *_vying(tables),
        *_without_own_rule(tables, kinds),
        *_industries_without_rule(tables),
        *_expo_days_without_rule(tables),
    ]


def _never_reached(tables: Tables) -> Iterator[Fault]:
    """Rules all of whose cases are taken by rules above them, or whose conditions exclude one another."""
    rules = tables.routing.rules
    for number, rule in enumerate(rules[:-1]):
        above = [other for other in rules[:number] if both_can_hold(other.when, rule.when)]
        if (takers := takers_of(rule, above)) is not None:
            why = f"{', '.join(takers)} above it take every such case" if takers else "its conditions exclude one another"
            yield tables.files["routing"].fault(f"rule {rule.id} is never reached: {why}", ["rules", number])


def takers_of(rule: Rule, above: Sequence[Rule]) -> list[str] | None:
    """Ids of the rules of ``above`` that together take every case of ``rule``; ``None`` when one case gets through."""
    wide = [other for other in above if implies(rule.when, other.when)]
    if wide:
        return [wide[0].id]
    takers: dict[str, None] = {}
    for view in _cases_of(rule, above):
        taker = next((other.id for other in above if holds(other.when, view)), None)
        if taker is None:
            return None
        takers[taker] = None
    return list(takers)


def _cases_of(rule: Rule, above: Sequence[Rule]) -> Iterator[View]:
    """The cases of ``rule`` that tell ``above`` apart: each value that they name, and one that they do not.

    Of several districts or industries the case has one only: more of them would only please more of the rules above.
    """
    choices = [list(getattr(rule.when, name)) or _other_values(name, above) for name in SINGLE]
    choices += [[frozenset({value}) for value in getattr(rule.when, name)] or [frozenset()] for name in SEVERAL]
    choices += [[False, True] if (wanted := getattr(rule.when, name)) is None else [wanted] for name in YES_NO]
    for values in product(*choices):
        view = View(**dict(zip((*SINGLE, *SEVERAL, *YES_NO), values, strict=True)))
        if _can_be(view):
            yield view


def _other_values(name: str, above: Sequence[Rule]) -> list[str]:
    named = {value for rule in above for value in getattr(rule.when, name)}
    if name == "where":
        every: list[Where] = ["changchun", "partner", "province", "elsewhere"]
        return list(every)
    nothing = "" if name in ("event", "market") else ANYTHING
    return [nothing, *sorted(named)]


def _can_be(view: View) -> bool:
    """Whether there is such a case: markets and districts are in Changchun, an expo's days need the expo."""
    return (view.where == "changchun" or not (view.market or view.district)) and (bool(view.event) or not view.on_site)


def _vying(tables: Tables) -> Iterator[Fault]:
    """Rules that can hold together and send to different centers, where the first is not the special case of the later; by the first."""
    rules = tables.routing.rules
    for number, rule in enumerate(rules):
        rivals = [later for later in rules[number + 1 :] if later.to != rule.to and _vie(rule, later)]
        if rivals:
            named = ", ".join(later.id for later in rivals)
            fault = tables.files["routing"].fault(f"{rule.id} ({rule.to}) wins, where both hold, over {named}", ["rules", number])
            yield replace(fault, level="note")


def _vie(first: Rule, later: Rule) -> bool:
    if not both_can_hold(first.when, later.when) or is_special(first.when, later.when):
        return False
    local = ("market", "district")
    outside = [set(rule.when.where) and "changchun" not in rule.when.where for rule in (first, later)]
    inside = [any(getattr(rule.when, name) for name in local) for rule in (first, later)]
    return not ((outside[0] and inside[1]) or (outside[1] and inside[0]))


def _without_own_rule(tables: Tables, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    """Kinds, and rights within them, that only the last rule takes when nothing else is known of the case."""
    rules = tables.routing.rules
    last = len(rules) - 1
    for kind in kinds.values():
        matters = [choice.value for field in kind.fields if field.type == "right" for choice in field.choices] or [""]
        fallen = [matter for matter in matters if _takes(rules, View(kind.kind, matter)) == last]
        if fallen:
            which = f": {', '.join(fallen)}" if any(fallen) and len(fallen) < len(matters) else ""
            fault = tables.files["routing"].fault(f"{kind.kind} has no rule of its own and falls to {rules[last].id}{which}", ["rules", last])
            yield replace(fault, level="warning")


def _takes(rules: Sequence[Rule], view: View) -> int:
    return next((number for number, rule in enumerate(rules) if holds(rule.when, view)), len(rules) - 1)


def _industries_without_rule(tables: Tables) -> Iterator[Fault]:
    conditions = [*(rule.when for rule in tables.routing.rules), *(row.when for row in tables.routing.also)]
    used = {name for when in conditions for name in when.industry}
    for name in tables.routing.industries:
        if name not in used:
            yield replace(tables.files["routing"].fault(f"no rule asks for the industry {name}", ["industries", name]), level="warning")


def _expo_days_without_rule(tables: Tables) -> Iterator[Fault]:
    """An expo whose days are known, while no rule sends to its station on them."""
    served = {code for rule in tables.routing.rules if rule.when.on_site for code in rule.when.event}
    for number, expo in enumerate(tables.expos.events):
        if expo.dates and expo.code not in served:
            fault = tables.files["events"].fault(f"no rule with on_site: true for {expo.code}", ["events", number])
            yield replace(fault, level="warning")

"""The table of rights, line by line, written out a second time by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

import pytest

from aid.people.errors import GrantUnusable, NotAllowed
from aid.people.rights import ACTIONS, EVERYWHERE, MATRIX, ROLES, Action, Centers, Grant, Role, Where, may, may_manage, must, reached, roles_for
from aid.store.people_rows import STAFF_ROLES

# s supervisor, h handler, i intake, u auditor, a administrator; in capitals: of a case in copy too.
LETTERS: dict[Role, str] = {"supervisor": "s", "handler": "h", "intake": "i", "auditor": "u", "administrator": "a"}
WRITTEN: dict[Action, str] = {
    "case.see": "SHIU",
    "case.note": "SHI",
    "case.work": "shi",
    "case.merge": "si",
    "case.reveal": "shi",
    "case.evidence": "shi",
    "case.document": "shi",
    "talk.see": "shiu",
    "talk.take": "shi",
    "knowledge.see": "shiu",
    "knowledge.edit": "sh",
    "knowledge.approve": "s",
    "report.see": "shu",
    "report.export": "su",
    "log.see": "su",
    "people.manage": "a",
}
PLACES = {"own": Where("subcenter-1", ("main",)), "copy": Where("main", ("subcenter-1",)), "other": Where("main", ("subcenter-2",))}


@dataclass(frozen=True)
class Someone:
    grants: tuple[Grant, ...]


def someone(*grants: str) -> Someone:
    return Someone(tuple(Grant.read(grant) for grant in grants))


def test_the_table_is_whole() -> None:
    assert set(MATRIX) == set(ACTIONS) == set(WRITTEN)
    assert set(re.findall(r"'(\w+)'", STAFF_ROLES)) == set(ROLES)


@pytest.mark.parametrize(("role", "action", "place"), [(r, a, p) for r, a, p in product(ROLES, ACTIONS, PLACES)])
def test_a_role_may_what_is_written_at_its_own_center_alone(role: Role, action: Action, place: str) -> None:
    letter = LETTERS[role]
    allowed = (letter in WRITTEN[action].lower() and place == "own") or (letter.upper() in WRITTEN[action] and place == "copy")
    assert may(someone(f"{role}@subcenter-1"), action, PLACES[place]) is allowed


@pytest.mark.parametrize(("role", "action"), [(r, a) for r, a in product(ROLES, ACTIONS)])
def test_a_role_everywhere_may_what_is_written_at_every_center(role: Role, action: Action) -> None:
    allowed = LETTERS[role] in WRITTEN[action].lower()
    assert all(may(someone(f"{role}@*"), action, where) is allowed for where in PLACES.values())


def test_an_auditor_changes_and_reveals_nothing_and_an_administrator_sees_no_case() -> None:
    readers = {action for action in ACTIONS if "auditor" in MATRIX[action]}
    assert readers == {"case.see", "talk.see", "knowledge.see", "report.see", "report.export", "log.see"}
    assert {action for action in ACTIONS if "administrator" in MATRIX[action]} == {"people.manage"}


def test_of_several_roles_the_strongest_that_reaches_the_case_counts() -> None:
    both = someone("intake@subcenter-1", "handler@subcenter-1", "supervisor@subcenter-2")
    assert roles_for(both, "case.work", PLACES["own"]) == ["handler", "intake"]
    assert must(both, "case.work", Where("subcenter-2")) == "supervisor"
    with pytest.raises(NotAllowed):
        must(both, "case.work", Where("main"))


def test_a_query_asks_for_the_centers_that_are_reached() -> None:
    assert reached(someone("handler@subcenter-1", "auditor@main"), "case.see") == Centers(frozenset({"subcenter-1", "main"}), frozenset({"subcenter-1", "main"}))
    assert reached(someone("handler@subcenter-1"), "case.work") == Centers(frozenset({"subcenter-1"}), frozenset())
    assert reached(someone("supervisor@*"), "case.see") == Centers(None, None)
    assert reached(someone("administrator@*"), "case.see").nothing


@pytest.mark.parametrize(
    ("mine", "theirs", "allowed"),
    [
        ("administrator@*", "supervisor@*", True),
        ("administrator@main", "handler@main", True),
        ("administrator@main", "handler@subcenter-1", False),
        ("administrator@main", "handler@*", False),
        ("supervisor@*", "handler@main", False),
        ("auditor@main", "", False),
    ],
)
def test_an_administrator_gives_no_more_than_he_has(mine: str, theirs: str, allowed: bool) -> None:
    assert may_manage(someone(mine), [Grant.read(theirs)] if theirs else []) is allowed


@pytest.mark.parametrize("text", ["", "handler", "handler@", "@main", "boss@main"])
def test_what_is_no_role_at_a_center_is_refused(text: str) -> None:
    with pytest.raises(GrantUnusable):
        Grant.read(text)
    assert str(Grant.read(f"handler@{EVERYWHERE}")) == "handler@*"

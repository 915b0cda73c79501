"""Every role × every action on a case × own center, in copy, another center: tried through HTTP against a table written out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from aid.cases.ticket import Ticket
from aid.people.rights import ROLES, Role
from aid.store.people_rows import SightRow
from tests.console.cases import house_of, photo
from tests.console.desk import Bench, Browser, workbench
from tests.desk.house import House

Place = Literal["own", "copy", "other"]
CENTERS: dict[Place, str] = {"own": "subcenter-1", "copy": "main", "other": "subcenter-3"}
"""A complaint from the motor show is sub-center 1's, with the main center in copy."""
DESK: frozenset[Role] = frozenset({"intake", "handler", "supervisor"})
HANDLERS: frozenset[Role] = frozenset({"handler", "supervisor"})
COUNTER: frozenset[Role] = frozenset({"intake", "supervisor"})
READERS: frozenset[Role] = DESK | {"auditor"}
NOBODY: frozenset[Role] = frozenset()


class Row(NamedTuple):
    """An action: what came before, what its form says, and who may at which place; nobody may at another center."""

    before: tuple[str, ...]
    form: dict[str, Any]
    own: frozenset[Role]
    copy: frozenset[Role] = NOBODY


WORK = ("accepted", "started")
EVENTS: dict[str, Row] = {
    "noted": Row((), {"text": "看过材料"}, DESK, DESK),
    "contacted": Row((), {"way": "电话", "text": "约了明天"}, DESK),
    "accepted": Row((), {}, DESK),
    "returned": Row((), {"missing": ["委托书"], "complete": "1"}, DESK),
    "supplemented": Row(("returned",), {"text": "补来了"}, DESK),
    "transferred": Row((), {"receiver": "subcenter-2", "reason": "归他们"}, DESK),
    "referred": Row(WORK, {"to": "police", "reason": "涉嫌犯罪"}, HANDLERS),
    "started": Row(("accepted",), {}, HANDLERS),
    "session": Row(WORK, {"on": "2026-11-25"}, HANDLERS),
    "mediated": Row(WORK, {"on": "2026-11-23", "outcome": "停止销售"}, HANDLERS),
    "concluded": Row(WORK, {"outcome": "已撤下"}, HANDLERS),
    "not_accepted": Row((), {"reason": "归文化执法"}, HANDLERS),
    "withdrawn": Row((), {"reason": "电话说不办了"}, COUNTER),
    "merged": Row((), {}, COUNTER),
    "reopened": Row((*WORK, "concluded"), {"reason": "又摆出来"}, frozenset({"supervisor"})),
}
REASON = {"reason": "verify", "words": ""}
SIGHTS: dict[str, Row] = {
    "": Row((), {}, READERS, READERS),
    "/reveal": Row((), REASON, DESK),
    "/document": Row((), REASON, DESK),
    "/files/{file}/original": Row((), REASON, DESK),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, own_database: object) -> Iterator[Bench]:
    address = own_database() if callable(own_database) else ""
    with workbench(tmp_path_factory.mktemp("var"), database_url=address) as bench:
        for role in ROLES:
            for place, center in CENTERS.items():
                bench.staff(f"{role}-{place}", f"{role}@{center}")
        yield bench


@pytest.fixture(scope="module")
def house(shared: Bench) -> House:
    return house_of(shared)


@pytest.fixture(scope="module")
def browsers(shared: Bench) -> dict[tuple[Role, Place], Browser]:
    return {(role, place): shared.browser(f"{role}-{place}") for role in ROLES for place in CENTERS}


def begun(house: House, before: tuple[str, ...]) -> Ticket:
    ticket = house.filed()
    house.does(ticket, *before)
    return ticket


def sights(house: House) -> int:
    with house.store.reading() as session:
        return session.scalar(select(func.count()).select_from(SightRow)) or 0


def test_the_table_names_every_action_of_the_desk(shared: Bench) -> None:
    assert set(EVENTS) == set(shared.desk.cases.words.actions)


@pytest.mark.parametrize("place", CENTERS)
@pytest.mark.parametrize("event", EVENTS)
def test_an_action_is_done_by_whom_the_table_names_and_by_nobody_else(
    house: House, browsers: dict[tuple[Role, Place], Browser], event: str, place: Place
) -> None:
    row = EVENTS[event]
    allowed = {"own": row.own, "copy": row.copy, "other": NOBODY}[place]
    ticket = begun(house, row.before)
    for role in ROLES:
        form = {**row.form, **({"into": house.filed().number} if event == "merged" else {})}
        log = house.office.log.events(ticket)
        answer = browsers[role, place].post(f"cases/{ticket.number}/do/{event}", {"seen": f"{log[-1].seq}", "key": uuid4().hex, **form})
        if role in allowed:
            assert answer.status_code == 303, (role, answer.text)
            done = house.office.log.events(ticket)[len(log)]
            assert (done.kind, done.actor) == (event, f"{role}:{role}-{place}")
            ticket = begun(house, row.before)
        else:
            assert answer.status_code == (404 if place == "other" and role in DESK else 409 if is_the_tables(role, event, place) else 403), role
            assert len(house.office.log.events(ticket)) == len(log), role


def is_the_tables(role: Role, event: str, place: Place) -> bool:
    """Whether he may work on the case, and it is the table of transitions that keeps him from this."""
    return place == "own" and role in DESK and (event != "merged" or role in COUNTER)


@pytest.mark.parametrize("place", CENTERS)
@pytest.mark.parametrize("path", SIGHTS)
def test_what_a_case_holds_is_shown_to_whom_the_table_names_and_written_down(
    house: House, browsers: dict[tuple[Role, Place], Browser], path: str, place: Place
) -> None:
    row, ticket = SIGHTS[path], begun(house, ())
    address = f"cases/{ticket.number}{path.format(file=photo(house, ticket))}"
    for role in ROLES:
        allowed, before, browser = role in {"own": row.own, "copy": row.copy, "other": NOBODY}[place], sights(house), browsers[role, place]
        answer = browser.post(address, row.form) if path else browser.get(address)
        if allowed:
            assert answer.status_code == 200, (role, answer.text)
        else:
            assert answer.status_code == (404 if place == "other" and role in (DESK if path else READERS) else 403), role
            assert "王小强" not in answer.text
        assert sights(house) - before == (1 if allowed and path else 0), role

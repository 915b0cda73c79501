"""The board says what the log says, whatever happened, and nothing that the log does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from aid.cases.errors import ForbiddenTransition
from aid.cases.life import CLOSED, NEEDED, PERSON, TRANSITIONS, Actor, EventKind, Role, open_to, state_of
from aid.cases.ticket import Ticket
from aid.clock import today
from aid.store.models import BoardCenterRow, BoardRow, EvidenceRow
from tests.desk.house import HANDLER, INTAKE, SUPERVISOR, House

SAID = {"reason": "理由", "missing": "证书", "text": "补充", "outcome": "结果", "score": "fair", "on": "2026-11-25", "number": "CC-2026-000099"}
ACTORS: dict[Role, Actor] = {"person": PERSON, "handler": HANDLER, "intake": INTAKE, "supervisor": SUPERVISOR, "system": Actor("system")}


def expected(house: House, ticket: Ticket) -> dict[str, object]:
    """Reckoned anew, from the log alone, by what a case page uses."""
    log = house.office.log.events(ticket)
    state = state_of(event.kind for event in log)
    deadlines = house.office.deadlines.of(house.office.kinds[ticket.kind], log)
    running = [] if state in CLOSED else [one for one in deadlines if one.met_at is None]
    days = sorted(one.due.day for one in running if one.due is not None)
    turns = [event for event in log if event.kind in ("accepted", "started", "routed", "transferred")]
    return {
        "state": state,
        "is_closed": state in CLOSED,
        "receiver": house.office.log.receiver(ticket, log),
        "due_on": days[0] if days else None,
        "paused": any(one.due is None for one in running),
        "taken_by": turns[-1].actor.partition(":")[2] if turns[-1].kind in ("accepted", "started") else None,
        "last_seq": len(log),
        "changed_at": log[-1].at,
    }


def assert_drawn(house: House, ticket: Ticket) -> None:
    row, wanted = house.row(ticket), expected(house, ticket)
    assert {name: getattr(row, name) for name in wanted} == wanted
    with house.store.reading() as session:
        centers = {row.center: row.holds for row in session.scalars(select(BoardCenterRow).filter_by(ticket_id=ticket.id))}
    log = house.office.log.events(ticket)
    helpers = {event.detail["helper"] for event in log if event.kind == "referred" and "helper" in event.detail}
    assert {center for center, holds in centers.items() if holds} == {wanted["receiver"]}
    assert set(centers) == {wanted["receiver"], *ticket.copies, *helpers}


class _Walk:
    """One house for many walks; a function's fixture would be made anew for each."""

    house: House | None = None


@pytest.fixture
def walked(house: House) -> Iterator[None]:
    _Walk.house = house
    yield
    _Walk.house = None


@pytest.mark.usefixtures("walked")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from(["expo_complaint", "aid_application"]))
def test_after_any_walk_through_the_table_the_board_equals_the_reckoned(data: st.DataObject, kind: str) -> None:
    house = _Walk.house
    assert house is not None
    ticket = house.filed(kind)
    for _ in range(data.draw(st.integers(0, 8))):
        log = [event.kind for event in house.office.log.events(ticket)]
        role = data.draw(st.sampled_from(["person", "handler", "intake", "supervisor"]))
        events = [event for event in open_to(log, role) if event != "merged"]
        if not events:
            continue
        event: EventKind = data.draw(st.sampled_from(events))
        house.later(hours=data.draw(st.integers(0, 200)))
        detail = {key: SAID.get(key, "x") for key in NEEDED.get(event, ())}
        if event == "transferred":
            centers = [center for center in house.office.router.center_ids() if center != house.office.log.receiver(ticket)]
            detail["receiver"] = data.draw(st.sampled_from(centers))
        if event == "referred" and data.draw(st.booleans()):
            detail["helper"] = data.draw(st.sampled_from(house.office.router.center_ids()))
        house.office.log.add(ticket, event, ACTORS[role], detail)
        assert_drawn(house, ticket)
    assert_drawn(house, ticket)


def test_every_open_state_of_the_table_is_drawn_as_open(house: House) -> None:
    roads: dict[str, tuple[str, ...]] = {
        "received": (), "returned": ("returned",), "accepted": ("accepted",), "referred": ("referred",), "in_progress": ("accepted", "started"),
    }  # fmt: skip
    assert {*roads} == {state for state in TRANSITIONS if state is not None and state not in CLOSED}
    for state, road in roads.items():
        ticket = house.filed()
        house.does(ticket, *road)
        assert (house.row(ticket).state, house.row(ticket).is_closed) == (state, False)


def test_what_is_refused_leaves_the_board_as_it_was(house: House) -> None:
    ticket = house.filed()
    before = house.row(ticket).last_seq
    with pytest.raises(ForbiddenTransition):
        house.does(ticket, "mediated")
    assert house.row(ticket).last_seq == before
    assert_drawn(house, ticket)


def test_a_lost_or_outdated_board_is_drawn_again_and_equals_the_one_before(house: House) -> None:
    tickets = [house.filed() for _ in range(5)]
    house.does(tickets[1], "accepted", "started")
    house.does(tickets[2], "returned")
    before = [(row.ticket_id, row.state, row.due_on, row.taken_by, row.last_seq) for row in map(house.row, tickets)]
    with house.store.session() as session:
        session.execute(delete(BoardCenterRow).where(BoardCenterRow.ticket_id == tickets[0].id))
        session.execute(delete(BoardRow).where(BoardRow.ticket_id == tickets[0].id))
        session.execute(update(BoardRow).where(BoardRow.ticket_id != tickets[0].id).values(reckoned_by="other", due_on=date(2000, 1, 1), state="concluded"))
    assert house.office.board.catch_up(at_once=2) == 5
    assert [(row.ticket_id, row.state, row.due_on, row.taken_by, row.last_seq) for row in map(house.row, tickets)] == before
    for ticket in tickets:
        assert_drawn(house, ticket)
    assert house.office.board.catch_up() == 0


def test_other_rules_or_another_calendar_make_another_mark(house: House) -> None:
    office = house.office
    kinds = list(office.kinds.values())
    marks = {
        office.deadlines.mark(kinds),
        office.deadlines.mark([kinds[0].model_copy(update={"first_contact_working_days": 9}), *kinds[1:]]),
        type(office.deadlines)([], office.calendar).mark(kinds),
        type(office.deadlines)([], type(office.calendar)({})).mark(kinds),
    }
    assert len(marks) == 4
    assert office.deadlines.mark(kinds) == office.deadlines.mark(kinds[::-1])


def test_a_file_that_comes_later_moves_the_board_too(house: House) -> None:
    ticket = house.filed()
    inbound, _ = house.messages.add_inbound(ticket.conversation_id, uuid4().hex, "照片")
    with house.store.session() as session:
        session.add(
            EvidenceRow(
                id="e" * 22, conversation_id=ticket.conversation_id, inbound_id=inbound.id, type="jpeg", size=1, sha256="a" * 64,
                name_sealed=house.vault.encrypt("a.jpg"), has_preview=False, received_at=house.clock.now(),
            )
        )  # fmt: skip
    house.later(days=1)
    assert house.office.additions.add("e" * 22, ticket.conversation_id, ticket.id)
    assert_drawn(house, ticket)
    assert house.row(ticket).last_seq == 3


def test_the_board_holds_nothing_of_the_person(house: House) -> None:
    house.filed()
    with house.store.reading() as session:
        told = repr(session.execute(text("SELECT * FROM board")).all())
    assert not any(secret in told for secret in ("王小强", "13900007101", "车灯", "亮车灯具", "B12"))


def test_the_first_contact_is_the_first_clock_and_stops_when_staff_answer(house: House) -> None:
    ticket = house.filed()
    assert (house.row(ticket).clock, house.row(ticket).due_on) == ("first_contact", today(house.clock) + timedelta(days=1))
    house.does(ticket, "contacted")
    assert (house.row(ticket).clock, house.row(ticket).due_on) == (None, None)

"""What staff do to a case: every action from the first to the last, what a form must say, two people at once, two cases made one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import get_args
from uuid import uuid4

import pytest

from aid.cases.errors import ForbiddenTransition, LogMoved, NotTheirs
from aid.cases.life import CLOSED, TRANSITIONS, Actor, EventKind, State
from aid.cases.ticket import Ticket, TicketEvent
from aid.desk.casefile import changes
from aid.desk.errors import ActionUnusable, NotOffered
from aid.desk.words import NOT_STAFFS
from tests.desk.house import HANDLER, INTAKE, SUPERVISOR, House

FORMS: dict[str, dict[str, list[str]]] = {
    "accepted": {},
    "returned": {"missing": ["专利证书", "身份证明\n委托书"], "complete": ["1"]},
    "supplemented": {"text": ["当面补了证书"]},
    "transferred": {"receiver": ["subcenter-2"], "reason": ["属于光电"]},
    "referred": {"to": ["police"], "reason": ["涉嫌犯罪"]},
    "started": {"text": [""]},
    "contacted": {"way": ["电话"], "text": ["说好周三来"]},
    "noted": {"text": ["对方是老熟人"]},
    "session": {"on": ["2026-11-25"], "text": ["上午九点"]},
    "mediated": {"on": ["2026-11-23"], "outcome": ["对方停止销售"]},
    "concluded": {"outcome": ["已撤下"]},
    "withdrawn": {"reason": ["电话说不办了"]},
    "not_accepted": {"reason": ["归文化执法管"]},
    "reopened": {"reason": ["又卖了"]},
}


def take(house: House, ticket: Ticket, kind: str, form: dict[str, list[str]] | None = None, by: Actor = SUPERVISOR, seen: int | None = None, key: str = "") -> TicketEvent:
    return house.desk.actions.take(
        ticket, kind, FORMS[kind] if form is None else form, by, seen=seen, key=key or uuid4().hex, may_see=lambda number: house.desk.queue.seen(number, None) is not None
    )


def log(house: House, ticket: Ticket) -> Sequence[TicketEvent]:
    return house.office.log.events(ticket)


def faults(house: House, ticket: Ticket, kind: str, **changes: list[str]) -> dict[str, str]:
    before = len(log(house, ticket))
    with pytest.raises(ActionUnusable) as caught:
        take(house, ticket, kind, {**FORMS.get(kind, {}), **changes})
    assert len(log(house, ticket)) == before, "nothing was written"
    return caught.value.faults


def test_a_case_goes_from_new_to_concluded_with_every_action_on_its_way(house: House) -> None:
    ticket = house.filed()
    road = [
        "noted", "contacted", "returned", "supplemented", "transferred", "accepted", "started", "session", "referred", "started",
        "concluded", "reopened", "mediated", "reopened", "withdrawn", "reopened", "not_accepted",
    ]  # fmt: skip
    for kind in road:
        offered = house.desk.actions.offered(log(house, ticket), SUPERVISOR)
        assert kind in offered
        event = take(house, ticket, kind, seen=len(log(house, ticket)))
        assert (event.kind, event.actor) == (kind, "supervisor:chief1")
    assert {*road} | {"merged"} == {*house.desk.words.actions}
    assert [event.kind for event in log(house, ticket)][2:] == road


def test_in_every_state_exactly_the_tables_actions_are_offered(house: House) -> None:
    roads: dict[State, list[str]] = {
        "received": [], "returned": ["returned"], "accepted": ["accepted"], "referred": ["referred"], "in_progress": ["accepted", "started"],
        "mediated": ["accepted", "started", "mediated"], "concluded": ["referred", "concluded"], "withdrawn": ["withdrawn"],
        "not_accepted": ["not_accepted"],
    }  # fmt: skip
    assert {*roads} | {"merged"} == {*get_args(State)}
    for state, road in roads.items():
        ticket = house.filed()
        for kind in road:
            take(house, ticket, kind)
        for actor in (INTAKE, HANDLER, SUPERVISOR):
            row: dict[EventKind, object] = {event: step for event, step in TRANSITIONS[state].items() if actor.role in step.by}
            assert {*house.desk.actions.offered(log(house, ticket), actor)} == {*row} - NOT_STAFFS
            for kind in {*house.desk.words.actions} - {*row}:
                if kind not in ("merged",):
                    with pytest.raises(ForbiddenTransition):
                        take(house, ticket, kind, by=actor)


def test_what_a_form_says_stands_in_the_log(house: House) -> None:
    ticket = house.filed()
    assert take(house, ticket, "returned").detail == {"missing": "专利证书；身份证明；委托书"}
    assert take(house, ticket, "contacted").detail == {"way": "电话", "text": "说好周三来"}
    assert take(house, ticket, "transferred").detail == {"receiver": "subcenter-2", "reason": "属于光电"}
    assert take(house, ticket, "supplemented").detail == {"text": "当面补了证书"}
    assert take(house, ticket, "referred", {"to": ["police"], "reason": ["涉嫌犯罪"]}).detail == {"to": "公安机关", "reason": "涉嫌犯罪"}
    assert take(house, ticket, "started").detail == {}
    told = take(house, ticket, "referred", {"to": ["station-new-materials"], "reason": ["懂材料"]}).detail
    assert told["helper"] == "station-new-materials"
    assert house.office.log.receiver(ticket) == "subcenter-2", "a helper helps; who is responsible does not change"
    take(house, ticket, "started")
    assert take(house, ticket, "referred", {"to": ["other"], "to_other": ["海关"], "reason": ["出口"]}).detail["to"] == "海关"


def test_a_form_that_lacks_something_is_refused_with_each_field_named(house: House) -> None:
    ticket = house.filed()
    assert faults(house, ticket, "returned", missing=["  "], complete=[]) == {"missing": "missing", "complete": "unconfirmed"}
    assert faults(house, ticket, "returned", missing=["〔哪一种〕的证明"]) == {"missing": "blank_left"}
    assert faults(house, ticket, "noted", text=["长" * 2001]) == {"text": "too_long"}
    assert faults(house, ticket, "transferred", receiver=["subcenter-9"], reason=[]) == {"receiver": "unknown", "reason": "missing"}
    assert faults(house, ticket, "transferred", receiver=["subcenter-1"]) == {"receiver": "receiver"}
    assert faults(house, ticket, "contacted", way=["飞鸽"]) == {"way": "unknown"}
    assert faults(house, ticket, "referred", to=["nobody"]) == {"to": "unknown"}
    assert faults(house, ticket, "referred", to=["other"]) == {"to": "missing"}
    take(house, ticket, "accepted")
    take(house, ticket, "started")
    for day, code in (("2026-11-24", "in_future"), ("昨天", "not_a_day"), ("20261123", "not_a_day"), ("1926-11-23", "not_a_day")):
        assert faults(house, ticket, "mediated", on=[day]) == {"on": code}
    assert faults(house, ticket, "session", on=["2036-11-25"]) == {"on": "not_a_day"}
    with pytest.raises(NotOffered):
        take(house, ticket, "routed", {})
    with pytest.raises(NotOffered):
        take(house, ticket, "joined", {"number": ["CC-2026-000001"]})


def test_material_is_asked_for_once_only(house: House) -> None:
    ticket = house.filed()
    take(house, ticket, "returned")
    take(house, ticket, "supplemented")
    assert "returned" not in house.desk.actions.offered(log(house, ticket), SUPERVISOR)
    with pytest.raises(ForbiddenTransition):
        take(house, ticket, "returned")


def test_who_acts_on_an_old_page_is_told_what_changed_and_nothing_is_written(house: House) -> None:
    ticket = house.filed()
    seen = len(log(house, ticket))
    take(house, ticket, "accepted", by=INTAKE, seen=seen)
    with pytest.raises(LogMoved) as caught:
        take(house, ticket, "not_accepted", by=HANDLER, seen=seen)
    assert (caught.value.seen, caught.value.last) == (seen, seen + 1)
    file = house.desk.files.open(ticket.number, None)
    assert file is not None
    assert [(line.kind, line.name) for line in changes(file, seen)] == [("accepted", "intake1")]
    assert take(house, ticket, "noted", by=HANDLER).kind == "noted", "a note disturbs nobody"


def test_the_same_form_sent_twice_is_done_once(house: House) -> None:
    ticket = house.filed()
    seen = len(log(house, ticket))
    first = take(house, ticket, "accepted", seen=seen, key="form-1")
    assert take(house, ticket, "accepted", seen=seen, key="form-1") == first
    assert [event.kind for event in log(house, ticket)].count("accepted") == 1


def test_of_two_who_act_at_the_same_moment_one_is_told(house: House) -> None:
    for _ in range(5):
        ticket = house.filed()
        seen = len(log(house, ticket))

        def go(by: Actor, kind: str, ticket: Ticket = ticket, seen: int = seen) -> str:
            try:
                return take(house, ticket, kind, by=by, seen=seen).kind
            except LogMoved:
                return "told"

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(go, (INTAKE, HANDLER), ("accepted", "not_accepted")))
        assert done.count("told") == 1
        assert len(log(house, ticket)) == seen + 1


def test_two_tellings_of_one_case_become_one(house: House) -> None:
    first, second = house.filed(), house.filed()
    take(house, second, "merged", {"into": [f" {first.number.lower()} "], "reason": ["同一电话"]})
    assert house.row(second).state == "merged"
    assert house.row(second).is_closed
    assert log(house, first)[-1].detail == {"number": second.number}
    assert log(house, first)[-1].kind == "joined"
    assert house.row(first).last_seq == 3, "the board of the other case moved with it"
    status = house.office.cards.status(second)
    assert first.number not in status.model_dump_json(), "the other case may be another person's"
    assert "合" not in house.office.cards.status(first).model_dump_json(), "nor is he told that there was one"
    house.does(second, "reopened")
    assert house.row(second).state == "received"


def test_what_cannot_be_merged_is_refused(house: House) -> None:
    first, second = house.filed(), house.filed()
    assert faults(house, first, "merged", into=[first.number]) == {"into": "same"}
    assert faults(house, first, "merged", into=["CC-2026-000099"]) == {"into": "unknown"}
    house.does(second, "withdrawn")
    assert faults(house, first, "merged", into=[second.number]) == {"into": "closed"}
    third = house.filed()
    with pytest.raises(ActionUnusable) as caught:
        house.desk.actions.take(first, "merged", {"into": [third.number]}, SUPERVISOR, seen=None, key="k", may_see=lambda _number: False)
    assert caught.value.faults == {"into": "unknown"}, "what one may not know of is as if it were not"
    with pytest.raises(NotTheirs):
        take(house, first, "merged", {"into": [third.number]}, by=HANDLER)
    assert log(house, third)[-1].kind == "routed"


def test_two_cases_that_are_merged_into_each_other_at_once_end_as_one(house: House) -> None:
    for _ in range(5):
        pair = [house.filed(), house.filed()]

        def go(which: int, pair: list[Ticket] = pair) -> str:
            try:
                return take(house, pair[which], "merged", {"into": [pair[1 - which].number]}).kind
            except (ActionUnusable, ForbiddenTransition):
                return "refused"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(go, (0, 1))) == ["merged", "refused"]
        assert sorted(house.row(ticket).state for ticket in pair) == ["merged", "received"]


def test_a_closed_state_has_no_clock(house: House) -> None:
    assert {"mediated", "concluded", "withdrawn", "not_accepted", "merged"} == CLOSED
    ticket = house.filed("aid_application")
    take(house, ticket, "withdrawn")
    assert (house.row(ticket).due_on, house.row(ticket).paused) == (None, False)


def test_what_staff_write_holds_no_unseen_signs(house: House) -> None:
    ticket = house.filed()
    file = house.desk.files.open(ticket.number, None)
    assert file is not None
    event = house.desk.actions.take(
        ticket, "noted", {"text": ["先\u202e看\u200b一看\r\n第二行\x07"]}, HANDLER, seen=None, key="k", may_see=lambda _number: False
    )
    assert event.detail == {"text": "先看一看\n第二行"}
    with pytest.raises(ActionUnusable):
        house.desk.actions.take(ticket, "noted", {"text": ["\u200b\u202e"]}, HANDLER, seen=None, key="l", may_see=lambda _number: False)

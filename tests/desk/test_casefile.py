"""A case as staff read it: masked until a reason is given, with its clocks, its talk, and what may be the same case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from aid.desk.masked import Mask
from aid.desk.presence import HERE
from tests.desk.house import HANDLER, House

SECRETS = ("王小强", "13900007101")


def test_personal_data_is_hidden_everywhere_until_it_is_revealed(house: House) -> None:
    ticket = house.filed(exhibit="王小强的车灯，电话13900007101")
    house.office.log.add(ticket, "contacted", HANDLER, {"text": "王小强说改打13900007101"})
    for revealed in (False, True):
        file = house.desk.files.open(ticket.number, None, revealed=revealed)
        assert file is not None
        talk = house.desk.transcripts.of(ticket.conversation_id, file.mask)
        shown = repr((file.facts, file.parties, file.log, talk))
        assert all((secret in shown) == revealed for secret in SECRETS)
        assert [told.value for told in file.parties] == (["王小强", "13900007101"] if revealed else ["王**", "139****7101"])


def test_a_case_that_one_may_not_know_of_is_as_if_it_were_not(house: House) -> None:
    ticket = house.filed()
    assert house.desk.files.open(ticket.number, {"subcenter-2"}) is None
    assert house.desk.files.open("CC-2026-999999", None) is None
    assert house.desk.files.open(ticket.number, {"subcenter-1"}) is not None


def test_the_log_says_who_did_what_in_the_persons_words_and_what_is_beside(house: House) -> None:
    ticket = house.filed()
    house.office.log.add(ticket, "transferred", HANDLER, {"receiver": "subcenter-2", "reason": "属于光电"})
    house.office.log.add(ticket, "noted", HANDLER, {"text": "先别声张"})
    file = house.desk.files.open(ticket.number, None)
    assert file is not None
    moved, noted = file.log[-2:]
    assert (moved.role, moved.name) == ("handler", "handler1")
    assert "光电信息产业" in moved.said
    assert "属于光电" in moved.said
    assert noted.beside == {"text": "先别声张"}
    assert (file.receiver, file.last_seq, file.state) == ("subcenter-2", 4, "received")
    assert "subcenter-1" not in repr(file.log), "centers by the name that people know"


def test_clocks_say_how_many_working_days_are_left_and_which_stand_still(house: House) -> None:
    ticket = house.filed("aid_application")
    house.later(days=4)  # a Friday
    house.does(ticket, "returned")
    file = house.desk.files.open(ticket.number, None)
    assert file is not None
    clocks = {clock.label: clock for clock in file.clocks}
    first, review, correction = clocks["第一次联系"], clocks["审查是否受理"], clocks["补正材料"]
    assert (first.missed, first.left, first.met_at is not None) == (True, None, True)
    assert (review.paused, review.left, review.due_on) == (True, None, None)
    assert (correction.left, correction.due_on, correction.is_estimate) == (7, date(2026, 12, 8), True)


def test_cases_that_may_be_the_same_are_proposed_the_likeliest_first(house: House) -> None:
    ticket = house.filed()
    house.later(days=1)
    same = house.filed(right_number="", exhibit="大灯")
    person = house.filed(respondent="别的公司", booth="C1", exhibit="雨刮")
    other = house.filed(phone="13900007109", name="赵六", booth="D1")
    stranger = house.filed(phone="13900007108", name="钱七", respondent="无关公司", booth="E1", exhibit="座椅")
    house.later(days=40)
    late = house.filed()
    file = house.desk.files.open(ticket.number, None)
    assert file is not None
    found = house.desk.files.alike(file, None)
    assert [(one.number, one.why) for one in found] == [(same.number, "same_case"), (other.number, "same_respondent"), (person.number, "same_person")]
    assert not {stranger.number, late.number} & {one.number for one in found}
    assert house.desk.files.alike(file, {"subcenter-2"}) == [], "only those that one may know of"


def test_the_log_names_no_case_that_one_may_not_know_of(house: House) -> None:
    other = house.filed()
    house.does(other, "transferred")  # to subcenter-2
    ticket = house.filed()
    file = house.desk.files.open(ticket.number, {"subcenter-1"})
    assert file is not None
    assert file.events[0].detail["alike"] == other.number
    assert other.number not in repr(file.log)


@pytest.mark.parametrize("kind", ["expo_complaint", "aid_application"])
def test_the_legal_basis_is_near_at_hand(house: House, kind: str) -> None:
    ticket = house.filed(kind)
    at_hand = house.desk.at_hand(kind)
    assert len(at_hand) == len(house.desk.words.entries[kind]) > 0
    assert all(entry.short and entry.basis for entry in at_hand)
    assert house.desk.documents.basis(ticket)


def test_a_deleted_talk_is_told_as_such(house: House) -> None:
    assert house.desk.transcripts.of("x" * 22, Mask(())) is None


def test_two_people_on_one_case_are_told_of_each_other_and_who_went_is_gone(house: House) -> None:
    ticket, other = house.filed(), house.filed()
    presence = house.desk.presence
    assert presence.beat(ticket.id, "zhang") == []
    assert [one.person for one in presence.beat(ticket.id, "li")] == ["zhang"]
    assert presence.beat(other.id, "li") == []
    house.later(seconds=30)
    [zhang] = presence.beat(ticket.id, "li")
    assert zhang.since == house.clock.now() - timedelta(seconds=30)
    assert [one.person for one in presence.beat(ticket.id, "zhang")] == ["li"]
    house.clock.advance(HERE + timedelta(seconds=1))
    assert presence.beat(ticket.id, "li") == [], "not heard of for too long"
    presence.beat(ticket.id, "zhang")
    presence.leave(ticket.id, "li")
    assert presence.beat(ticket.id, "zhang") == []
    presence.leave(ticket.id, "nobody")

"""Finding a person: under every writing of the telephone, and never another's talk."""

from __future__ import annotations

import pytest

from aid.privacy.errors import NobodyFound
from aid.privacy.persons import names_phone, plain_phone
from tests.privacy.conftest import PHONE, House


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("139 0000 7001", "13900007001"),
        ("+86 139-0000-7001", "13900007001"),
        ("008613900007001", "13900007001"),
        ("１３９００００７００１", "13900007001"),
        ("一三九零零零零七零零幺", "13900007001"),
        ("0431-55500001", "55500001"),
        ("55500001", "55500001"),
        ("0431 5550 0001 转 2", "55500001"),
        ("010-55500001", "01055500001"),
        ("4311", "4311"),
    ],
)
def test_a_telephone_is_the_same_however_it_is_written(said: str, plain: str) -> None:
    assert plain_phone(said) == plain


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"我的电话是{PHONE}，谢谢", True),
        ("打139-0000-7001找我", True),
        ("打 一三九零零零零七零零一 找我", True),
        (f"+86{PHONE}", True),
        (f"9{PHONE}", False),
        (f"{PHONE}2", False),
        ("139 0000 7002", False),
    ],
)
def test_a_telephone_is_seen_in_a_sentence(text: str, named: bool) -> None:
    assert names_phone(text, PHONE) is named


def test_a_person_is_found_by_ticket_draft_and_talk(house: House) -> None:
    ticket = house.filed(phone="139-0000-7001")
    writing = house.talk("你好")
    house.draft(writing)
    house.filed(house.talk("别人"), phone="13900007002", name="王强")
    found = house.persons().by_phone("139 0000 7001")
    assert found.tickets == [ticket.id]
    assert found.conversations == sorted([ticket.conversation_id, writing])
    assert found.unclear == []


def test_a_talk_that_only_names_the_telephone_is_unclear(house: House) -> None:
    """It may be his opponent's."""
    ticket = house.filed()
    opponent = house.talk(f"对方电话{PHONE}，他仿冒我")
    found = house.persons().by_phone(PHONE)
    assert found.conversations == [ticket.conversation_id]
    assert found.unclear == [opponent]


def test_a_cancelled_form_is_found_by_what_was_said(house: House) -> None:
    """The draft is empty then; the message is not."""
    conversation = house.talk(f"电话{PHONE}")
    assert house.persons().by_phone(PHONE).unclear == [conversation]


def test_a_talk_that_served_two_people_is_unclear_and_the_others_ticket_is_not_found(house: House) -> None:
    """At a machine that stands in a hall the next person may go on in the same talk."""
    mine = house.filed()
    house.filed(mine.conversation_id, phone="13900007002", name="王强")
    found = house.persons().by_phone(PHONE)
    assert (found.tickets, found.conversations, found.unclear) == ([mine.id], [], [mine.conversation_id])
    by_number = house.persons().by_ticket(mine.number)
    assert (by_number.tickets, by_number.conversations, by_number.unclear) == ([mine.id], [], [mine.conversation_id])


def test_by_conversation_all_its_tickets_are_found(house: House) -> None:
    ticket = house.filed()
    house.filed()
    found = house.persons().by_conversation(ticket.conversation_id)
    assert (found.tickets, found.conversations) == ([ticket.id], [ticket.conversation_id])


def test_nobody_is_an_error_that_says_so(house: House) -> None:
    house.filed()
    persons = house.persons()
    for search in (
        lambda: persons.by_phone("13900009999"),
        lambda: persons.by_phone("139"),
        lambda: persons.by_ticket("CC-2020-000001"),
        lambda: persons.by_conversation("A" * 22),
    ):
        with pytest.raises(NobodyFound):
            search()

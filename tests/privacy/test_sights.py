"""The access log after a deletion: who saw it and why stays, the words of his own in which he said why go."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from aid.people.accounts import Person
from aid.people.rights import Grant
from aid.people.sights import Filter, Reason, Sights, Subject
from aid.privacy.persons import Found
from tests.privacy.conftest import NAME, PHONE, House, house
from tests.privacy.test_erasure import erase, everything

__all__ = ["house"]


def test_the_words_of_a_reason_go_with_ticket_and_talk_and_those_of_others_stay(house: House) -> None:
    li = Person("p", "li", "李强", (Grant("handler", "main"),), False, False, house.clock.now(), None)
    sights = Sights(house.store, house.vault, house.clock)
    mine, other = house.close(house.filed()), house.filed(phone="13900007009", name="周一")
    said = Reason("own", f"{NAME} 来电 {PHONE}")
    sights.note(li, "handler", "seen", Subject(mine.id, mine.number, "main"), ["name"], said)
    sights.note(li, "handler", "seen", Subject(talk=mine.conversation_id), ["talk"], said)
    sights.note(li, "handler", "seen", Subject(other.id, other.number, "main"), ["name"], Reason("own", "核对周一的材料"))
    erase(house)
    assert said.words not in everything(house)
    kept, talk, ticket = sights.find(None, Filter())
    assert (ticket.words, talk.words, kept.words) == (None, None, "核对周一的材料")
    assert (ticket.staff_name, ticket.ticket_number, ticket.what, ticket.reason) == ("li", mine.number, ["name"], "own")
    with pytest.raises(IntegrityError, match="append-only"), house.store.session() as session:
        session.execute(text("DELETE FROM sight"))


def test_the_copy_for_the_person_tells_who_saw_his_case_and_his_talk(house: House) -> None:
    li = Person("p", "li", "李强", (Grant("handler", "main"),), False, False, house.clock.now(), None)
    sights = Sights(house.store, house.vault, house.clock)
    mine, other = house.filed(), house.filed(phone="13900007009", name="周一")
    sights.note(li, "handler", "seen", Subject(mine.id, mine.number, "main"), ["name"], Reason("own", "核对材料"))
    sights.note(li, "handler", "seen", Subject(talk=mine.conversation_id, center="main"), ["talk"], Reason("contact"))
    sights.note(li, "handler", "seen", Subject(other.id, other.number, "main"), ["name"], Reason("contact"))
    sights.note(li, "handler", "seen", Subject(talk=other.conversation_id, center="main"), ["talk"], Reason("contact"))
    told = house.copies().copy(Found([mine.id], [mine.conversation_id], []))["more"]["sight"]
    assert [(row["ticket_number"], row["talk"], row["words"]) for row in told] == [
        (mine.number, None, "核对材料"),
        (None, mine.conversation_id, None),
    ]

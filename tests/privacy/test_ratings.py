"""What people say of answers, and the codes that take a talk to a phone: copied, deleted and purged with their talk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from aid.privacy.retention import Purge
from aid.store.errors import UnknownReply
from aid.store.models import Base
from aid.store.ratings import Rated, Ratings
from aid.store.sealed import tables_with
from tests.privacy.conftest import PHONE, House

BOTH = ("rating", "handover")


def rows(house: House, name: str) -> list[Any]:
    with house.store.reading() as session:
        return list(session.execute(select(Base.metadata.tables[name])).mappings())


def test_both_belong_to_a_conversation_and_so_go_with_it() -> None:
    assert set(BOTH) <= {table.name for table in tables_with("conversation_id")}


def test_the_copy_of_a_person_holds_what_he_said_of_answers(house: House) -> None:
    ticket = house.filed()
    house.rated(ticket.conversation_id)
    house.rated(house.talk("别人说的"))
    more = house.copies().copy(house.persons().by_phone(PHONE))["more"]
    [rating] = more["rating"]
    assert (rating["conversation_id"], rating["entry"], rating["solved"], rating["reason"]) == (ticket.conversation_id, "expo.design-copied", False, "unclear")
    assert rating["at"] == "2026-11-23T09:00:00+08:00"
    [handover] = more["handover"]
    assert (handover["conversation_id"], handover["used_at"]) == (ticket.conversation_id, None)


def test_deletion_takes_them_and_those_of_others_stay(house: House) -> None:
    ticket, other = house.close(house.filed()), house.talk("别人说的")
    house.rated(ticket.conversation_id)
    house.rated(other)
    erasure = house.erasure()
    done = erasure.carry_out(erasure.plan(house.persons().by_phone(PHONE)), "erased", "request")
    assert (done["rating"], done["handover"]) == (1, 1)
    assert [[row["conversation_id"] for row in rows(house, name)] for name in BOTH] == [[other], [other]]


def test_those_of_a_case_under_way_stay_with_its_talk(house: House) -> None:
    ticket = house.filed()
    house.rated(ticket.conversation_id)
    erasure = house.erasure()
    erasure.carry_out(erasure.plan(house.persons().by_phone(PHONE)), "erased", "request")
    assert [len(rows(house, name)) for name in BOTH] == [1, 1]


def test_they_end_with_the_period_of_their_talk(house: House) -> None:
    house.rated(house.talk("你好"))
    periods = house.office.notice.retention.model_copy(update={"conversation_days": 180, "verified": True})
    purge = Purge(house.store, house.clock, periods, house.erasure(), house.audit)
    house.clock.advance(timedelta(days=180))
    purge.carry_out()
    assert [len(rows(house, name)) for name in BOTH] == [1, 1], "the last day still counts"
    house.clock.advance(timedelta(days=1))
    done = purge.carry_out()
    assert (done["rating"], done["handover"], done["conversation"]) == (1, 1, 1)
    assert [rows(house, name) for name in BOTH] == [[], []]


def test_a_deleted_talk_takes_no_rating_any_more(house: House) -> None:
    talk = house.talk("你好")
    house.rated(talk)
    number = rows(house, "rating")[0]["reply_number"]
    house.erasure().delete_conversation(talk)
    ratings = Ratings(house.store, house.vault, house.clock)
    with pytest.raises(UnknownReply):
        ratings.rate(talk, number, True, None)
    assert (rows(house, "rating"), ratings.of(talk)) == ([], {})


def test_the_last_word_counts_and_is_read_back(house: House) -> None:
    talk = house.talk("你好")
    house.rated(talk)
    ratings = Ratings(house.store, house.vault, house.clock)
    [(number, rated)] = ratings.of(talk).items()
    assert rated == Rated(False, "unclear")
    ratings.rate(talk, number, True, "unclear")
    assert ratings.of(talk) == {number: Rated(True, None)}


def test_neither_holds_words_of_a_person_so_a_new_key_has_nothing_to_seal_there() -> None:
    for name in BOTH:
        columns = {column.name: str(column.type) for column in Base.metadata.tables[name].columns}
        assert not [column for column, type_ in columns.items() if type_ == "TEXT"], columns

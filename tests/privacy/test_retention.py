"""Deletion when the time is over: on the day, not before it, and what still has a reason stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from aid.cases.life import PERSON, Actor
from aid.clock import CHANGCHUN
from aid.privacy.errors import NotConfirmed
from aid.privacy.retention import Purge, years_later
from aid.store.models import ConversationRow, PrivacyEventRow, UnansweredRow
from tests.privacy.conftest import House


def purge(house: House, *, verified: bool = True) -> Purge:
    periods = house.office.notice.retention.model_copy(update={"conversation_days": 180, "ticket_years": 3, "verified": verified})
    return Purge(house.store, house.clock, periods, house.erasure(), house.audit)


def at(house: House, moment: datetime) -> None:
    house.clock.advance(moment.replace(tzinfo=CHANGCHUN) - house.clock.now())


def conversations(house: House) -> list[str]:
    with house.store.reading() as session:
        return list(session.scalars(select(ConversationRow.id)))


def test_a_talk_without_a_case_goes_the_day_after_its_last_day(house: House) -> None:
    at(house, datetime(2026, 3, 1, 0, 5))
    talk = house.talk("你好")
    at(house, datetime(2026, 3, 2, 23, 55))
    house.says(talk, "还在吗")
    last_day = datetime(2026, 3, 2) + timedelta(days=180)
    at(house, last_day.replace(hour=23, minute=59))
    assert purge(house).due().conversations == []
    at(house, last_day + timedelta(days=1, minutes=1))
    assert purge(house).due().conversations == [talk]
    assert purge(house).due().questions == 1
    done = purge(house).carry_out()
    assert (done["conversation"], done["inbound"], done["reply"], done["choice"], done["talk"], done["unanswered"]) == (1, 2, 2, 2, 1, 1)
    assert conversations(house) == []


def test_an_old_open_draft_goes_with_its_talk(house: House) -> None:
    house.draft(house.talk("你好"))
    house.clock.advance(timedelta(days=181))
    assert purge(house).carry_out()["draft"] == 1


def test_a_closed_case_loses_its_data_the_day_after_three_years_and_its_talk_goes_too(house: House) -> None:
    at(house, datetime(2026, 1, 10, 9))
    ticket = house.filed()
    at(house, datetime(2026, 5, 20, 23, 50))
    house.close(ticket)
    at(house, datetime(2029, 5, 20, 23, 59))
    due = purge(house).due()
    assert (due.tickets, due.conversations) == ([], []), "the talk of a case that has its data stays with it"
    at(house, datetime(2029, 5, 21, 0, 1))
    due = purge(house).due()
    assert [planned.number for planned in due.tickets] == [ticket.number]
    assert due.conversations == [ticket.conversation_id]
    done = purge(house).carry_out()
    assert (done["ticket"], done["conversation"]) == (1, 1)
    left = house.office.tickets.find(ticket.number, ticket.lookup_code, "someone")
    assert (left.parties, left.erased_at) == ({}, house.clock.now())
    assert house.office.cards.status(left).state == "concluded"
    assert purge(house).due().tickets == []


def test_a_case_that_is_not_over_keeps_its_data_however_old(house: House) -> None:
    ticket = house.filed()
    house.clock.advance(timedelta(days=4000))
    due = purge(house).due()
    assert (due.tickets, due.conversations) == ([], [])
    house.office.log.add(ticket, "withdrawn", PERSON)
    assert purge(house).due().tickets == [], "its three years begin now"


def test_a_reopened_case_counts_from_its_new_end(house: House) -> None:
    ticket = house.close(house.filed())
    house.clock.advance(timedelta(days=3 * 366))
    assert len(purge(house).due().tickets) == 1
    house.office.log.add(ticket, "reopened", PERSON, {"reason": "又来了"})
    assert purge(house).due().tickets == []
    house.office.log.add(ticket, "concluded", Actor("handler", "clerk"), {"outcome": "办完"})
    assert purge(house).due().tickets == []


def test_finding_out_deletes_nothing(house: House) -> None:
    house.talk("你好")
    house.clock.advance(timedelta(days=181))
    assert purge(house).due() == purge(house).due()
    assert len(conversations(house)) == 1


def test_a_talk_that_is_taken_up_again_meanwhile_stays(house: House) -> None:
    talk = house.talk("你好")
    house.clock.advance(timedelta(days=181))
    since = house.clock.now() - timedelta(days=180)
    house.says(talk, "还在吗")
    assert house.erasure().delete_conversation(talk, unused_since=since) == {}
    assert conversations(house) == [talk]


def test_periods_that_the_center_has_not_confirmed_delete_nothing_by_themselves(house: House) -> None:
    house.talk("你好")
    house.clock.advance(timedelta(days=181))
    with pytest.raises(NotConfirmed, match=r"privacy\.yml"):
        purge(house, verified=False).carry_out()
    assert len(conversations(house)) == 1
    assert purge(house, verified=False).carry_out(unconfirmed=True)["conversation"] == 1


def test_questions_go_by_their_own_day(house: House) -> None:
    house.talk("你好")
    house.clock.advance(timedelta(days=180))
    newer = house.talk("你好")
    house.clock.advance(timedelta(days=1))
    purge(house).carry_out()
    with house.store.reading() as session:
        assert list(session.scalars(select(UnansweredRow.conversation_id))) == [newer]


def test_the_purge_is_written_down(house: House) -> None:
    house.close(house.filed())
    house.clock.advance(timedelta(days=1200))
    purge(house).carry_out()
    with house.store.reading() as session:
        rows = list(session.scalars(select(PrivacyEventRow).order_by(PrivacyEventRow.id)))
    assert {(row.action, row.reason) for row in rows} == {("purged", "retention")}
    assert sum(row.counts.get("ticket", 0) for row in rows) == sum(row.counts.get("conversation", 0) for row in rows) == 1


@pytest.mark.parametrize(
    ("day", "years", "later"),
    [(date(2026, 5, 20), 3, date(2029, 5, 20)), (date(2028, 2, 29), 3, date(2031, 3, 1)), (date(2028, 2, 29), 4, date(2032, 2, 29))],
)
def test_years_later_is_the_same_day(day: date, years: int, later: date) -> None:
    assert years_later(day, years) == later

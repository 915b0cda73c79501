"""The waiting list: who comes on it, in which order, who drops off, and what he is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from aid.cases.acts import wants_again
from aid.takeover.errors import NothingSaid
from aid.takeover.waiting import Asked
from tests.takeover.conftest import LI, WANG, House


def waits(house: House, said: str = "转人工", door: str = "web") -> str:
    conversation = house.talk(said, door=door)
    assert house.desk.waiting.ask(conversation).outcome == "waiting"
    house.clock.advance(timedelta(seconds=1))
    return conversation


def state_of(house: House, conversation: str) -> str:
    with house.store.reading() as session:
        return str(session.scalar(text("SELECT state FROM service WHERE conversation_id = :id ORDER BY id DESC LIMIT 1"), {"id": conversation}))


def test_nobody_waits_for_nobody(house: House) -> None:
    conversation = house.talk()
    assert house.desk.waiting.ask(conversation) == Asked("nobody")
    house.attend()
    house.clock.advance(timedelta(minutes=3))
    assert house.desk.waiting.ask(conversation) == Asked("nobody")
    house.attend()
    house.desk.attendance.gone(WANG.id)
    assert house.desk.waiting.ask(conversation) == Asked("nobody")
    assert house.desk.talks.waiting() == []


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 11, 23, 9, 0), True),
        (datetime(2026, 11, 23, 8, 59, 59), False),
        (datetime(2026, 11, 23, 11, 29, 59), True),
        (datetime(2026, 11, 23, 11, 30), False),
        (datetime(2026, 11, 23, 16, 30), False),
        (datetime(2026, 11, 22, 10, 0), False),  # a Sunday
        (datetime(2026, 10, 10, 10, 0), True),  # a Saturday that is worked on
        (datetime(2026, 10, 1, 10, 0), False),  # the national day
    ],
)
def test_outside_the_hours_nobody_is_put_on_the_list(house: House, moment: datetime, is_open: bool) -> None:
    house.clock.advance(moment.replace(tzinfo=house.clock.now().tzinfo) - house.clock.now())
    house.attend()
    assert house.desk.waiting.ask(house.talk()).outcome == ("waiting" if is_open else "closed")


def test_each_is_told_his_place_and_keeps_it(house: House) -> None:
    house.attend(WANG, LI)
    first, second, third = waits(house), waits(house), waits(house)
    assert [house.desk.waiting.service(talk).place for talk in (first, second, third)] == [1, 2, 3]
    assert house.desk.waiting.ask(third) == Asked("waiting", 2)
    house.desk.takeovers.take(first, WANG)
    assert house.desk.waiting.ask(first) == Asked("staff")
    assert house.desk.waiting.leave(second)
    assert not house.desk.waiting.leave(second)
    assert house.desk.waiting.ask(third) == Asked("waiting", 0)
    assert [state_of(house, talk) for talk in (first, second, third)] == ["taken", "left", "waiting"]


def test_the_list_shows_wait_door_expo_and_masked_last_words(house: House) -> None:
    house.attend()
    conversation = house.messages.open_conversation("kiosk", "expo-2026").id
    house.says(conversation, "我的电话是13900007001，请转人工")
    house.desk.waiting.ask(conversation)
    house.clock.advance(timedelta(seconds=75))
    waits(house, "长" * 200)
    first, second = house.desk.talks.waiting()
    assert (first.conversation_id, first.door, first.event_code, first.waited_seconds) == (conversation, "kiosk", "expo-2026", 76)
    assert first.last_words == "我的电话是139****7001，请转人工"
    assert second.last_words == "长" * 60 + "…"


def test_who_closes_the_page_drops_off_and_is_told_when_he_comes_back(house: House) -> None:
    house.attend()
    gone, there, elsewhere = waits(house), waits(house), waits(house, door="wechat")
    for _ in range(3):
        house.clock.advance(timedelta(seconds=50))
        house.desk.waiting.seen(there, house.desk.waiting.service(there))
    assert house.desk.waiting.sweep() == [gone]
    assert house.desk.waiting.sweep() == []
    assert house.told(gone)[-1] == ("system", house.desk.words.say.left)
    assert [talk.conversation_id for talk in house.desk.talks.waiting()] == [there, elsewhere]
    assert house.desk.waiting.service(there).place == 1


def test_who_ends_the_talk_drops_off(house: House) -> None:
    house.attend()
    gone, there = waits(house), waits(house)
    house.access.end(gone)
    assert [talk.conversation_id for talk in house.desk.talks.waiting()] == [there]
    assert (state_of(house, gone), house.desk.waiting.service(there).place) == ("left", 1)


def test_whom_nobody_takes_is_told_and_offered_a_call_back(house: House) -> None:
    house.attend()
    conversation = waits(house)
    for _ in range(10):
        house.clock.advance(timedelta(seconds=59))
        house.desk.waiting.seen(conversation, house.desk.waiting.service(conversation))
        house.attend()
        assert house.desk.waiting.sweep() == []
    house.clock.advance(timedelta(seconds=12))
    assert house.desk.waiting.sweep() == [conversation]
    last = house.messages.replies_after(conversation)[-1]
    assert last.body["text"].startswith("对不起，工作人员都在忙")
    payloads = [house.messages.choice(conversation, choice["id"]).payload for choice in last.body["choices"]]
    assert payloads == [{"start": "consultation_callback"}, {"human": "ask"}]
    assert state_of(house, conversation) == "unanswered"
    assert house.desk.waiting.ask(conversation).outcome == "waiting"


def test_to_stop_waiting_does_not_send_staff_away(house: House) -> None:
    house.attend()
    conversation = waits(house)
    house.desk.takeovers.take(conversation, WANG)
    assert not house.desk.waiting.leave(conversation, tell=True)
    assert house.desk.waiting.service(conversation).state == "staff"


def test_who_stops_waiting_over_the_api_is_told_so(house: House) -> None:
    house.attend()
    conversation = waits(house)
    assert house.desk.waiting.leave(conversation, tell=True)
    assert house.told(conversation)[-1] == ("system", house.desk.words.say.stopped)


def test_a_sweep_and_a_take_over_at_once_leave_one_truth(house: House) -> None:
    """Either staff have the talk, or the person was told that nobody came; never both."""
    house.attend()
    outcomes = set()
    for _ in range(20):
        conversation = waits(house)
        house.clock.advance(timedelta(minutes=11))
        house.attend()
        with ThreadPoolExecutor(2) as pool:
            swept = pool.submit(house.desk.waiting.sweep)
            taken = pool.submit(house.desk.takeovers.take, conversation, WANG)
            taken.result()
            was_told = conversation in swept.result()
        texts = [said for by, said in house.told(conversation) if by == "system"]
        outcomes.add(was_told)
        assert len(texts) == 1 + was_told
        assert "来和您谈了" in texts[-1]
        assert house.desk.waiting.service(conversation).state == "staff"
        house.desk.takeovers.end(conversation, WANG)
        house.clock.advance(-timedelta(minutes=11))
    assert outcomes


def test_asking_twice_at_once_gives_one_place(house: House) -> None:
    house.attend()
    conversation = house.talk()
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(house.desk.waiting.ask, [conversation] * 6)) == {Asked("waiting", 0)}
    assert len(house.desk.talks.waiting()) == 1


def test_a_form_knows_the_words_that_lead_back_to_it(house: House) -> None:
    assert wants_again(house.desk.words.say.go_on_says)


def test_a_talk_without_a_word_has_nobody_to_tell(house: House) -> None:
    house.attend()
    conversation = house.messages.open_conversation("web").id
    house.desk.waiting.ask(conversation)
    with pytest.raises(NothingSaid):
        house.desk.waiting.leave(conversation, tell=True)


def test_a_follower_in_wechat_keeps_his_place_and_hears_how_long_he_has_waited(house: House) -> None:
    house.attend(WANG)
    first, second = house.talk(), house.talk(door="wechat")
    house.desk.waiting.ask(first)
    assert house.desk.waiting.ask(second) == Asked("waiting", 1, 0, is_followed=False)
    house.clock.advance(timedelta(minutes=4))
    house.attend(WANG)
    assert house.desk.waiting.sweep() == [first], "who can be seen to be gone loses his place"
    assert house.desk.waiting.ask(second) == Asked("waiting", 0, 4, is_followed=False)

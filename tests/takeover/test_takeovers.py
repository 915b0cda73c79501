"""Staff take a talk over: the bot falls silent, the person is told, one of two gets it, and it is given back whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from aid.replies import Author, Choice, Reply
from aid.store.errors import ConversationClosed, StaffHaveIt, UnknownConversation
from aid.takeover.errors import EmptyWords, NothingSaid, NotYours, OnlySupervisors, TakenByColleague
from aid.takeover.staff import Staff
from tests.takeover.conftest import BOSS, LI, WANG, House

HELLO = [Reply(text="您好")]


def test_the_person_is_told_by_the_name_of_the_center(house: House) -> None:
    conversation = house.talk()
    [told] = house.desk.takeovers.take(conversation, WANG)
    assert told.body["author"] == {"kind": "system", "name": "长春知识产权保护中心"}
    assert told.body["text"].startswith("长春知识产权保护中心的工作人员来和您谈了")
    assert house.desk.waiting.service(conversation).public() == {
        "state": "staff", "place": None, "since": "2026-11-23T10:00:00+08:00", "waited": None, "name": "长春知识产权保护中心",
    }  # fmt: skip


def test_a_center_whose_name_is_not_verified_is_called_by_what_it_is(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, LI)
    assert house.told(conversation)[-1][1].startswith("维权援助分中心的工作人员来和您谈了")


def test_what_staff_say_bears_center_and_number_and_no_name(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    said = house.desk.takeovers.say(conversation, WANG, "您好")
    assert said.body["author"] == {"kind": "staff", "name": "长春知识产权保护中心 · 工号 012"}
    house.desk.takeovers.hand_back(conversation, WANG)
    house.desk.takeovers.take(conversation, Staff("zhao", "main"))
    assert house.desk.takeovers.say(conversation, Staff("zhao", "main"), "您好").body["author"]["name"] == "长春知识产权保护中心"
    with house.store.reading() as session:
        rows = session.execute(text("SELECT author, author_id FROM reply ORDER BY number")).all()
    assert [tuple(row) for row in rows] == [
        ("bot", None), ("system", None), ("staff", "wang"), ("system", None), ("system", None), ("staff", "zhao"),
    ]  # fmt: skip


def test_a_turn_that_began_before_stores_nothing_after(house: House) -> None:
    conversation = house.talk()
    waiting = house.says(conversation, "急", answer=None)
    house.desk.takeovers.take(conversation, WANG)
    for call in (house.messages.finish_turn, house.messages.fail_turn):
        with pytest.raises(StaffHaveIt):
            call(waiting, HELLO)
    assert [by for by, _text in house.told(conversation)] == ["bot", "system"]
    assert house.messages.finish_turn(waiting, []) == []
    assert house.messages.pending(conversation) == []


def test_a_turn_of_an_earlier_time_of_the_bot_stores_nothing_after_the_hand_back(house: House) -> None:
    """The person has spoken with staff meanwhile: an answer to what he said before would be out of place."""
    conversation = house.talk()
    waiting = house.says(conversation, "急", answer=None)
    before = house.messages.standing(waiting).conversation.tenure
    house.desk.takeovers.take(conversation, WANG)
    house.desk.takeovers.hand_back(conversation, WANG)
    with pytest.raises(StaffHaveIt):
        house.messages.finish_turn(waiting, HELLO, None, before)
    assert house.messages.finish_turn(waiting, HELLO, None, house.messages.standing(waiting).conversation.tenure)


def test_what_the_house_itself_says_is_stored_whoever_has_the_talk(house: House) -> None:
    conversation = house.talk()
    waiting = house.says(conversation, "急", answer=None)
    house.desk.takeovers.take(conversation, WANG)
    house.messages.finish_turn(waiting, [Reply(text="登记好了", author=Author(kind="system", name="中心"))])
    assert house.told(conversation)[-1] == ("system", "登记好了")


def test_what_is_said_to_staff_calls_forth_no_turn(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    arrival = house.messages.arrive(conversation, "to-staff", "您在吗", holder="a")
    assert (arrival.has_turn, arrival.holder, arrival.inbound.status) == (False, None, "done")
    assert house.messages.leases.waiting() == []
    again = house.messages.arrive(conversation, "to-staff", "您在吗", holder="a")
    assert (again.is_new, again.inbound.id) == (False, arrival.inbound.id)


def test_the_second_of_two_is_told_who_has_it(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    with pytest.raises(TakenByColleague) as refused:
        house.desk.takeovers.take(conversation, LI)
    assert (refused.value.staff, refused.value.shown) == ("wang", "长春知识产权保护中心")
    for call in (house.desk.takeovers.hand_back, house.desk.takeovers.end):
        with pytest.raises(NotYours):
            call(conversation, LI)
    with pytest.raises(NotYours):
        house.desk.takeovers.say(conversation, LI, "您好")
    assert house.desk.takeovers.take(conversation, WANG) == []
    assert len(house.told(conversation)) == 2


def test_of_many_who_take_at_once_one_gets_it(house: House) -> None:
    conversation = house.talk()
    staff = [Staff(name, "main") for name in "abcdef"]

    def take(one: Staff) -> str:
        try:
            house.desk.takeovers.take(conversation, one)
        except TakenByColleague as refused:
            return refused.staff
        return one.id

    with ThreadPoolExecutor(6) as pool:
        got = set(pool.map(take, staff))
    assert len(got) == 1
    assert [by for by, _text in house.told(conversation)] == ["bot", "system"]


def test_only_a_supervisor_takes_from_a_colleague(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    with pytest.raises(OnlySupervisors):
        house.desk.takeovers.take(conversation, LI, from_colleague=True)
    [told] = house.desk.takeovers.take(conversation, BOSS, from_colleague=True)
    assert "另一位工作人员" in told.body["text"]
    with pytest.raises(NotYours):
        house.desk.takeovers.say(conversation, WANG, "我还在")
    assert house.desk.takeovers.take(conversation, BOSS, from_colleague=True) == []
    with house.store.reading() as session:
        assert session.execute(text("SELECT state, staff FROM service")).all() == [("taken", "boss")]


def test_handed_back_the_bot_speaks_again_and_the_person_is_told(house: House) -> None:
    conversation = house.talk()
    epoch = house.messages.conversation(conversation).epoch
    house.desk.takeovers.take(conversation, WANG)
    house.desk.takeovers.hand_back(conversation, WANG)
    house.says(conversation, "商标怎么注册", "这样注册")
    assert [by for by, _text in house.told(conversation)] == ["bot", "system", "system", "bot"]
    assert "现在由小援接着为您服务" in house.told(conversation)[2][1]
    assert house.messages.conversation(conversation).epoch == epoch + 1
    assert house.desk.waiting.service(conversation).state == "bot"


def test_handed_back_in_a_form_the_form_is_one_tap_away(house: House) -> None:
    conversation = house.talk()
    house.open_draft(conversation, house.says(conversation, "我对服务有意见"))
    house.desk.takeovers.take(conversation, WANG)
    [told] = house.desk.takeovers.hand_back(conversation, WANG)
    assert "还在，点“接着填”" in told.body["text"]
    [choice] = told.body["choices"]
    assert house.messages.choice(conversation, choice["id"]) == Choice(label="接着填", payload={"say": "再说一遍"})


def test_handed_back_clean_the_form_is_gone(house: House) -> None:
    conversation = house.talk()
    house.open_draft(conversation, house.says(conversation, "我对服务有意见"))
    house.desk.takeovers.take(conversation, WANG)
    [told] = house.desk.takeovers.end(conversation, WANG, clean_form=True)
    assert told.body["choices"] == []
    assert house.office.drafts.current(conversation) is None


@pytest.mark.parametrize("act", ["hand_back", "end"])
def test_who_does_not_have_the_talk_cannot_cancel_the_form_in_it(house: House, act: str) -> None:
    conversation = house.talk()
    house.open_draft(conversation, house.says(conversation, "我对服务有意见"))
    draft = house.office.drafts.current(conversation)
    assert draft is not None
    for _round in ("the bot has it", "a colleague has it"):
        with pytest.raises(NotYours):
            getattr(house.desk.takeovers, act)(conversation, LI, clean_form=True)
        assert house.office.drafts.current(conversation) == draft, "what the person filled in stays"
        house.desk.takeovers.take(conversation, WANG)


def test_a_form_that_was_filed_in_this_moment_does_not_keep_the_talk_from_going_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = house.talk()
    inbound = house.says(conversation, "我对服务有意见")
    house.open_draft(conversation, inbound)
    house.desk.takeovers.take(conversation, WANG)
    drafts = house.office.drafts
    draft = drafts.current(conversation)
    ticket = house.file(conversation, inbound)
    monkeypatch.setattr(type(drafts), "current", lambda _self, _conversation: draft)
    house.desk.takeovers.hand_back(conversation, WANG, clean_form=True)
    assert house.messages.conversation(conversation).is_bots
    assert house.office.tickets.by_id(ticket.id) is not None


def test_only_an_open_talk_in_which_something_was_said_is_taken(house: House) -> None:
    with pytest.raises(UnknownConversation):
        house.desk.takeovers.take("nothing", WANG)
    empty = house.messages.open_conversation("web").id
    with pytest.raises(NothingSaid):
        house.desk.takeovers.take(empty, WANG)
    assert house.messages.conversation(empty).is_bots
    closed = house.talk()
    house.access.end(closed)
    with pytest.raises(ConversationClosed):
        house.desk.takeovers.take(closed, WANG)


def test_a_person_who_ends_the_talk_ends_it_for_staff_too(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    house.access.end(conversation)
    with pytest.raises(ConversationClosed):
        house.desk.takeovers.say(conversation, WANG, "您还在吗")
    assert house.desk.talks.taken() == []


def test_a_talk_that_goes_to_the_phone_stays_with_staff(house: House) -> None:
    conversation = house.talk(door="kiosk")
    house.desk.takeovers.take(conversation, WANG)
    house.access.take_over(house.access.offer_handover(conversation))
    house.desk.takeovers.say(conversation, WANG, "请在手机上发照片")
    assert house.messages.conversation(conversation).door == "web"
    assert house.told(conversation)[-1] == ("staff", "请在手机上发照片")


@pytest.mark.parametrize("empty", ["", "  \n ", "\u202e\u200b\x00"])
def test_nothing_is_not_sent(house: House, empty: str) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    with pytest.raises(EmptyWords):
        house.desk.takeovers.say(conversation, WANG, empty)


def test_unseen_characters_are_taken_out_and_length_is_bounded(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    said = house.desk.takeovers.say(conversation, WANG, " 甲\u202e乙\x07\r\n丙\ud800 ").body["text"]
    assert said == "甲乙\n丙"
    assert len(house.desk.takeovers.say(conversation, WANG, "长" * 5000).body["text"]) == 2000


def test_staff_who_vanish_do_not_leave_the_person_alone(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    house.clock.advance(timedelta(minutes=4))
    house.attend(WANG)
    house.clock.advance(timedelta(minutes=4))
    assert house.desk.waiting.sweep() == []
    house.clock.advance(timedelta(minutes=2))
    assert house.desk.waiting.sweep() == [conversation]
    assert house.desk.waiting.sweep() == []
    assert "现在由小援接着为您服务" in house.told(conversation)[-1][1]
    assert house.messages.conversation(conversation).is_bots


def test_the_database_refuses_a_talk_of_nobody(house: House) -> None:
    conversation = house.talk()
    for change in ("owner = 'staff'", "owner = 'cat', owner_id = 'x'", "owner_id = 'wang'"):
        with pytest.raises(IntegrityError), house.store.session() as session:
            session.execute(text(f"UPDATE conversation SET {change} WHERE id = :id"), {"id": conversation})


def test_words_that_are_sent_twice_are_said_once(house: House) -> None:
    conversation = house.talk()
    house.desk.takeovers.take(conversation, WANG)
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _n: house.desk.takeovers.say(conversation, WANG, "您好", "form-1").number, range(8)))
    assert len(set(said)) == 1
    house.desk.takeovers.say(conversation, WANG, "再说一句", "form-1")  # written anew on a page that the browser had kept
    house.desk.takeovers.say(conversation, WANG, "您好", "form-2")
    assert [text for kind, text in house.told(conversation) if kind == "staff"] == ["您好", "再说一句", "您好"]
    house.desk.takeovers.hand_back(conversation, WANG)
    assert house.desk.takeovers.say(conversation, WANG, "您好", "form-2").body["text"] == "您好", "it was sent, though the talk is the bot's by now"


def test_long_words_are_said_in_pieces_in_wechat_alone(house: House) -> None:
    words = "第一句话说的是专利权的期限，请您看清楚。" * 60
    for door, count in (("web", 1), ("wechat", 3)):
        conversation = house.talk(door=door)
        house.desk.takeovers.take(conversation, WANG)
        last = house.desk.takeovers.say(conversation, WANG, words, "form-1")
        again = house.desk.takeovers.say(conversation, WANG, words, "form-1")
        pieces = [text for kind, text in house.told(conversation) if kind == "staff"]
        assert ("".join(pieces), len(pieces), last.number) == (words, count, again.number)

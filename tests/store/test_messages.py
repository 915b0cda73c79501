"""Conversations and their messages: stored first, answered once, replayed whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from aid.clock import FixedClock
from aid.replies import Choice, Reply
from aid.store import Store
from aid.store.errors import ConversationClosed, UnknownChoice, UnknownConversation, UnknownInbound
from aid.store.messages import Messages

HELLO = Reply(text="您好", choices=[Choice(label="我要投诉", payload={"start": "expo_complaint"})])


def test_a_conversation_keeps_its_door_and_event(messages: Messages) -> None:
    opened = messages.open_conversation("kiosk", "automobile")
    assert messages.conversation(opened.id) == opened
    assert (opened.door, opened.event_code, opened.epoch, opened.state) == ("kiosk", "automobile", 0, "open")
    assert len(opened.id) == 22


def test_a_retry_is_the_same_message(messages: Messages) -> None:
    talk = messages.open_conversation("web")
    first, created = messages.add_inbound(talk.id, "c1", "有人抄我们")
    again, created_again = messages.add_inbound(talk.id, "c1", "别的字", "someid")
    assert (created, created_again) == (True, False)
    assert again == first == messages.inbound(first.id)
    assert first.text == "有人抄我们"


def test_retries_at_the_same_moment_make_one_message(messages: Messages) -> None:
    talk = messages.open_conversation("web")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: messages.add_inbound(talk.id, f"c{n % 4}", "您好"), range(16)))
    assert sum(created for _, created in made) == 4
    assert sorted({inbound.seq for inbound, _ in made}) == [1, 2, 3, 4]


def test_the_same_client_id_in_another_conversation_is_another_message(messages: Messages) -> None:
    one, two = (messages.add_inbound(messages.open_conversation("web").id, "c1", "您好") for _ in range(2))
    assert one[1]
    assert two[1]
    assert one[0].id != two[0].id


def test_nothing_that_people_write_stands_in_the_file(messages: Messages, store: Store) -> None:
    talk = messages.open_conversation("web")
    inbound, _ = messages.add_inbound(talk.id, "c1", "SECRET-WORDS")
    choice = Choice(label="SECRET-LABEL", payload={"say": "SECRET-PAYLOAD"})
    messages.finish_turn(inbound.id, [Reply(text="SECRET-REPLY", choices=[choice])])
    with store.reading() as session:
        dump = "".join(
            str(tuple(row))
            for t in ("inbound", "reply", "choice")
            for row in session.execute(text(f"SELECT * FROM {t}"))
        )
    assert "SECRET" not in dump
    assert talk.id in dump


def test_replies_are_numbered_through_the_conversation(messages: Messages) -> None:
    talk = messages.open_conversation("web")
    for n in range(3):
        inbound, _ = messages.add_inbound(talk.id, f"c{n}", "您好")
        stored = messages.finish_turn(inbound.id, [HELLO, HELLO])
        assert [r.number for r in stored] == [2 * n + 1, 2 * n + 2]
        assert {r.inbound_id for r in stored} == {inbound.id}
    assert [r.number for r in messages.replies_after(talk.id, 4)] == [5, 6]
    assert messages.conversation(talk.id).last_number == 6


def test_a_finished_turn_run_again_gives_the_replies_that_it_has(messages: Messages) -> None:
    inbound, _ = messages.add_inbound(messages.open_conversation("web").id, "c1", "您好")
    first = messages.finish_turn(inbound.id, [HELLO])
    assert messages.finish_turn(inbound.id, [Reply(text="另一个"), HELLO]) == first
    assert messages.fail_turn(inbound.id) == first
    assert messages.replies_after(inbound.conversation_id) == first
    assert messages.inbound(inbound.id).status == "done"


def test_a_turn_that_ends_twice_at_once_is_stored_once(messages: Messages) -> None:
    inbound, _ = messages.add_inbound(messages.open_conversation("web").id, "c1", "您好")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _n: messages.finish_turn(inbound.id, [HELLO]), range(4)))
    assert all(result == results[0] for result in results)
    assert len(messages.replies_after(inbound.conversation_id)) == 1


def test_what_a_door_sees_has_no_payload(messages: Messages) -> None:
    inbound, _ = messages.add_inbound(messages.open_conversation("web").id, "c1", "您好")
    (stored,) = messages.finish_turn(inbound.id, [HELLO])
    public = stored.public()
    assert set(public) == {"number", "inbound_id", "created_at", "text", "speak", "choices", "card", "author"}
    assert [set(choice) for choice in public["choices"]] == [{"id", "label"}]
    assert public["created_at"] == "2026-11-23T09:00:00.000+08:00"


def test_a_choice_is_looked_up_in_its_own_conversation_only(messages: Messages) -> None:
    inbound, _ = messages.add_inbound(messages.open_conversation("web").id, "c1", "您好")
    (stored,) = messages.finish_turn(inbound.id, [HELLO])
    choice_id = stored.body["choices"][0]["id"]
    assert messages.choice(inbound.conversation_id, choice_id) == HELLO.choices[0]
    with pytest.raises(UnknownChoice):
        messages.choice(messages.open_conversation("web").id, choice_id)
    with pytest.raises(UnknownChoice):
        messages.choice(inbound.conversation_id, "nothing")


def test_after_a_crash_the_pending_messages_come_in_order(messages: Messages, clock: FixedClock) -> None:
    early, late = messages.open_conversation("web"), messages.open_conversation("wechat")
    wanted = []
    for n, talk in enumerate([early, late, early, late]):
        inbound, _ = messages.add_inbound(talk.id, f"c{n}", "您好")
        wanted.append(inbound.id)
        clock.advance(timedelta(seconds=1))
    done, _ = messages.add_inbound(early.id, "done", "您好")
    messages.finish_turn(done.id, [])
    failed, _ = messages.add_inbound(early.id, "failed", "您好")
    messages.fail_turn(failed.id, [Reply(text="请再说一遍")])
    assert [inbound.id for inbound in messages.pending()] == [wanted[n] for n in (0, 2, 1, 3)]
    assert messages.inbound(failed.id).status == "failed"


def test_attempts_are_counted(messages: Messages) -> None:
    inbound, _ = messages.add_inbound(messages.open_conversation("web").id, "c1", "您好")
    assert [messages.start_turn(inbound.id), messages.start_turn(inbound.id)] == [1, 2]
    assert messages.inbound(inbound.id).attempts == 2


def test_an_epoch_begins_afresh_and_a_closed_conversation_takes_no_more(messages: Messages) -> None:
    talk = messages.open_conversation("kiosk")
    first, _ = messages.add_inbound(talk.id, "c1", "您好")
    assert messages.bump_epoch(talk.id) == 1
    messages.close_conversation(talk.id)
    assert messages.conversation(talk.id).state == "closed"
    with pytest.raises(ConversationClosed):
        messages.add_inbound(talk.id, "c2", "您好")
    assert messages.add_inbound(talk.id, "c1", "您好") == (first, False)


def test_unknown_ids_are_typed_errors(messages: Messages) -> None:
    for call in (messages.conversation, messages.bump_epoch, messages.close_conversation):
        with pytest.raises(UnknownConversation):
            call("nothing")
    with pytest.raises(UnknownConversation):
        messages.add_inbound("nothing", "c1", "您好")
    for call in (messages.inbound, messages.start_turn):
        with pytest.raises(UnknownInbound):
            call("nothing")
    with pytest.raises(UnknownInbound):
        messages.finish_turn("nothing", [])
    assert messages.replies_after("nothing") == []

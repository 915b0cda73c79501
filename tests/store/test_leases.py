"""Who runs a conversation's turns: one at a time, let go with the last turn, taken over by compare-and-set; who has lost it stores nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from aid.replies import Reply
from aid.store.errors import TurnTaken
from aid.store.leases import NOBODY, Held, Mark
from aid.store.messages import Messages

HELLO = [Reply(text="您好")]


def arrives(messages: Messages, talk: str, number: int, holder: str) -> tuple[str, str | None, bool]:
    arrival = messages.arrive(talk, f"client-{number}", f"第{number}句", holder=holder)
    return arrival.inbound.id, arrival.holder, arrival.is_next


def test_who_stores_the_first_message_holds_the_conversation_until_nothing_waits(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    first, *told = arrives(messages, talk, 1, "a")
    assert told == ["a", True]
    second, *told = arrives(messages, talk, 2, "b")
    assert told == ["a", False]
    messages.finish_turn(first, HELLO, "a")
    third, *told = arrives(messages, talk, 3, "b")
    assert told == ["a", False]
    assert [inbound.id for inbound in messages.pending(talk)] == [second, third]
    messages.finish_turn(second, HELLO, "a")
    messages.fail_turn(third, [], "a")
    assert messages.leases.waiting() == []
    assert arrives(messages, talk, 4, "b")[1:] == ("b", True)


def test_a_retry_changes_no_holder(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    first, *_ = arrives(messages, talk, 1, "a")
    messages.finish_turn(first, HELLO, "a")
    again = messages.arrive(talk, "client-1", "第1句", holder="b")
    assert (again.is_new, again.inbound.id, again.inbound.status) == (False, first, "done")
    assert arrives(messages, talk, 2, "c")[1] == "c"


def test_who_has_lost_a_conversation_ends_no_turn_and_begins_no_epoch(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    inbound, *_ = arrives(messages, talk, 1, "a")
    assert messages.leases.take_over(messages.leases.waiting()[0], "b")
    for call in (messages.finish_turn, messages.fail_turn):
        with pytest.raises(TurnTaken):
            call(inbound, HELLO, "a")
    with pytest.raises(TurnTaken):
        messages.bump_epoch(talk, "a")
    assert messages.replies_after(talk) == []
    assert messages.conversation(talk).epoch == 0
    assert messages.standing(inbound).holder == "b"
    stored = messages.finish_turn(inbound, HELLO, "b")
    assert [reply.number for reply in stored] == [1]
    # What comes too late gets what was said instead.
    assert messages.finish_turn(inbound, [Reply(text="别的话")], "a") == stored
    assert not messages.standing(inbound).is_pending


def test_a_refused_end_leaves_no_gap_in_the_numbers(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    first, *_ = arrives(messages, talk, 1, "a")
    second, *_ = arrives(messages, talk, 2, "a")
    messages.finish_turn(first, HELLO, "a")
    messages.finish_turn(first, HELLO * 3, "a")
    assert [reply.number for reply in messages.finish_turn(second, HELLO, "a")] == [2]
    assert messages.conversation(talk).last_number == 2


def test_only_what_stands_as_it_was_seen_is_taken_over(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    arrives(messages, talk, 1, "a")
    [seen] = messages.leases.waiting()
    assert seen == Held(talk, "a", 0)
    messages.leases.renew("b", [talk])
    assert messages.leases.waiting() == [seen]
    messages.leases.renew("a", [talk])
    assert not messages.leases.take_over(seen, "b")
    [alive] = messages.leases.waiting()
    assert alive == Held(talk, "a", 1)
    assert messages.leases.take_over(alive, "b")
    assert not messages.leases.take_over(alive, "c")


def test_every_end_of_a_turn_is_a_sign_of_life(messages: Messages) -> None:
    """Else a busy holder would look as if he stood still: the same name, again and again."""
    talk = messages.open_conversation("web").id
    first, *_ = arrives(messages, talk, 1, "a")
    [before] = messages.leases.waiting()
    messages.finish_turn(first, HELLO, "a")
    arrives(messages, talk, 2, "a")
    assert messages.leases.waiting() != [before]


def test_who_goes_leaves_everything_to_whoever_comes(messages: Messages) -> None:
    talks = [messages.open_conversation("web").id for _ in range(3)]
    for talk, holder in zip(talks, "aab", strict=True):
        arrives(messages, talk, 1, holder)
    messages.leases.leave("a", talks[0])
    assert {held.conversation_id: held.holder for held in messages.leases.waiting()} == dict(zip(talks, [NOBODY, "a", "b"], strict=True))
    messages.leases.leave("a")
    assert {held.holder for held in messages.leases.waiting()} == {NOBODY, "b"}
    assert arrives(messages, talks[0], 2, "c")[1:] == (NOBODY, False)


def test_marks_tell_what_is_new_and_what_has_ended(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    first, *_ = arrives(messages, talk, 1, "a")
    messages.finish_turn(first, HELLO, "a")
    assert messages.leases.marks([talk, "nothing"]) == {talk: Mark(1, 1, 0, True)}
    messages.close_conversation(talk)
    assert messages.leases.marks([talk] * 3) == {talk: Mark(1, 1, 0, False)}
    assert len(messages.leases.marks([messages.open_conversation("web").id for _ in range(450)])) == 450


def test_of_many_who_take_over_at_once_one_gets_it(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    arrives(messages, talk, 1, NOBODY)
    [seen] = messages.leases.waiting()
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda name: messages.leases.take_over(seen, name), "abcdef"))
    assert sum(got) == 1
    assert messages.leases.waiting()[0].holder == "abcdef"[got.index(True)]


def test_ends_and_arrivals_at_the_same_moment_leave_no_message_without_a_holder(messages: Messages) -> None:
    """The end of the last turn lets go; a message that comes in that very moment either is seen by it or is held by who stored it."""
    talk = messages.open_conversation("web").id
    waiting, *_ = arrives(messages, talk, 0, "a")
    for number in range(1, 25):
        with ThreadPoolExecutor(2) as pool:
            ended = pool.submit(messages.finish_turn, waiting, HELLO, "a")
            arrived = pool.submit(messages.arrive, talk, f"client-{number}", "您好", holder="b")
            ended.result()
            arrival = arrived.result()
        waiting = arrival.inbound.id
        standing = messages.standing(waiting)
        assert standing.holder == arrival.holder
        assert arrival.holder in ("a", "b")
        if arrival.holder == "b":
            assert messages.leases.take_over(messages.leases.waiting()[0], "a")
    assert messages.conversation(talk).last_number == 24


def test_two_who_end_one_turn_at_once_store_it_once(messages: Messages) -> None:
    talk = messages.open_conversation("web").id
    for number in range(10):
        inbound, *_ = arrives(messages, talk, number, "a")
        [seen] = messages.leases.waiting()

        def end(name: str, inbound: str = inbound, seen: Held = seen) -> str:
            if name == "b":
                messages.leases.take_over(seen, "b")
            try:
                return messages.finish_turn(inbound, [Reply(text=name)], name)[0].body["text"]
            except TurnTaken:
                return "taken"

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(end, "ab"))
        [reply] = messages.replies_after(talk, number)
        assert reply.number == number + 1
        assert set(said) <= {reply.body["text"], "taken"}


def test_a_door_answers_a_message_itself_without_running_the_conversation_s_turns(messages: Messages) -> None:
    talk = messages.open_conversation("wechat").id
    first, *_ = arrives(messages, talk, 1, "a")
    own, _new = messages.add_inbound(talk, "own", "关注")
    messages.finish_turn(own.id, HELLO)
    assert messages.leases.waiting()[0].holder == "a"
    messages.finish_turn(first, HELLO, "a")
    assert messages.leases.waiting() == []
    again, _new = messages.add_inbound(talk, "again", "关注")
    messages.finish_turn(again.id, HELLO)
    assert arrives(messages, talk, 4, "b")[1:] == ("b", True)

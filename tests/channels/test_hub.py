"""The hub with a bot that does as it is told, on a real database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from door_fakes import FakeBot, build, house

from aid.replies import Choice, Reply
from aid.store.errors import ConversationClosed, StoreUnavailable, UnknownChoice, UnknownConversation
from channels.errors import HubStopped, RasaBroken, RasaTimeout, RasaUnreachable, TooManyStreams
from channels.history import Excerpt
from channels.hub import MOST_ATTEMPTS
from channels.rooms import STREAMS

pytestmark = pytest.mark.anyio


async def test_messages_are_answered_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        for n in range(8):
            await it.hub.receive(conversation, f"client-{n}", f"第{n}句")
        assert await it.replies(conversation) == [f"答：第{n}句" for n in range(8)]
        assert not it.bot.overlapped


async def test_messages_that_come_at_once_run_in_the_order_of_the_record(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        taken = await asyncio.gather(*(it.hub.receive(conversation, f"client-{n}", f"第{n}句") for n in range(20)))
        recorded = [inbound.text for inbound, _new in sorted(taken, key=lambda pair: pair[0].seq)]
        await it.replies(conversation)
        assert it.bot.texts() == recorded
        assert not it.bot.overlapped


async def test_a_message_that_comes_twice_is_one_message(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        taken = await asyncio.gather(*(it.hub.receive(conversation, "client-1", "你好") for _ in range(5)))
        assert len({inbound.id for inbound, _new in taken}) == 1
        assert sorted(new for _inbound, new in taken) == [False] * 4 + [True]
        assert await it.replies(conversation) == ["答：你好"]
        _inbound, new = await it.hub.receive(conversation, "client-1", "你好")
        assert new is False
        assert await it.replies(conversation) == ["答：你好"]


async def test_conversations_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async with house(tmp_path, FakeBot(hold=asyncio.Event())) as it:
        first, second = await it.hub.open("web"), await it.hub.open("web")
        await it.hub.receive(first, "client-1", "甲")
        await it.hub.receive(second, "client-1", "乙")
        while len(it.bot.calls) < 2:
            await asyncio.sleep(0.005)
        assert it.bot.most_at_once == 2
        assert it.bot.hold
        it.bot.hold.set()
        assert await it.replies(first) == ["答：甲"]
        assert await it.replies(second) == ["答：乙"]


async def test_the_bot_learns_door_expo_and_message(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web", "expo-2026")
        inbound, _new = await it.hub.receive(conversation, "client-1", "你好")
        await it.replies(conversation)
        known = {"inbound": inbound.id, "conversation": conversation, "door": "web", "event": "expo-2026", "said": "你好"}
        assert it.bot.calls == [(f"{conversation}.0", "你好", {**known, "first": True})]


async def test_words_are_prepared_as_they_come_unless_the_gate_answers_them(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        for number, text in enumerate(["你好\0", "……", "长" * 2001]):
            await it.hub.receive(conversation, f"client-{number}", text)
        assert it.bot.prepared == ["你好"]


async def test_only_the_first_try_of_the_first_message_is_called_first(tmp_path: Path) -> None:
    """A session that begins later may have a form to put back."""
    async with house(tmp_path, FakeBot(faults=[RasaBroken("x")])) as it:
        conversation = await it.hub.open("web")
        await it.hub.receive(conversation, "client-1", "甲")
        await it.hub.receive(conversation, "client-2", "乙")
        await it.replies(conversation)
        while len(it.bot.calls) < 3:
            await asyncio.sleep(0.005)
        assert [call[2]["first"] for call in it.bot.calls] == [True, False, False]


@pytest.mark.parametrize("fault", [RasaUnreachable("x"), RasaTimeout("x"), RasaBroken("x")])
async def test_after_a_fault_the_turn_runs_again_on_a_fresh_tracker(tmp_path: Path, fault: Exception) -> None:
    async with house(tmp_path, FakeBot(faults=[fault, fault])) as it:
        conversation = await it.hub.open("web")
        await it.hub.receive(conversation, "client-1", "你好")
        assert await it.replies(conversation) == ["答：你好"]
        assert [sender for sender, _text, _metadata in it.bot.calls] == [f"{conversation}.{n}" for n in range(3)]
        await it.hub.receive(conversation, "client-2", "再见")
        await it.replies(conversation)
        assert it.bot.calls[-1][0] == f"{conversation}.2"


@pytest.mark.parametrize("fault", [RasaUnreachable("x"), RasaBroken("x"), ValueError("a fault of our own")])
async def test_a_turn_that_never_succeeds_ends_with_one_kind_sentence(tmp_path: Path, fault: Exception) -> None:
    async with house(tmp_path, FakeBot(always=fault)) as it:
        conversation = await it.hub.open("web")
        inbound, _new = await it.hub.receive(conversation, "client-1", "你好")
        assert await it.replies(conversation) == [it.wording.replies.turn_failed]
        kept = it.messages.inbound(inbound.id)
        assert (kept.status, kept.text) == ("failed", "你好")


async def test_a_failed_message_is_said_again_by_a_tap(tmp_path: Path) -> None:
    async with house(tmp_path, FakeBot(always=RasaBroken("x"))) as it:
        conversation = await it.hub.open("web")
        await it.hub.receive(conversation, "client-1", "你好")
        await it.replies(conversation)
        [failed] = it.messages.replies_after(conversation, 0)
        it.bot.always = None
        await it.hub.receive(conversation, "client-2", choice_id=failed.body["choices"][0]["id"])
        assert (await it.replies(conversation))[-1] == "答：你好"


async def test_a_fault_in_one_turn_does_not_stop_the_next(tmp_path: Path) -> None:
    bot = FakeBot(faults=[ValueError("a fault of our own")])
    async with house(tmp_path, bot) as it:
        conversation = await it.hub.open("web")
        await it.hub.receive(conversation, "client-1", "甲")
        await it.hub.receive(conversation, "client-2", "乙")
        assert await it.replies(conversation) == [it.wording.replies.turn_failed, "答：乙"]


async def test_what_a_crash_left_is_answered_at_the_next_start_in_order(tmp_path: Path) -> None:
    before = build(tmp_path, FakeBot())
    conversation = before.messages.open_conversation("web").id
    for n in range(3):
        before.messages.add_inbound(conversation, f"client-{n}", f"第{n}句")
    before.store.close()
    async with house(tmp_path) as it:
        assert await it.hub.recover() == 3
        assert await it.replies(conversation) == ["答：第0句", "答：第1句", "答：第2句"]
        assert await it.hub.recover() == 0


async def test_a_turn_cut_off_by_a_stop_is_run_at_the_next_start(tmp_path: Path) -> None:
    it = build(tmp_path, FakeBot(hold=asyncio.Event()))
    conversation = await it.hub.open("web")
    await it.hub.receive(conversation, "client-1", "甲")
    await it.hub.receive(conversation, "client-2", "乙")
    await it.hub.stop(grace=0.05)
    with pytest.raises(HubStopped):
        await it.hub.receive(conversation, "client-3", "丙")
    it.store.close()
    async with house(tmp_path) as again:
        assert await again.hub.recover() == 2
        assert await again.replies(conversation) == ["答：甲", "答：乙"]


async def test_a_stop_lets_a_running_turn_end(tmp_path: Path) -> None:
    it = build(tmp_path, FakeBot())
    conversation = await it.hub.open("web")
    await it.hub.receive(conversation, "client-1", "甲")
    await it.hub.stop()
    assert [reply.body["text"] for reply in it.messages.replies_after(conversation)] == ["答：甲"]
    it.store.close()


async def test_a_message_that_never_ends_its_turn_is_given_up_after_some_starts(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = it.messages.open_conversation("web").id
        inbound, _new = it.messages.add_inbound(conversation, "client-1", "你好")
        for _start in range(MOST_ATTEMPTS):
            it.messages.start_turn(inbound.id)
        await it.hub.recover()
        assert await it.replies(conversation) == [it.wording.replies.turn_failed]
        assert it.bot.calls == []


async def test_a_peer_that_hangs_up_cancels_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        request = asyncio.create_task(it.hub.receive(conversation, "client-1", "你好"))
        await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        while not await it.replies(conversation):
            await asyncio.sleep(0.005)
        assert await it.replies(conversation) == ["答：你好"]


async def test_an_over_long_text_is_kept_and_answered_without_the_bot(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        inbound, _new = await it.hub.receive(conversation, "client-1", "字" * 10_500)
        await it.hub.receive(conversation, "client-2", "你好")
        assert await it.replies(conversation) == [it.wording.replies.too_long, "答：你好"]
        assert len(it.messages.inbound(inbound.id).text) == 10_000
        assert it.bot.texts() == ["你好"]


async def test_a_long_text_is_cut_for_the_bot_and_kept_whole(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        inbound, _new = await it.hub.receive(conversation, "client-1", "字" * 2000)
        await it.replies(conversation)
        assert it.bot.texts() == ["字" * 1000]
        assert len(it.messages.inbound(inbound.id).text) == 2000


@pytest.mark.parametrize("said", ["", "😀", "？？", "\x00\x07"])
async def test_what_says_nothing_reaches_the_bot_marked_so(tmp_path: Path, said: str) -> None:
    """An open form must count it as a failed answer."""
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        await it.hub.receive(conversation, "client-1", said)
        await it.replies(conversation)
        [(_sender, heard, metadata)] = it.bot.calls
        assert (heard, metadata["meaningless"]) == ("…", True)


async def test_a_slash_is_text_and_never_a_command(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        await it.hub.receive(conversation, "client-1", " /restart")
        await it.replies(conversation)
        [(_sender, heard, metadata)] = it.bot.calls
        assert heard == "／restart"
        assert "meaningless" not in metadata


async def test_a_choice_is_looked_up_and_its_label_is_what_was_said(tmp_path: Path) -> None:
    choices = [Choice(label="就是这个", payload={"entry": "x"}), Choice(label="是", payload={"act": "affirm"})]
    bot = FakeBot(answer=lambda _text: [Reply(text="选一个", choices=choices)])
    async with house(tmp_path, bot) as it:
        conversation = await it.hub.open("web")
        await it.hub.receive(conversation, "client-1", "你好")
        await it.replies(conversation)
        [first] = it.messages.replies_after(conversation)
        for n, choice in enumerate(first.body["choices"]):
            await it.hub.receive(conversation, f"client-c{n}", choice_id=choice["id"])
        await it.replies(conversation)
        assert it.bot.texts() == ["你好", "/choose", "/affirm"]
        assert [one.text for one in (await it.hub.read(conversation)).said] == ["你好", "就是这个", "是"]


async def test_a_choice_of_another_conversation_is_unknown(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        mine, other = await it.hub.open("web"), await it.hub.open("web")
        await it.hub.receive(other, "client-1", "你好")
        await it.replies(other)
        [reply] = it.messages.replies_after(other)
        with pytest.raises(UnknownChoice):
            await it.hub.receive(mine, "client-1", choice_id=reply.body["choices"][0]["id"])


async def test_an_unknown_or_closed_conversation_takes_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        with pytest.raises(UnknownConversation):
            await it.hub.receive("nobody", "client-1", "你好")
        conversation = await it.hub.open("web")
        it.messages.close_conversation(conversation)
        with pytest.raises(ConversationClosed):
            await it.hub.receive(conversation, "client-1", "你好")


async def test_a_record_that_is_away_for_a_moment_costs_no_reply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        finish, away = it.messages.finish_turn, [StoreUnavailable("x"), StoreUnavailable("x")]

        def unsteady(*given: Any) -> object:
            if away:
                raise away.pop()
            return finish(*given)

        monkeypatch.setattr(it.messages, "finish_turn", unsteady)
        await it.hub.receive(conversation, "client-1", "你好")
        assert await it.replies(conversation) == ["答：你好"]
        assert len(it.bot.calls) == 1


async def test_who_follows_gets_what_he_missed_and_then_what_comes(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        for n in (1, 2):
            await it.hub.receive(conversation, f"client-{n}", str(n))
        await it.replies(conversation)
        seen: list[Excerpt] = []

        async def follow() -> None:
            async for excerpt in it.hub.follow(conversation, 1, 5):
                if excerpt:
                    seen.append(excerpt)

        follower = asyncio.create_task(follow())
        while not seen:
            await asyncio.sleep(0.005)
        await it.hub.receive(conversation, "client-3", "3")
        await it.replies(conversation)
        async with asyncio.timeout(5):
            while seen[-1].pending or not any(reply.number == 3 for one in seen for reply in one.replies):
                await asyncio.sleep(0.005)
        it.hub.end_streams()
        await asyncio.wait_for(follower, 2)
        assert [reply.number for one in seen for reply in one.replies] == [2, 3]
        assert [said.client_id for one in seen for said in one.said] == ["client-2", "client-3"]
        assert True in [one.pending for one in seen]


async def test_silence_is_told_by_beats(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        stream = it.hub.follow(conversation, 0, 0.01)
        first, second = await anext(stream), await anext(stream)
        await stream.aclose()
        assert first == Excerpt([], [], False)
        assert second is None


async def test_only_so_many_pages_follow_one_conversation(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        streams = [it.hub.follow(conversation, 0, 5) for _ in range(STREAMS)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(TooManyStreams):
            it.hub.check_place(conversation)
        for stream in streams:
            await stream.aclose()
        it.hub.check_place(conversation)


async def test_no_room_is_kept_for_a_conversation_at_rest(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        for n in range(5):
            await it.hub.receive(await it.hub.open("web"), "client-1", str(n))
        await it.hub.idle()
        await asyncio.sleep(0.01)
        assert it.hub.in_motion == 0

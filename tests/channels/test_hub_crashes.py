"""What a crash, a stop or an absent record leaves of turns: each is run and answered, in order."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from door_fakes import FakeBot, build, house

from aid.store.errors import StoreUnavailable
from channels.errors import HubStopped
from channels.hub import MOST_ATTEMPTS

pytestmark = pytest.mark.anyio


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

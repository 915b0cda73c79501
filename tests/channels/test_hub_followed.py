"""Following a conversation at the hub."""

import asyncio
from pathlib import Path

import pytest
from door_fakes import house

from channels.errors import TooManyStreams
from channels.history import Excerpt
from channels.rooms import STREAMS

pytestmark = pytest.mark.anyio


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


async def test_who_hangs_up_in_the_very_moment_of_news_is_gone(tmp_path: Path) -> None:
    """``asyncio.wait_for`` loses a cancellation that comes together with what it waits for; the stream would live on for an hour."""
    async with house(tmp_path) as it:
        conversation = await it.hub.open("web")
        waits = asyncio.Event()

        async def follow() -> None:
            async for _excerpt in it.hub.follow(conversation, 0, 30):
                waits.set()

        for _ in range(20):
            waits.clear()
            follower = asyncio.create_task(follow())
            await waits.wait()
            await asyncio.sleep(0.01)
            it.hub.told(conversation)  # the bell rings ...
            await asyncio.sleep(0)  # ... and whoever waits for it is about to go on
            follower.cancel()
            done, _pending = await asyncio.wait([follower], timeout=1)
            assert done, "still follows"
            assert follower.cancelled()
        assert it.hub.in_motion == 0

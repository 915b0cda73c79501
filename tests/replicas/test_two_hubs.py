"""Two hubs on one record: each conversation's turns in order and once, whoever takes the messages, and streams at either."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aid.store.access import Access
from channels.history import Excerpt
from tests.channels.door_fakes import FakeBot
from tests.replicas.hubs import QUICK, SLOW, follow, replica, said, texts, until
from tests.servers import Running

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("with_redis", [True, False])
async def test_messages_sent_in_turn_to_two_replicas_are_answered_once_and_in_order(
    tmp_path: Path, with_redis: bool, request: pytest.FixtureRequest
) -> None:
    redis = request.getfixturevalue("redis") if with_redis else None
    bot = FakeBot()
    async with replica(tmp_path, "a", bot, redis) as a, replica(tmp_path, "b", bot, redis) as b:
        conversation = await a.hub.open("web")
        for number in range(12):
            await (a, b)[number % 2].hub.receive(conversation, f"client-{number}", f"第{number}句")
        await until(lambda: len(said(a, conversation)) == 12)
        assert said(a, conversation) == [f"答：第{number}句" for number in range(12)]
        assert bot.texts() == [f"第{number}句" for number in range(12)]
        assert not bot.overlapped
        assert a.messages.leases.waiting() == []


async def test_messages_sent_at_once_to_both_run_in_the_order_of_the_record(tmp_path: Path, redis: Running) -> None:
    bot = FakeBot()
    async with replica(tmp_path, "a", bot, redis) as a, replica(tmp_path, "b", bot, redis) as b:
        conversation = await a.hub.open("web")
        taken = await asyncio.gather(*((a, b)[n % 2].hub.receive(conversation, f"client-{n}", f"第{n}句") for n in range(20)))
        recorded = [inbound.text for inbound, _new in sorted(taken, key=lambda pair: pair[0].seq)]
        await until(lambda: len(said(a, conversation)) == 20)
        assert bot.texts() == recorded
        assert not bot.overlapped


async def test_a_retry_at_the_other_replica_is_the_same_message(tmp_path: Path) -> None:
    bot = FakeBot()
    async with replica(tmp_path, "a", bot) as a, replica(tmp_path, "b", bot) as b:
        conversation = await a.hub.open("web")
        taken = await asyncio.gather(*(house.hub.receive(conversation, "client-1", "你好") for house in (a, b, a, b)))
        assert sorted(new for _inbound, new in taken) == [False, False, False, True]
        await until(lambda: said(b, conversation))
        await asyncio.sleep(0.3)
        assert bot.texts() == ["你好"]


async def test_with_redis_a_message_for_the_other_s_conversation_waits_for_no_look(tmp_path: Path, redis: Running) -> None:
    bot = FakeBot(hold=asyncio.Event())
    async with replica(tmp_path, "a", bot, redis, SLOW) as a, replica(tmp_path, "b", bot, redis, SLOW) as b:
        conversation = await a.hub.open("web")
        await a.hub.receive(conversation, "client-1", "甲")
        await b.hub.receive(conversation, "client-2", "乙")
        assert bot.hold
        bot.hold.set()
        await until(lambda: len(said(a, conversation)) == 2, 3)
        assert not bot.overlapped


@pytest.mark.parametrize("with_redis", [True, False])
async def test_who_follows_at_one_replica_hears_what_the_other_answers(
    tmp_path: Path, with_redis: bool, request: pytest.FixtureRequest
) -> None:
    redis = request.getfixturevalue("redis") if with_redis else None
    pulse = SLOW if with_redis else QUICK
    async with replica(tmp_path, "a", redis=redis, pulse=pulse) as a, replica(tmp_path, "b", redis=redis, pulse=pulse) as b:
        conversation = await a.hub.open("web")
        seen: list[Excerpt] = []
        follower = asyncio.create_task(follow(b, conversation, seen))
        await until(lambda: seen)
        await a.hub.receive(conversation, "client-1", "甲")
        await until(lambda: texts(seen) == ["答：甲"] and not seen[-1].pending, 2)
        assert [one.text for excerpt in seen for one in excerpt.said] == ["甲"]
        b.hub.end_streams()
        await asyncio.wait_for(follower, 2)


@pytest.mark.parametrize("ending", ["end", "handover"])
@pytest.mark.parametrize("with_redis", [True, False])
async def test_an_end_at_one_replica_ends_the_streams_at_the_other(
    tmp_path: Path, ending: str, with_redis: bool, request: pytest.FixtureRequest
) -> None:
    redis = request.getfixturevalue("redis") if with_redis else None
    pulse = SLOW if with_redis else QUICK
    async with replica(tmp_path, "a", redis=redis, pulse=pulse) as a, replica(tmp_path, "b", redis=redis, pulse=pulse) as b:
        conversation = await a.hub.open("web")
        seen: list[Excerpt] = []
        follower = asyncio.create_task(follow(b, conversation, seen, 0))
        await until(lambda: seen)
        access = Access(a.store, a.clock)
        if ending == "end":
            access.end(conversation)
        else:
            access.take_over(access.offer_handover(conversation))
        a.hub.cut(conversation)
        await asyncio.wait_for(follower, 3)


async def test_who_follows_with_a_token_from_before_a_handover_is_let_go_when_the_new_device_comes(tmp_path: Path) -> None:
    """Though this replica has heard nothing of it yet; and whoever comes late with an old token hears nothing at all."""
    async with replica(tmp_path, "b", pulse=SLOW) as b:
        conversation = b.messages.open_conversation("kiosk").id
        kiosk: list[Excerpt] = []
        phone: list[Excerpt] = []
        first = asyncio.create_task(follow(b, conversation, kiosk, 0))
        await until(lambda: kiosk)
        second = asyncio.create_task(follow(b, conversation, phone, 1))
        await until(lambda: phone)
        await asyncio.wait_for(first, 2)
        await asyncio.wait_for(follow(b, conversation, late := [], 0), 2)
        assert late == []
        assert not second.done()
        b.hub.end_streams()
        await asyncio.wait_for(second, 2)

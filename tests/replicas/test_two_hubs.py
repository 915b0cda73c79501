"""Two hubs on one record: each conversation's turns in order and once, whoever takes the messages, dies, stops or stalls; with Redis and without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from aid.store.access import Access
from aid.store.errors import StoreUnavailable
from aid.store.leases import Held
from channels.errors import RasaUnreachable
from channels.history import Excerpt
from channels.hub import MOST_ATTEMPTS
from channels.redis_exchange import RedisExchange, connect
from channels.replicas import Exchange, NoOthers, Replica
from channels.turns import Patience
from channels.watch import Pulse, Sightings
from tests.channels.door_fakes import FakeBot, House, build
from tests.replicas.conftest import address
from tests.servers import Running

pytestmark = pytest.mark.anyio
QUICK = Pulse(look=0.1, renew=0.1, silent=5)
SLOW = Pulse(look=30, renew=30, silent=5)
"""Looks into the record too seldom to help."""
STEADY = Patience(away=20, broken=20, first_pause=0.01, longest_pause=0.1)


@asynccontextmanager
async def replica(
    folder: Path, name: str, bot: FakeBot | None = None, redis: Running | None = None, pulse: Pulse = QUICK
) -> AsyncIterator[House]:
    own = Replica.begun(name)
    exchange: Exchange = RedisExchange(connect(address(redis)), own.holder) if redis else NoOthers()
    house = build(folder, bot or FakeBot(), STEADY, replica=own, exchange=exchange, pulse=pulse)
    await house.hub.recover()
    await house.hub.share()
    if redis:
        await until(lambda: exchange.is_sure)
    try:
        yield house
    finally:
        if house.bot.hold:
            house.bot.hold.set()
        await house.hub.stop(0.5)
        house.store.close()


async def until(holds: object, seconds: float = 8.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0.005)


async def die(house: House) -> None:
    """As by SIGKILL: nothing is ended, nothing let go, no sign of life comes any more."""
    await house.hub._watch.end()
    workers = [room.worker for room in house.hub._rooms if room.worker]
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


def said(house: House, conversation: str) -> list[str]:
    return [reply.body["text"] for reply in house.messages.replies_after(conversation)]


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


async def follow(house: House, conversation: str, seen: list[Excerpt], generation: int | None = None) -> None:
    async for excerpt in house.hub.follow(conversation, 0, 5, generation):
        if excerpt:
            seen.append(excerpt)


def texts(seen: list[Excerpt]) -> list[str]:
    return [reply.body["text"] for excerpt in seen for reply in excerpt.replies]


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


async def test_a_replica_that_dies_in_the_middle_of_a_turn_is_followed_by_the_other_on_a_fresh_tracker(tmp_path: Path) -> None:
    held, bot = FakeBot(hold=asyncio.Event()), FakeBot()
    async with replica(tmp_path, "a", held) as a, replica(tmp_path, "b", bot) as b:
        conversation = await a.hub.open("web")
        for number in (1, 2):
            await a.hub.receive(conversation, f"client-{number}", f"第{number}句")
        await until(lambda: held.calls)
        await die(a)
        await b.hub.receive(conversation, "client-3", "第3句")
        await until(lambda: len(said(b, conversation)) == 3)
        assert said(b, conversation) == ["答：第1句", "答：第2句", "答：第3句"]
        assert [sender for sender, _text, _metadata in bot.calls] == [f"{conversation}.1"] * 3
        assert [b.messages.inbound(call[2]["inbound"]).attempts for call in bot.calls] == [1, 0, 0]


async def test_a_living_replica_keeps_its_long_turn(tmp_path: Path) -> None:
    """Its turn takes many times as long as a dead one is waited for; nor does another's start take it away."""
    held, bot = FakeBot(hold=asyncio.Event()), FakeBot()
    async with replica(tmp_path, "a", held) as a, replica(tmp_path, "b", bot):
        conversation = await a.hub.open("web")
        await a.hub.receive(conversation, "client-1", "甲")
        async with replica(tmp_path, "c", bot) as c:
            assert await c.hub.recover() == 0
            await asyncio.sleep(2)
        assert bot.calls == []
        assert held.hold
        held.hold.set()
        await until(lambda: said(a, conversation) == ["答：甲"])
        assert a.messages.conversation(conversation).epoch == 0


async def test_a_replica_that_is_started_again_need_not_wait_for_its_earlier_life(tmp_path: Path) -> None:
    held = FakeBot(hold=asyncio.Event())
    async with replica(tmp_path, "a", held, pulse=SLOW) as a, replica(tmp_path, "b", FakeBot(hold=asyncio.Event()), pulse=SLOW) as b:
        mine, others = await a.hub.open("web"), await a.hub.open("web")
        await a.hub.receive(mine, "client-1", "甲")
        await b.hub.receive(others, "client-1", "乙")
        await die(a)
        async with replica(tmp_path, "a", pulse=SLOW) as again:
            await until(lambda: said(again, mine) == ["答：甲"])
            assert said(again, others) == []


async def test_a_replica_that_is_stopped_in_order_leaves_its_turns_to_the_other_at_once(tmp_path: Path) -> None:
    bot, patient = FakeBot(), Pulse(look=0.1, renew=0.1, silent=1000)
    async with replica(tmp_path, "b", bot, pulse=patient) as b:
        a = build(tmp_path, FakeBot(hold=asyncio.Event()), STEADY, replica=Replica.begun("a"), pulse=patient)
        conversation = await a.hub.open("web")
        await a.hub.receive(conversation, "client-1", "甲")
        await a.hub.stop(grace=0.05)
        a.store.close()
        await until(lambda: said(b, conversation) == ["答：甲"], 3)


async def test_a_replica_that_was_taken_for_dead_stores_nothing_when_it_goes_on(tmp_path: Path) -> None:
    """It stalls, gives no sign of life, and wakes after another has run its turn and the next ones."""
    held, bot = FakeBot(hold=asyncio.Event()), FakeBot(answer=FakeBot().answer)
    async with replica(tmp_path, "a", held, pulse=SLOW) as a, replica(tmp_path, "b", bot) as b:
        conversation = await a.hub.open("web")
        for number in (1, 2):
            await a.hub.receive(conversation, f"client-{number}", f"第{number}句")
        await until(lambda: len(said(b, conversation)) == 2)
        assert held.hold
        held.hold.set()
        await asyncio.wait_for(a.hub.idle(), 5)
        assert said(b, conversation) == ["答：第1句", "答：第2句"]
        assert held.texts() == ["第1句"]
        # And it is a good replica again.
        await a.hub.receive(conversation, "client-3", "第3句")
        await until(lambda: said(b, conversation)[2:] == ["答：第3句"])


async def test_a_stalled_replica_that_tries_again_finds_that_it_has_lost_the_talk(tmp_path: Path) -> None:
    held, bot = FakeBot(hold=asyncio.Event(), faults=[RasaUnreachable("x")]), FakeBot()
    async with replica(tmp_path, "a", held, pulse=SLOW) as a, replica(tmp_path, "b", bot) as b:
        conversation = await a.hub.open("web")
        await a.hub.receive(conversation, "client-1", "甲")
        await until(lambda: said(b, conversation) == ["答：甲"])
        assert held.hold
        held.hold.set()
        await asyncio.wait_for(a.hub.idle(), 5)
        assert len(held.calls) == 1
        assert b.messages.conversation(conversation).epoch == 1


async def test_a_turn_whose_runners_all_die_is_given_up_with_a_kind_sentence(tmp_path: Path) -> None:
    async with replica(tmp_path, "b") as b:
        conversation = b.messages.open_conversation("web").id
        inbound = b.messages.arrive(conversation, "client-1", "甲", holder="dead#1").inbound
        b.messages.arrive(conversation, "client-2", "乙", holder="dead#1")
        for _death in range(MOST_ATTEMPTS):
            b.messages.start_turn(inbound.id)
        await until(lambda: len(said(b, conversation)) == 2)
        assert said(b, conversation) == [b.wording.replies.turn_failed, "答：乙"]


async def test_a_turn_that_found_no_end_for_a_fault_of_our_own_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica(tmp_path, "a") as a:
        finish, broken = a.messages.finish_turn, [ValueError("a fault of our own")]

        def unsteady(*given: object) -> object:
            if broken:
                raise broken.pop()
            return finish(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(a.messages, "finish_turn", unsteady)
        conversation = await a.hub.open("web")
        await a.hub.receive(conversation, "client-1", "甲")
        await until(lambda: said(a, conversation) == ["答：甲"])


async def test_when_redis_goes_in_the_middle_nothing_is_lost_and_all_goes_on_more_slowly(tmp_path: Path, redis: Running) -> None:
    bot = FakeBot()
    async with replica(tmp_path, "a", bot, redis) as a, replica(tmp_path, "b", bot, redis) as b:
        conversation = await a.hub.open("web")
        seen: list[Excerpt] = []
        follower = asyncio.create_task(follow(b, conversation, seen))
        for number, trouble in enumerate([None, redis.end, None, redis.start_again, None, redis.pause, None, redis.go_on, None]):
            if trouble:
                trouble()
            else:
                begun = time.monotonic()
                await (a, b)[number // 2 % 2].hub.receive(conversation, f"client-{number}", f"第{number}句")
                await until(lambda: texts(seen)[-1:] == [f"答：第{number}句"] and not seen[-1].pending, 5)  # noqa: B023
                assert time.monotonic() - begun < 4
        assert bot.texts() == [f"第{number}句" for number in range(0, 9, 2)]
        assert texts(seen) == [f"答：{text}" for text in bot.texts()]
        b.hub.end_streams()
        await asyncio.wait_for(follower, 2)


async def test_while_the_record_is_away_nobody_is_taken_for_dead() -> None:
    sightings = Sightings(Replica.begun("me"), silent=3)
    held = Held("x", "other#1", 7)
    assert [sightings.look([held]) for _ in range(2)] == [[], []]
    sightings.forget()
    assert [sightings.look([held]) for _ in range(3)] == [[], [], [held]]


async def test_a_look_that_fails_is_followed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with replica(tmp_path, "b") as b:
        waiting, away = b.messages.leases.waiting, [StoreUnavailable("x"), ValueError("x")]

        def unsteady() -> list[Held]:
            if away:
                raise away.pop()
            return waiting()

        monkeypatch.setattr(b.messages.leases, "waiting", unsteady)
        conversation = b.messages.open_conversation("web").id
        b.messages.add_inbound(conversation, "client-1", "甲")
        await until(lambda: said(b, conversation) == ["答：甲"])
        assert not away


def test_a_beat_or_another_holder_begins_the_count_anew() -> None:
    sightings = Sightings(me := Replica.begun("me"), silent=3)
    seen = [Held("x", "a#1", 1), Held("x", "a#1", 1), Held("x", "a#1", 2), Held("x", "b#1", 2), Held("x", "b#1", 2), Held("x", "b#1", 2)]
    assert [bool(sightings.look([held])) for held in seen] == [False] * 5 + [True]
    nobody = Held("y", "-", 0)
    assert [sightings.look([nobody]), sightings.look([nobody])] == [[], [nobody]]
    own = Held("z", me.holder, 0)
    assert [sightings.look([own]), sightings.look([own])] == [[], [own]]


def test_an_earlier_life_is_known_by_its_name_alone() -> None:
    me, other = Replica.begun("hall:8081"), Replica.begun("hall:8082")
    assert me.was(Replica.begun("hall:8081").holder)
    assert not any(me.was(holder) for holder in (me.holder, other.holder, None, "-", "hall:808"))
    assert len(Replica.begun("x" * 200).holder) <= 96

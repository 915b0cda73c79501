"""News and limits through a real Redis, and without it: away, silent, unreachable, full of nonsense."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError
from redis.asyncio import Redis

from aid.cli.doctor import _redis
from aid.errors import SettingsError
from aid.privacy.vault import Vault
from aid.settings import Settings
from channels.errors import RedisAway, TooManyFromHere, TooManyMessages
from channels.redis_exchange import MOST_UNTOLD, RedisExchange, connect, read
from channels.replicas import News
from channels.shared_limits import RedisCounts, SharedAddressLimit, SharedRateLimit
from tests.replicas.conftest import address
from tests.replicas.test_two_hubs import until
from tests.servers import Running

pytestmark = pytest.mark.anyio
NOBODY_HERE = "redis://127.0.0.1:1/0"


@asynccontextmanager
async def client_of(server: Running | str) -> AsyncIterator[Redis]:
    client = connect(server if isinstance(server, str) else address(server))
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def exchange(server: Running | str, own: str) -> AsyncIterator[tuple[RedisExchange, list[News]]]:
    made, heard = RedisExchange(connect(server if isinstance(server, str) else address(server)), own), []
    await made.open(heard.append, lambda: heard.append(News("again")))
    try:
        yield made, heard
    finally:
        await made.close()


async def test_all_others_hear_and_who_tells_does_not(redis: Running) -> None:
    async with exchange(redis, "a") as (a, at_a), exchange(redis, "b") as (b, at_b), exchange(redis, "c") as (c, at_c):
        await until(lambda: a.is_sure and b.is_sure and c.is_sure)
        told = [News("x"), News("x", "b#1"), News("y", cut=True)]
        for news in told:
            a.tell(news)
        await until(lambda: len(at_b) == len(at_c) == 4)
        assert at_b == at_c == [News("again"), *told]
        assert at_a == [News("again")]


async def test_two_installations_in_one_redis_do_not_hear_each_other(redis: Running) -> None:
    other = address(redis)[:-1] + "1"
    async with exchange(redis, "a") as (a, _), exchange(other, "b") as (b, at_b), exchange(redis, "c") as (c, at_c):
        await until(lambda: a.is_sure and b.is_sure and c.is_sure)
        a.tell(News("x"))
        await until(lambda: len(at_c) == 2)
        assert at_b == [News("again")]


async def test_a_redis_that_goes_away_is_told_and_found_again_and_news_may_have_been_missed(redis: Running) -> None:
    async with exchange(redis, "a") as (a, _), exchange(redis, "b") as (b, at_b):
        await until(lambda: a.is_sure and b.is_sure)
        await asyncio.to_thread(redis.end)
        await until(lambda: not a.is_sure and not b.is_sure)
        a.tell(News("x"))
        redis.start_again()
        await until(lambda: a.is_sure and b.is_sure)
        a.tell(News("y"))
        await until(lambda: at_b[-1] == News("y"))
        assert at_b == [News("again"), News("again"), News("y")]


async def test_a_redis_that_falls_silent_is_noticed_within_seconds(redis: Running) -> None:
    async with exchange(redis, "a") as (a, _):
        await until(lambda: a.is_sure)
        redis.pause()
        await until(lambda: not a.is_sure, 6)
        redis.go_on()
        await until(lambda: a.is_sure, 6)


async def test_a_redis_that_never_was_there_holds_nothing_up() -> None:
    begun = time.monotonic()
    async with exchange(NOBODY_HERE, "a") as (a, heard):
        for _ in range(MOST_UNTOLD * 2):
            a.tell(News("x"))
        await asyncio.sleep(0.1)
        assert not a.is_sure
        assert heard == []
    assert time.monotonic() - begun < 3


async def test_nonsense_in_the_channel_is_passed_over(redis: Running) -> None:
    async with exchange(redis, "a") as (a, heard), client_of(redis) as client:
        await until(lambda: a.is_sure)
        for data in (b"", b"\xff", b"[]", b"7", b"{}", orjson.dumps({"from": "b", "conversation": 7, "holder": "", "cut": False})):
            await client.publish("aid:0:news", data)
        await client.publish("aid:0:news", orjson.dumps({"from": "b", "conversation": "x", "holder": "", "cut": False}))
        await until(lambda: len(heard) == 2)
        assert heard[1] == News("x")
        assert read(None, "a") is None


def counts(client: Redis, key: str = Fernet.generate_key().decode()) -> RedisCounts:
    return RedisCounts(client, Vault([key]))


async def test_a_conversation_s_messages_are_counted_at_all_replicas_together(redis: Running) -> None:
    key = Fernet.generate_key().decode()
    async with client_of(redis) as one, client_of(redis) as other:
        replicas = [SharedRateLimit(4, counts(client, key)) for client in (one, other)]
        for number in range(4):
            await replicas[number % 2].take("talk-1")
        for replica in replicas:
            with pytest.raises(TooManyMessages) as refused:
                await replica.take("talk-1")
            assert 50 < refused.value.retry_after <= 60
        await replicas[0].take("talk-2")


async def test_an_address_has_one_bucket_at_all_replicas_which_fills_again(redis: Running) -> None:
    key = Fernet.generate_key().decode()
    async with client_of(redis) as one, client_of(redis) as other:
        replicas = [SharedAddressLimit("things", 600, counts(client, key)) for client in (one, other)]
        for number in range(600):
            await replicas[number % 2].take("203.0.113.7")
        with pytest.raises(TooManyFromHere) as refused:
            await asyncio.gather(*(replicas[number % 2].take("203.0.113.7") for number in range(100)))  # ten come back each second
        assert refused.value.retry_after == 1
        await asyncio.sleep(0.15)
        await replicas[0].take("203.0.113.7")
        await SharedAddressLimit("others", 600, counts(one, key)).take("203.0.113.7")
        for _ in range(3):
            await SharedAddressLimit("few", 1, counts(one, key)).take("127.0.0.1")


async def test_no_address_and_no_conversation_can_be_read_in_redis(redis: Running) -> None:
    async with client_of(redis) as client:
        await client.flushall()
        await SharedAddressLimit("things", 5, counts(client)).take("203.0.113.7")
        await SharedRateLimit(5, counts(client)).take("a-conversation")
        keys = [key.decode() for key in await client.keys("*")]
        assert len(keys) == 2
        assert not any("203.0" in key or "a-conversation" in key for key in keys)
        assert all(0 < left <= 60_000 for left in [await client.pttl(key) for key in keys])


@pytest.mark.parametrize("trouble", ["end", "pause"])
async def test_while_redis_is_away_each_replica_counts_for_itself_and_waits_once(redis: Running, trouble: str) -> None:
    async with client_of(redis) as client:
        limit = SharedRateLimit(3, counts(client))
        await limit.take("talk")
        await asyncio.to_thread(getattr(redis, trouble))
        begun = time.monotonic()
        for _ in range(3):
            await limit.take("talk")
        with pytest.raises(TooManyMessages):
            await limit.take("talk")
        assert time.monotonic() - begun < 1.5
        with pytest.raises(RedisAway):
            await limit._counts.window("messages", "talk", 3)  # type: ignore[union-attr]


async def test_a_redis_that_refuses_is_away_too(redis: Running) -> None:
    async with client_of(redis) as client, client_of(redis) as admin:
        limit = counts(client)
        await client.set(f"aid:limit:odd:{limit._vault.fingerprint('limit x')[:22]}", "of another type")
        with pytest.raises(RedisAway):
            await limit.window("odd", "x", 3)
        await admin.flushall()


def test_an_address_that_is_none_stops_the_start() -> None:
    for wrong in ("127.0.0.1:6379", "http://127.0.0.1/0", "redis://"):
        with pytest.raises(ValidationError):
            Settings(_env_file=None, redis=wrong)
    with pytest.raises(SettingsError, match="AID_REDIS"):
        connect("redis://127.0.0.1:port/0")


def test_the_doctor_says_whether_redis_answers(redis: Running) -> None:
    settings = Settings(_env_file=None, redis=address(redis))
    assert list(_redis(settings)) == [(True, "Redis answers")]
    redis.end()
    [(well, line)] = _redis(settings)
    assert not well
    assert "ConnectionError" in line
    assert list(_redis(Settings(_env_file=None, redis=""))) == []

"""Several servers that do the same: who is asked, who is passed over, and what is never asked twice."""

from __future__ import annotations

import asyncio
import json

import pytest

from channels.ahead import Ahead
from channels.errors import RasaBroken, RasaUnreachable
from channels.places import Places
from channels.rasa_client import RasaClient
from tests.channels.small_server import closed_address, small_server

pytestmark = pytest.mark.anyio
ANSWER = [{"recipient_id": "c.0", "text": "您好"}, {"recipient_id": "c.0", "custom": {"turn": "done"}}]


def test_the_least_busy_is_asked_first_and_equals_take_turns() -> None:
    places = Places(["http://a", "http://b"])
    assert {places.least_busy()[0].address for _ in range(2)} == {"http://a", "http://b"}
    [busy] = [place for place in places.least_busy() if place.address == "http://a"]
    with places.at_work(busy):
        assert [places.least_busy()[0].address for _ in range(3)] == ["http://b"] * 3
    places.away(busy)
    assert [places.least_busy()[-1].address for _ in range(3)] == ["http://a"] * 3


async def test_a_rasa_that_takes_no_connection_is_passed_over_and_nobody_is_asked_twice() -> None:
    async with small_server(ANSWER) as bot:
        client = RasaClient([closed_address(), bot.address], 2)
        for number in range(4):
            assert [reply.text for reply in await client.send(f"c.{number}", "你好", {})] == ["您好"]
        assert await client.alive() is True
        await client.close()
    assert [json.loads(body)["sender"] for path, body in bot.asked if path.endswith("/webhook")] == ["c.0", "c.1", "c.2", "c.3"]


async def test_when_none_takes_a_connection_the_bot_is_unreachable() -> None:
    client = RasaClient([closed_address(), closed_address()], 2)
    with pytest.raises(RasaUnreachable):
        await client.send("c.0", "你好", {})
    assert await client.alive() is False
    await client.close()


async def test_a_turn_that_breaks_off_or_is_answered_wrongly_is_not_given_to_another_rasa() -> None:
    """It may have run: the hub runs it again, on a fresh tracker."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    breaking = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, small_server(ANSWER) as bot, small_server(b"oh", 500) as wrong:
        client = RasaClient([bot.address, breaking], 2)
        with pytest.raises(RasaUnreachable):
            await client.send("c.0", "你好", {})
        assert bot.asked == []
        # It is left alone now: the next try finds the other one.
        assert await client.send("c.1", "你好", {})
        await client.close()
        client = RasaClient([bot.address, wrong.address], 2)
        with pytest.raises(RasaBroken):
            await client.send("c.2", "你好", {})
        await client.close()
    assert len(bot.asked) == 1


async def test_the_same_words_are_prepared_at_the_same_action_server_and_different_ones_at_both() -> None:
    async with small_server(b"1234") as one, small_server(b"1234") as two:
        ahead = Ahead([one.address, two.address])
        for number in range(20):
            assert await ahead.encodings(f"第{number}句")
            assert await ahead.encodings(f"第{number}句")
        await ahead.close()
    texts = [[body.decode() for _path, body in server.asked] for server in (one, two)]
    assert all(texts)
    assert not set(texts[0]) & set(texts[1])
    # Rasa reckons the same from the same words (bot/several.py; tests/bot): a change of the one must be one of the other.
    assert Places(["http://a", "http://b"]).by_text("商标被抢注了怎么办")[0].address == "http://a"


async def test_words_whose_action_server_is_away_are_prepared_at_the_other_one_the_next_time() -> None:
    async with small_server(b"1234") as actions:
        ahead = Ahead([closed_address(), actions.address])
        answers = [await ahead.encodings(f"第{number}句") for number in range(8)]
        await ahead.close()
    assert answers.count(None) == 1

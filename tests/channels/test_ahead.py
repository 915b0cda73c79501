"""Working ahead is a gift: without it the turn goes on."""

import base64

import pytest

from channels import ahead as module
from channels.ahead import MOST_BEGUN, Ahead
from channels.rasa_client import RasaClient
from tests.channels.small_server import closed_address, silent_server, small_server

pytestmark = pytest.mark.anyio
DONE = [{"text": "好"}, {"custom": {"turn": "done"}}]


async def test_encodings_come_in_base64() -> None:
    async with small_server(b"ba") as actions:
        ahead = Ahead(actions.address)
        assert await ahead.encodings("你好") == base64.b64encode(b"ba").decode()
        assert actions.asked == [("/ahead", "你好".encode())]
        await ahead.close()


async def test_without_the_action_server_there_are_none() -> None:
    ahead = Ahead(closed_address())
    assert await ahead.encodings("你好") is None
    await ahead.close()


async def test_an_action_server_at_fault_gives_none() -> None:
    async with small_server(b"ab", status=500) as actions:
        ahead = Ahead(actions.address)
        assert await ahead.encodings("你好") is None
        await ahead.close()


async def test_a_silent_action_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.05)
    async with silent_server() as address:
        ahead = Ahead(address)
        assert await ahead.encodings("你好") is None
        await ahead.close()


async def test_what_was_begun_is_asked_once() -> None:
    async with small_server(b"ab") as actions, small_server(DONE) as bot:
        client = RasaClient(bot.address, 2, Ahead(actions.address))
        client.prepare("你好")
        await client.send("c.0", "你好", {"inbound": "x", "said": "你好"})
        assert len(actions.asked) == 1
        await client.close()


async def test_what_nobody_asks_for_is_let_go() -> None:
    ahead = Ahead(closed_address())
    for number in range(MOST_BEGUN + 9):
        ahead.begin(str(number))
    assert len(ahead._begun) == MOST_BEGUN
    assert await ahead.encodings(str(MOST_BEGUN)) is None
    await ahead.close()


async def test_typed_words_reach_rasa_with_their_encodings_and_a_tap_does_not() -> None:
    async with small_server(b"ab") as actions, small_server(DONE) as bot:
        client = RasaClient(bot.address, 2, Ahead(actions.address))
        await client.send("c.0", "你好", {"inbound": "x", "said": "你好"})
        await client.send("c.0", "/choose", {"inbound": "y"})
        (_path, typed), (_path, tapped) = bot.asked
        assert base64.b64encode(b"ab") in typed
        assert b"encodings" not in tapped
        await client.close()

"""The client of Rasa's REST channel: each way it succeeds, and each way it fails."""

import asyncio
import json
import time
from typing import Any

import pytest

from aid.replies import Choice
from channels.errors import RasaBroken, RasaTimeout, RasaUnreachable
from channels.rasa_client import RasaClient, replies_of
from tests.channels.small_server import closed_address, silent_server, small_server

pytestmark = pytest.mark.anyio
DONE = {"recipient_id": "c.0", "custom": {"turn": "done"}}
QUESTION = {
    "kind": "question",
    "case_kind": "expo_complaint",
    "field": "booth",
    "ask": "展位号是多少？",
    "why": "好找到展位",
    "step": 3,
    "steps": 7,
}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"recipient_id": "c.0", "text": words, **more}


def custom(value: Any) -> dict[str, Any]:
    return {"recipient_id": "c.0", "custom": value}


async def test_a_message_goes_to_the_rest_channel_and_its_replies_come_back() -> None:
    async with small_server([text("您好"), DONE]) as bot:
        client = RasaClient(bot.address, 2)
        replies = await client.send("c.0", "你好", {"inbound": "i"})
        await client.close()
    assert [reply.text for reply in replies] == ["您好"]
    [(path, body)] = bot.asked
    assert path == "/webhooks/rest/webhook"
    told = json.loads(body)
    assert 0 <= time.time() - told["metadata"].pop("sent") < 60, "the action server tells from it how long Rasa took"
    assert told == {"sender": "c.0", "message": "你好", "metadata": {"inbound": "i"}}


async def test_a_refused_connection_is_unreachable() -> None:
    client = RasaClient(closed_address(), 2)
    with pytest.raises(RasaUnreachable):
        await client.send("c.0", "你好", {})
    assert await client.alive() is False
    assert await client.wait_until_alive(0) is False
    await client.close()


async def test_a_connection_that_breaks_is_unreachable() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        client = RasaClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 2)
        with pytest.raises(RasaUnreachable):
            await client.send("c.0", "你好", {})
        await client.close()


async def test_silence_is_a_timeout() -> None:
    async with silent_server() as address:
        client = RasaClient(address, 0.1)
        with pytest.raises(RasaTimeout):
            await client.send("c.0", "你好", {})
        assert await client.alive(0.1) is False
        await client.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, [text("您好"), DONE]),
        (404, b""),
        (200, b"<html>"),
        (200, b"\xff"),
        (200, {"text": "您好"}),
        (200, ["您好"]),
        (200, []),
        (200, [text("您好")]),
        (200, [DONE, text("您好")]),
        (200, [DONE]),
        (200, [{"recipient_id": "c.0", "image": "x"}, DONE]),
        (200, [custom({"other": 1}), DONE]),
        (200, [custom("reply"), DONE]),
        (200, [custom({"reply": {"card": {"kind": "unknown"}}}), DONE]),
        (200, [text("您好", buttons=[{"title": "是"}]), DONE]),
    ],
)
async def test_an_answer_that_is_no_complete_turn_is_broken(status: int, body: Any) -> None:
    async with small_server(body, status) as bot:
        client = RasaClient(bot.address, 2)
        with pytest.raises(RasaBroken):
            await client.send("c.0", "你好", {})
        await client.close()


async def test_a_server_that_answers_is_alive() -> None:
    async with small_server({"status": "ok"}) as bot:
        client = RasaClient(bot.address, 2)
        assert await client.wait_until_alive(1)
        await client.close()


def test_a_card_takes_the_text_before_it_only_when_it_says_so() -> None:
    reply = {"reply": {"card": QUESTION}}
    attached = replies_of([text("好的。"), text("请看："), custom({**reply, "attach": True}), DONE])
    assert [(one.text, one.card is not None) for one in attached] == [("好的。", False), ("请看：", True)]
    apart = replies_of([text("请看："), custom(reply), DONE])
    assert [(one.text, one.card is not None) for one in apart] == [("请看：", False), ("", True)]


def test_a_card_that_stands_alone_keeps_its_own_text() -> None:
    replies = replies_of([custom({"reply": {"text": "请填写", "card": QUESTION}, "attach": True}), DONE])
    assert [one.text for one in replies] == ["请填写"]


def test_buttons_of_a_plain_response_become_choices() -> None:
    buttons = [{"title": "是", "payload": "/affirm"}, {"title": "看看", "payload": "展会维权"}]
    [reply] = replies_of([text("对吗？", buttons=buttons), DONE])
    assert reply.choices == [
        Choice(label="是", payload={"act": "affirm"}),
        Choice(label="看看", payload={"say": "展会维权"}),
    ]

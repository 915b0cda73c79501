"""The client of Rasa's REST channel: each way it succeeds, and each way it fails."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from aid.replies import Choice
from channels.errors import RasaBroken, RasaTimeout, RasaUnreachable
from channels.rasa_client import RasaClient, replies_of

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


@asynccontextmanager
async def client_of(answer: httpx.Response, seen: list[httpx.Request]) -> AsyncIterator[RasaClient]:
    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    client = RasaClient("http://bot", 2, httpx.MockTransport(handle))
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Takes connections and never answers."""

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.sleep(5)
        finally:
            writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_a_message_goes_to_the_rest_channel_and_its_replies_come_back() -> None:
    seen: list[httpx.Request] = []
    async with client_of(httpx.Response(200, json=[text("您好"), DONE]), seen) as client:
        replies = await client.send("c.0", "你好", {"inbound": "i"})
    assert [reply.text for reply in replies] == ["您好"]
    assert seen[0].url.path == "/webhooks/rest/webhook"
    assert json.loads(seen[0].content) == {"sender": "c.0", "message": "你好", "metadata": {"inbound": "i"}}


async def test_a_refused_connection_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = RasaClient(f"http://127.0.0.1:{port}", 2)
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
    "answer",
    [
        httpx.Response(500, json=[text("您好"), DONE]),
        httpx.Response(404),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"\xff"),
        httpx.Response(200, json={"text": "您好"}),
        httpx.Response(200, json=["您好"]),
        httpx.Response(200, json=[]),
        httpx.Response(200, json=[text("您好")]),
        httpx.Response(200, json=[DONE, text("您好")]),
        httpx.Response(200, json=[DONE]),
        httpx.Response(200, json=[{"recipient_id": "c.0", "image": "x"}, DONE]),
        httpx.Response(200, json=[custom({"other": 1}), DONE]),
        httpx.Response(200, json=[custom("reply"), DONE]),
        httpx.Response(200, json=[custom({"reply": {"card": {"kind": "unknown"}}}), DONE]),
        httpx.Response(200, json=[text("您好", buttons=[{"title": "是"}]), DONE]),
    ],
)
async def test_an_answer_that_is_no_complete_turn_is_broken(answer: httpx.Response) -> None:
    async with client_of(answer, []) as client:
        with pytest.raises(RasaBroken):
            await client.send("c.0", "你好", {})


async def test_a_server_that_answers_is_alive() -> None:
    async with client_of(httpx.Response(200, json={"status": "ok"}), []) as client:
        assert await client.wait_until_alive(1)


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

"""The load generator asks each text once, is bounded, and measures until the reply is there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bench.errors import LoadError
from bench.http import Connection
from bench.load import TEXTS_OF_ONE_TALK, load
from bench.talks import OpenTalk, RestTalk, Talk, open_web_talk

TURN_SECONDS = 0.03


class FakeBot:
    """Rasa's REST channel and our web door in one small server; notes what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.opened = 0
        self.streams: dict[str, asyncio.StreamWriter] = {}
        self.replies: dict[str, list[dict[str, Any]]] = {}
        self.pending: set[str] = set()
        self.silent = False
        self.turns: set[asyncio.Task[None]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                length = next(int(line[15:]) for line in lines if line.startswith("Content-Length"))
                body = json.loads(await reader.readexactly(length)) if length else None
                method, path, _ = lines[0].split(" ")
                if path.endswith("/stream"):
                    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    self.streams[path.split("/")[3]] = writer
                    continue
                status, answer = await self.answer(method, path, body)
                content = json.dumps(answer).encode()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if path == "/webhooks/rest/webhook":
            self.texts.append(body["message"])
            await asyncio.sleep(TURN_SECONDS)
            return 200, [] if self.silent else [{"text": "好"}]
        if path == "/v1/conversations":
            self.opened += 1
            return 201, {"conversation": f"c{self.opened}", "token": "t"}
        conversation = path.split("/")[3] if path.startswith("/v1/conversations/") else ""
        if not conversation:
            return 404, {"error": "nothing here"}
        if method == "POST":
            self.texts.append(body["text"])
            inbound = f"i{len(self.texts)}"
            self.pending.add(conversation)
            task = asyncio.get_running_loop().create_task(self.turn(conversation, inbound))
            self.turns.add(task)
            return 202, {"inbound": inbound, "seq": 1}
        after = int(path.split("=")[1])
        replies = [row for row in self.replies.get(conversation, []) if row["number"] > after]
        return 200, {"said": [], "replies": replies, "pending": conversation in self.pending}

    async def turn(self, conversation: str, inbound: str) -> None:
        await asyncio.sleep(TURN_SECONDS)
        if self.silent:
            return
        number = len(self.replies.get(conversation, [])) + 1
        reply = {"number": number, "inbound_id": inbound, "text": "好", "card": {"kind": "answer"}}
        self.replies.setdefault(conversation, []).append(reply)
        self.pending.discard(conversation)
        if writer := self.streams.get(conversation):
            typing = json.dumps({"pending": False})
            block = f": beat\n\nevent: reply\ndata: {json.dumps(reply)}\n\nevent: typing\ndata: {typing}\n\n".encode()
            for part in (block[:20], block[20:]):
                writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")


@asynccontextmanager
async def serving(bot: FakeBot) -> AsyncIterator[int]:
    server = await asyncio.start_server(bot.handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*bot.turns)
        await asyncio.sleep(0.01)


def rest(port: int) -> OpenTalk:
    async def open_talk() -> Talk:
        return RestTalk(port, 2)

    return open_talk


DOORS: dict[str, Callable[[int], OpenTalk]] = {
    "rest": rest,
    "polled": lambda port: lambda: open_web_talk(port, False, 0.5),
    "streamed": lambda port: lambda: open_web_talk(port, True, 0.5),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_text_is_asked_once_and_timed_to_its_reply(door: str) -> None:
    bot = FakeBot()
    texts = [f"问题{number}" for number in range(TEXTS_OF_ONE_TALK + 2)]

    async def run() -> None:
        async with serving(bot) as port:
            result = await load(DOORS[door](port), texts, 1, 10)
            assert bot.texts == texts
            assert (len(result.milliseconds), result.failures) == (len(texts), [])
            assert TURN_SECONDS * 1000 * 0.9 <= result.percentile(0.5) < 500
            assert set(result.kinds) == ({"text"} if door == "rest" else {"answer"})

    asyncio.run(run())
    assert bot.opened == (0 if door == "rest" else 2), "a new conversation after ten texts"


def test_users_ask_side_by_side() -> None:
    bot = FakeBot()

    async def run() -> None:
        async with serving(bot) as port:
            one = await load(rest(port), [f"甲{n}" for n in range(8)], 1, 10)
            four = await load(rest(port), [f"乙{n}" for n in range(8)], 4, 10)
            assert four.per_second > 2 * one.per_second

    asyncio.run(run())


def test_the_load_ends_when_its_time_is_over() -> None:
    bot = FakeBot()

    async def run() -> None:
        async with serving(bot) as port:
            result = await load(rest(port), [f"问{n}" for n in range(1000)], 2, 0.2)
            assert 2 <= len(result.milliseconds) < 50
            assert result.seconds < 1

    asyncio.run(run())


@pytest.mark.parametrize("door", DOORS)
def test_a_silent_bot_is_a_failure_and_no_fast_reply(door: str) -> None:
    bot = FakeBot()
    bot.silent = True

    async def run() -> None:
        async with serving(bot) as port:
            result = await load(DOORS[door](port), ["在吗"], 1, 5)
            assert result.milliseconds == []
            assert len(result.failures) == 1

    asyncio.run(run())


def test_a_dead_bot_is_counted_and_ends_the_load_at_once() -> None:
    async def run() -> None:
        async with serving(FakeBot()) as port:
            pass
        for door in DOORS.values():
            result = await load(door(port), ["一", "二"], 2, 5)
            assert len(result.failures) == 2

    asyncio.run(run())


def test_a_refusal_is_told_with_its_status() -> None:
    async def run() -> None:
        async with serving(FakeBot()) as port:
            connection = Connection(port, 2)
            with pytest.raises(LoadError, match="status 404"):
                await connection.json("GET", "/nowhere")
            connection.close()

    asyncio.run(run())


def test_a_server_that_does_not_answer_is_given_up() -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(never, "127.0.0.1", 0)
        with pytest.raises(LoadError, match="TimeoutError"):
            await Connection(server.sockets[0].getsockname()[1], 0.05).json("GET", "/")
        server.close()
        await asyncio.sleep(0.01)

    asyncio.run(run())

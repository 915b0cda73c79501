"""The stream of a conversation at the web door, which needs a network."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import FakeBot, served
from web_calls import app_in, begin, say, settled

pytestmark = pytest.mark.anyio


async def events(answer: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith(":"):
            yield "beat", None
        elif line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


async def test_a_stream_brings_what_was_missed_and_then_what_comes(tmp_path: Path) -> None:
    async with served(app_in(tmp_path, beat_seconds=0.05)) as client:
        conversation, token = await begin(client)
        for n in (1, 2):
            await say(client, conversation, token, client_id=f"client-{n}", text=str(n))
        await settled(client, conversation, token)
        path = f"/v1/conversations/{conversation}/stream?after=1"
        seen: list[tuple[str, Any]] = []
        async with client.stream("GET", path, headers=token) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            async for name, data in events(answer):
                seen.append((name, data))
                names = [one for one, _ in seen]
                if name == "beat" and names.count("beat") == 1:
                    await say(client, conversation, token, client_id="client-3", text="3")
                if names.count("reply") == 2 and data == {"pending": False}:
                    break
        assert [data["number"] for name, data in seen if name == "reply"] == [2, 3]
        assert [data["text"] for name, data in seen if name == "said"] == ["2", "3"]
        typing = [data["pending"] for name, data in seen if name == "typing"]
        assert typing[0] is False
        assert True in typing


async def test_a_page_that_hangs_up_loses_no_answer(tmp_path: Path) -> None:
    bot = FakeBot(hold=asyncio.Event())
    async with served(app_in(tmp_path, bot, beat_seconds=0.05)) as client:
        conversation, token = await begin(client)
        await say(client, conversation, token, client_id="client-1", text="你好")
        async with client.stream("GET", f"/v1/conversations/{conversation}/stream", headers=token) as answer:
            await anext(events(answer))
        assert bot.hold
        bot.hold.set()
        assert [reply["text"] for reply in (await settled(client, conversation, token))["replies"]] == ["答：你好"]


async def test_a_stop_ends_the_streams_at_once(tmp_path: Path) -> None:
    begun = 0.0
    async with served(app_in(tmp_path, beat_seconds=30)) as client:
        conversation, token = await begin(client)
        answer = await client.send(
            client.build_request("GET", f"/v1/conversations/{conversation}/stream", headers=token), stream=True
        )
        await anext(events(answer))
        begun = time.monotonic()
    assert time.monotonic() - begun < 3

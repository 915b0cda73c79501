"""What the web door refuses, with a sentence each time and without a trace of what is behind it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from door_fakes import FakeBot, running
from web_calls import app_in, begin, refused, say, settled

from channels.errors import RasaUnreachable

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"client_id": "client-1"},
        {"client_id": "short", "text": "x"},
        {"client_id": "x" * 65, "text": "x"},
        {"client_id": "with space", "text": "x"},
        {"client_id": "client-1", "text": "x", "choice": "y"},
        {"client_id": "client-1", "text": 5},
        {"client_id": "client-1", "text": "x", "more": 1},
        [],
    ],
)
async def test_a_message_of_wrong_form_is_refused_with_a_sentence(tmp_path: Path, message: Any) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        answer = await client.post(f"/v1/conversations/{conversation}/messages", json=message, headers=token)
        assert refused(answer) == (422, "bad_request")
        assert (await settled(client, conversation, token))["said"] == []


async def test_what_is_no_json_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        path = f"/v1/conversations/{conversation}/messages"
        for body, status in ((b"{", 422), (b"\xff", 422), (b"", 422)):
            answer = await client.post(path, content=body, headers={**token, "Content-Type": "application/json"})
            assert refused(answer) == (status, "bad_request")
        answer = await client.get(path + "?after=-1", headers=token)
        assert refused(answer) == (422, "bad_request")


async def test_half_a_character_and_nul_do_no_harm(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        body = b'{"client_id": "client-1", "text": "a\\ud83d\\u0000b"}'
        headers = {**token, "Content-Type": "application/json"}
        answer = await client.post(f"/v1/conversations/{conversation}/messages", content=body, headers=headers)
        assert answer.status_code == 202
        assert (await settled(client, conversation, token))["said"][0]["text"] == "ab"


async def test_ten_thousand_characters_fit_and_are_answered_by_a_clear_sentence(tmp_path: Path) -> None:
    bot = FakeBot()
    async with running(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        message = json.dumps({"client_id": "client-1", "text": "字" * 10_000})  # six bytes for each character
        headers = {**token, "Content-Type": "application/json"}
        answer = await client.post(f"/v1/conversations/{conversation}/messages", content=message, headers=headers)
        assert answer.status_code == 202
        seen = await settled(client, conversation, token)
        assert len(seen["said"][0]["text"]) == 10_000
        assert "太长" in seen["replies"][0]["text"]
        assert bot.calls == []


async def test_a_body_over_64_kilobytes_is_refused_however_it_comes(tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"x" * 1024

    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        path = f"/v1/conversations/{conversation}/messages"
        assert refused(await client.post(path, content=b"x" * 70_000, headers=token)) == (413, "too_large")
        assert refused(await client.post(path, content=pieces(), headers=token)) == (413, "too_large")


async def test_who_writes_too_fast_is_told_when_to_go_on(tmp_path: Path) -> None:
    async with running(app_in(tmp_path, messages_per_minute=3)) as client:
        conversation, token = await begin(client)
        for n in range(3):
            assert (await say(client, conversation, token, client_id=f"client-{n}", text="x")).status_code == 202
        answer = await say(client, conversation, token, client_id="client-3", text="x")
        assert refused(answer) == (429, "too_many")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        second, second_token = await begin(client)
        assert (await say(client, second, second_token, client_id="client-1", text="x")).status_code == 202


async def test_a_bot_that_is_away_ends_in_a_sentence_and_the_door_stays_open(tmp_path: Path) -> None:
    bot = FakeBot(always=RasaUnreachable("the bot cannot be reached: ConnectError"))
    async with running(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        await say(client, conversation, token, client_id="client-1", text="你好")
        [reply] = (await settled(client, conversation, token))["replies"]
        assert "12345" in reply["text"]
        assert "ConnectError" not in json.dumps(reply)


async def test_an_address_that_is_none_gets_a_sentence(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        assert refused(await client.get("/v1/nothing")) == (404, "not_found")
        assert refused(await client.delete("/v1/conversations")) == (405, "not_allowed")
        assert refused(await client.get("/")) == (503, "page_not_built")


async def test_a_fault_of_our_own_shows_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:

        async def broken(*_args: object) -> str:
            raise ZeroDivisionError("secret detail")

        monkeypatch.setattr(app.state.door.hub, "open", broken)
        answer = await client.post("/v1/conversations", json={})
        assert refused(answer) == (500, "broken")
        assert "secret" not in answer.text


async def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        for answer in (await client.get("/healthz"), await client.get("/v1/nothing"), await client.get("/")):
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert (await client.get("/v1/openapi.json")).headers["Cache-Control"] == "no-store"

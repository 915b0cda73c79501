"""The web door: what a page, a stranger and a broken program meet."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import HURRY, FakeBot, fixed_clock, running, served, settings_in
from fastapi import FastAPI

from channels.errors import RasaUnreachable
from channels.web import create_app

BOT = {"state": "bot", "place": None, "since": None, "waited": None, "name": None}
pytestmark = pytest.mark.anyio
NO_PAGE = Path("no-such-folder")


def app_in(folder: Path, bot: FakeBot | None = None, **more: Any) -> FastAPI:
    more = {"clock": fixed_clock(), "patience": HURRY, "page": NO_PAGE, **more}
    return create_app(settings_in(folder), bot=bot or FakeBot(), **more)


async def begin(client: httpx.AsyncClient, **asked: Any) -> tuple[str, dict[str, str]]:
    answer = await client.post("/v1/conversations", json={"door": "web", **asked})
    assert answer.status_code == 201
    session = answer.json()
    return session["conversation"], {"Authorization": f"Bearer {session['token']}"}


async def say(client: httpx.AsyncClient, conversation: str, token: dict[str, str], **message: Any) -> httpx.Response:
    return await client.post(f"/v1/conversations/{conversation}/messages", json=message, headers=token)


async def settled(
    client: httpx.AsyncClient, conversation: str, token: dict[str, str], after: int = 0
) -> dict[str, Any]:
    """What the conversation holds, once nothing is pending."""
    for _ in range(400):
        seen: dict[str, Any] = (
            await client.get(f"/v1/conversations/{conversation}/messages?after={after}", headers=token)
        ).json()
        if not seen["pending"]:
            return seen
        await asyncio.sleep(0.01)
    raise AssertionError("the turn did not end")


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, which must bring a Chinese sentence and nothing else."""
    body = answer.json()
    assert set(body) == {"error", "message"}
    assert any("\u4e00" <= c <= "\u9fff" for c in body["message"])
    return answer.status_code, body["error"]


async def test_a_message_is_answered_and_both_sides_can_be_read_back(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client, event="expo-2026")
        answer = await say(client, conversation, token, client_id="client-1", text="你好")
        assert (answer.status_code, answer.json()["seq"]) == (202, 1)
        seen = await settled(client, conversation, token)
        [said], [reply] = seen["said"], seen["replies"]
        assert (said["client_id"], said["text"], said["inbound_id"]) == ("client-1", "你好", answer.json()["inbound"])
        assert (reply["number"], reply["text"], reply["card"]) == (1, "答：你好", None)
        assert [set(choice) for choice in reply["choices"]] == [{"id", "label"}]
        assert (await settled(client, conversation, token, after=1)) == {"said": [], "replies": [], "pending": False, "service": BOT}


async def test_the_same_message_twice_is_taken_once(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        answers = [await say(client, conversation, token, client_id="client-1", text="你好") for _ in range(3)]
        assert len({answer.text for answer in answers}) == 1
        assert len((await settled(client, conversation, token))["replies"]) == 1


async def test_a_tapped_choice_is_taken_and_an_unknown_one_refused(tmp_path: Path) -> None:
    bot = FakeBot()
    async with running(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        await say(client, conversation, token, client_id="client-1", text="你好")
        choice = (await settled(client, conversation, token))["replies"][0]["choices"][0]["id"]
        assert (await say(client, conversation, token, client_id="client-2", choice=choice)).status_code == 202
        await settled(client, conversation, token)
        assert bot.texts() == ["你好", "/affirm"]
        other = await say(client, conversation, token, client_id="client-3", choice="A" * 22)
        assert refused(other) == (404, "choice_unknown")


async def test_without_the_right_token_nothing_opens(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        _other, others_token = await begin(client)
        forged = {"Authorization": token["Authorization"][:-2] + "xx"}
        cases = [
            ({}, (401, "no_token")),
            ({"Authorization": "Basic eA=="}, (401, "no_token")),
            ({"Authorization": "Bearer nonsense"}, (401, "token_wrong")),
            (forged, (401, "token_wrong")),
            (others_token, (403, "not_yours")),
        ]
        for headers, expected in cases:
            for path in ("messages", "stream"):
                answer = await client.get(f"/v1/conversations/{conversation}/{path}", headers=headers)
                assert refused(answer) == expected
            assert refused(await say(client, conversation, headers, client_id="client-1", text="x")) == expected
        in_address = await client.get(f"/v1/conversations/{conversation}/messages?token={token['Authorization'][7:]}")
        assert refused(in_address) == (401, "no_token")


async def test_a_token_lives_while_it_is_used_and_ends_after_a_day_without(tmp_path: Path) -> None:
    clock = fixed_clock()
    async with running(app_in(tmp_path, clock=clock)) as client:
        conversation, token = await begin(client)
        path = f"/v1/conversations/{conversation}/messages"
        assert "X-Session-Token" not in (await client.get(path, headers=token)).headers
        for _day in range(3):
            clock.advance(timedelta(hours=23))
            answer = await client.get(path, headers=token)
            assert answer.status_code == 200
            token = {"Authorization": f"Bearer {answer.headers['X-Session-Token']}"}
        clock.advance(timedelta(hours=24, seconds=1))
        assert refused(await client.get(path, headers=token)) == (401, "token_expired")


async def test_a_token_outlives_a_restart(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        await say(client, conversation, token, client_id="client-1", text="你好")
        await settled(client, conversation, token)
    assert (tmp_path / "var" / "keys" / "token.key").stat().st_mode & 0o777 == 0o600
    async with running(app_in(tmp_path)) as client:
        assert len((await settled(client, conversation, token))["replies"]) == 1


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


async def test_health_tells_of_the_record_and_of_the_bot(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok", "bot": "ready"}
    app = create_app(settings_in(tmp_path, rasa_port=9), page=NO_PAGE)
    async with running(app) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok", "bot": "unreachable"}


async def test_the_description_names_every_address_and_error(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        paths = (await client.get("/v1/openapi.json")).json()["paths"]
    messages = paths["/v1/conversations/{conversation}/messages"]
    assert {"get", "post"} == set(messages)
    assert {"202", "401", "403", "413", "422", "429"} <= set(messages["post"]["responses"])
    assert {"/v1/conversations", "/v1/conversations/{conversation}/stream", "/healthz"} <= set(paths)


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

"""The web door: a conversation, its token, and what is said of the door itself."""

from datetime import timedelta
from pathlib import Path

import pytest
from door_fakes import FakeBot, fixed_clock, running, served, settings_in
from fastapi import FastAPI, Request, Response
from starlette.routing import Route
from web_calls import NO_PAGE, app_in, begin, refused, say, settled

from aid.operations.figures import DoorFigures
from channels.web import create_app

BOT = {"state": "bot", "place": None, "since": None, "waited": None, "name": None}
pytestmark = pytest.mark.anyio


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


async def test_the_door_says_that_it_lives_and_whether_it_is_ready(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready", "parts": {"record": "ok", "tables": "ok", "bot": "ok"}})


async def test_a_door_without_its_servers_lives_and_is_not_ready(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path, rasa_port=9, actions_port=9), page=NO_PAGE)
    async with running(app) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
    assert ready.status_code == 503
    gone = {"bot": "unreachable", "model": "unreachable", "actions": "unreachable"}
    assert ready.json() == {"status": "not_ready", "parts": {"record": "ok", "tables": "ok", **gone}}


@pytest.mark.parametrize(
    ("status", "told", "model"),
    [(200, b'{"model": "0a1b2c", "trained_at": 1700000000.5}', "ok"), (503, b'{"model": null}', "missing"), (404, b"", "missing")],
)
async def test_the_door_asks_the_rasa_server_for_its_model(tmp_path: Path, status: int, told: bytes, model: str) -> None:
    async def answer(request: Request) -> Response:
        if request.url.path == "/webhooks/ready/":
            return Response(told, status, media_type="application/json")
        return Response(status_code=200 if request.url.path == "/healthz" else 404)

    figures = DoorFigures()
    async with served(FastAPI(routes=[Route("/{path:path}", answer)])) as stand_in:
        port = stand_in.base_url.port
        app = create_app(settings_in(tmp_path, rasa_port=port, actions_port=port), page=NO_PAGE, figures=figures)
        async with running(app) as client:
            ready = await client.get("/readyz")
    parts = ready.json()["parts"]
    assert (parts["bot"], parts["model"], parts["actions"], ready.status_code) == ("ok", model, "ok", 200 if model == "ok" else 503)
    assert figures.registry.get_sample_value("aid_model", {"model": "0a1b2c"}) == (1 if model == "ok" else None)
    assert figures.registry.get_sample_value("aid_ready", {"part": "model"}) == (1 if model == "ok" else 0)


async def test_turns_and_replies_are_counted(tmp_path: Path) -> None:
    figures = DoorFigures()
    app = create_app(settings_in(tmp_path), bot=FakeBot(), clock=fixed_clock(), page=NO_PAGE, figures=figures)
    async with running(app) as client:
        conversation, token = await begin(client)
        await say(client, conversation, token, client_id="client-1", text="你好")
        await settled(client, conversation, token)
    told = figures.registry
    assert told.get_sample_value("aid_turns_total", {"door": "web", "outcome": "answered"}) == 1
    assert told.get_sample_value("aid_turn_seconds_count", {"door": "web"}) == 1
    assert told.get_sample_value("aid_replies_total", {"band": "words"}) == 1
    steps = {step: told.get_sample_value("aid_step_seconds_count", {"step": step}) for step in ("store", "queue", "bot", "end")}
    assert steps == dict.fromkeys(steps, 1)


async def test_the_description_names_every_address_and_error(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        paths = (await client.get("/v1/openapi.json")).json()["paths"]
    messages = paths["/v1/conversations/{conversation}/messages"]
    assert {"get", "post"} == set(messages)
    assert {"202", "401", "403", "413", "422", "429"} <= set(messages["post"]["responses"])
    assert {"/v1/conversations", "/v1/conversations/{conversation}/stream", "/healthz"} <= set(paths)

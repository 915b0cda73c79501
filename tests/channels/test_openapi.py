"""The description of the API is complete: every route, every refusal, who needs a token. That it is true is held by every door test (contract.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import FakeBot, running, served, settings_in
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from web_calls import app_in, begin, say, settled

from aid.wording.doors import ErrorWording, read_wording
from channels.door import AtDoor, Own
from channels.errors import NoPreview
from channels.openapi import describe, statuses
from channels.problems import ANSWERS
from channels.web import create_app
from tests.channels.contract import OPEN, Contract, routes


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    wechat = {"wechat_token": "t", "wechat_app_id": "wx1", "wechat_mode": "plain"}  # with the door that is not always there
    return create_app(settings_in(tmp_path, **wechat), bot=FakeBot(), page=Path("no-such-folder"))


def operations(app: FastAPI) -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): operation for path, item in app.openapi()["paths"].items() for method, operation in item.items()}


def test_every_route_of_the_api_is_described(app: FastAPI) -> None:
    here = {(method, path) for method, path in routes(app) if path.startswith("/v1/") or path == "/healthz"} - {("get", "/v1/openapi.json")}
    assert len(here) >= 13
    assert here == set(operations(app))


def test_whoever_needs_a_token_says_so_and_who_does_not_is_on_the_list(app: FastAPI) -> None:
    described = operations(app)
    assert {key for key, operation in described.items() if not operation.get("security")} <= OPEN.keys()
    schemes = app.openapi()["components"]["securitySchemes"]
    assert {scheme["scheme"] for scheme in schemes.values()} == {"bearer"}
    for key in described.keys() - OPEN.keys():
        assert {"401", "403"} <= set(described[key]["responses"]), key
        assert [answer for status, answer in described[key]["responses"].items() if status.startswith("2") and "X-Session-Token" in answer["headers"]], key


def test_every_refusal_is_a_problem_with_its_codes_and_sentences(app: FastAPI) -> None:
    wording, found = read_wording(settings_in(Path()).knowledge_dir).errors, set()
    for key, operation in operations(app).items():
        assert operation["description"], key
        for status, answer in operation["responses"].items():
            if int(status) < 400:
                continue
            assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}, (key, status)
            assert answer["x-errors"], (key, status)
            for code in answer["x-errors"]:
                assert wording.of(code) in answer["description"]
                assert statuses()[code] == int(status) or (code, status) in {("too_slow", "408"), ("bad_request", "422")}
            found |= set(answer["x-errors"])
        assert ("Retry-After" in operation["responses"]["503"]["headers"]) is True
    elsewhere = {"not_allowed", "page_not_built", "stale_page"}  # the last is the plain page's
    assert set(ErrorWording.model_fields) - elsewhere - found == set(), "a code that no operation is said to answer"
    assert {code for _status, code in ANSWERS.values()} <= found | elsewhere


def test_names_that_the_description_points_to_are_there(app: FastAPI) -> None:
    text = json.dumps(app.openapi())
    names = set(app.openapi()["components"]["schemas"])
    pointed = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert pointed == names


@pytest.mark.anyio
async def test_the_events_of_a_stream_are_as_described(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    contract = Contract(app)
    schema = operations(app)["get", "/v1/conversations/{conversation}/stream"]["responses"]["200"]["content"]["text/event-stream"]["schema"]
    parts = [one["properties"] for one in schema["oneOf"]]
    events = {one["event"]["const"]: one["data"]["contentSchema"] for one in parts}
    async with served(app) as client:
        conversation, token = await begin(client)
        await say(client, conversation, token, client_id="client-1", text="你好")
        await settled(client, conversation, token)
        seen: list[str] = []
        async with client.stream("GET", f"/v1/conversations/{conversation}/stream", headers=token) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    seen.append(line.removeprefix("event: "))
                elif line.startswith("data: "):
                    contract.validate(json.loads(line.removeprefix("data: ")), events[seen[-1]])
                    if seen[-1] == "typing":
                        break
        assert seen == ["said", "reply", "typing"]
        with pytest.raises(AssertionError, match="boolean"):
            contract.validate({"pending": "no"}, events["typing"])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (lambda: JSONResponse({"count": "many"}), "is not of type 'integer'"),
        (lambda: JSONResponse({"count": 1}, 418), "not described"),
        (lambda: JSONResponse({"error": "file_unknown", "message": "没有"}, 404), "file_unknown, which is not described"),
        (lambda: JSONResponse({"detail": "Not Found"}, 404), "'error' is a required property"),
    ],
)
async def test_an_answer_that_is_not_as_described_is_caught_in_every_door_test(tmp_path: Path, answers: Any, complaint: str) -> None:
    app, router = app_in(tmp_path), APIRouter()

    @router.get("/v1/conversations/{conversation}/count", response_model=dict[str, int])
    async def count(conversation: str, door: AtDoor, _own: Own) -> Any:
        """Counts wrongly."""
        return answers()

    app.router.routes[:0] = router.routes
    describe(app, read_wording(settings_in(tmp_path).knowledge_dir).errors)
    async with running(app) as client:
        conversation, token = await begin(client)
        with pytest.raises(AssertionError, match=complaint):
            await client.get(f"/v1/conversations/{conversation}/count", headers=token)


@pytest.mark.anyio
async def test_a_new_route_is_described_whole_without_a_word(tmp_path: Path) -> None:
    app = app_in(tmp_path)

    @app.put("/v1/conversations/{conversation}/notes/{number}")
    async def note(conversation: str, number: int, said: dict[str, str], door: AtDoor, _own: Own) -> None:
        """Notes."""
        raise NoPreview

    described = operations(app)["put", "/v1/conversations/{conversation}/notes/{number}"]
    assert {"200", "401", "403", "404", "408", "413", "422", "500", "503"} == set(described["responses"])
    assert "HTTPValidationError" not in app.openapi()["components"]["schemas"]


@pytest.mark.anyio
async def test_the_description_is_given_to_everyone(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        answer: httpx.Response = await client.get("/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")

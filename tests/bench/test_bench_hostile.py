"""The hostile run sends what it says it sends, and calls wrong what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench import hostile
from bench.hostile import Sender, Tally, is_clean
from bench.hostile_inputs import Input, inputs

SAID = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 20}}, "required": ["text"], "additionalProperties": False}
OWN = {"name": "conversation", "in": "path", "required": True, "schema": {"type": "string"}}
DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "a door", "version": "1"},
    "paths": {
        "/v1/lookup": {"post": {"requestBody": {"content": {"application/json": {"schema": SAID}}}, "responses": {"200": {"description": "x"}}}},
        "/v1/conversations/{conversation}/messages": {
            "post": {
                "parameters": [OWN],
                "requestBody": {"required": True, "content": {"application/json": {"schema": SAID}}},
                "responses": {"202": {"description": "x"}},
            }
        },
    },
}
CONSOLE = [("GET", "/cases/{number}"), ("POST", "/cases/{number}/do/{event}"), ("POST", "/people")]


def test_every_door_gets_its_share_and_the_same_seed_the_same_inputs() -> None:
    made = list(inputs(200, 7, DESCRIPTION, CONSOLE))
    assert len(made) == 200
    counted = Counter(one.kind for one in made)
    assert (counted["API"], counted["talk"], counted["console"], counted["WeChat"]) == (60, 60, 40, 20)
    assert counted["page"] + counted["address"] == 20
    assert all("{" not in one.path.replace("{conversation}", "") for one in made if one.kind == "console")
    assert all("/{conversation}/" in one.path for one in made if one.kind == "API" and one.talk)
    words = [json.loads(one.body)["text"] for one in made if one.kind == "talk"]
    assert len({str(text) for text in words}) > 50
    again = list(inputs(200, 7, DESCRIPTION, CONSOLE))
    alike = [a == b for a, b in zip(made, again, strict=True) if a.kind in ("talk", "console", "page", "address")]
    assert all(alike)


@pytest.mark.parametrize(
    ("status", "text", "wrong"),
    [
        (200, "好", 0), (422, "请再说一次。", 0), (500, "系统出了故障", 1), (503, "正忙", 1),
        (200, "Traceback (most recent call last):\n", 1), (400, 'File "/srv/aid/x.py", line 3, in f', 1),
    ],
)  # fmt: skip
def test_a_server_error_and_a_trace_are_wrong(status: int, text: str, wrong: int) -> None:
    tally = Tally()
    tally.judge(Input("page", "GET", "/"), status, text)
    assert len(tally.wrong) == wrong


@pytest.mark.anyio
async def test_no_answer_is_wrong_and_a_talk_is_its_own() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path} {request.headers.get('authorization', '')}")
        if request.url.path == "/v1/conversations":
            return httpx.Response(201, json={"conversation": "c1", "token": "t1"})
        if request.url.path == "/gone":
            raise httpx.ReadError("hung up")
        return httpx.Response(202, json={})

    tally = Tally()
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://x") as client:
        sender = Sender(client, tally)
        await sender.send(Input("talk", "POST", "/v1/conversations/{conversation}/messages", talk=True))
        await sender.send(Input("address", "GET", "/gone"))
    assert asked[1] == "POST /v1/conversations/c1/messages Bearer t1"
    assert tally.statuses == {("talk", 2): 1}
    assert ["no answer" in line for line in tally.wrong] == [True]


def test_traces_in_logs_and_memory_that_grows_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "doors.log").write_text("Traceback (most recent call last):\n", "utf-8")
    (tmp_path / "rasa.log").write_text('{"exception": [{"exc_type": "ValueError"}]}\n', "utf-8")
    (tmp_path / "actions.log").write_text("all is well\n", "utf-8")
    assert [line.split(":")[0] for line in hostile._traces(tmp_path)] == ["doors.log", "rasa.log"]
    tally = Tally(Counter({("page", 2): 5}), [], [{"doors": 90.0}, {"doors": 100.0}, {"doors": 109.0}])
    assert is_clean(hostile._table(tally, hostile.FULL_RUN, 1))
    tally.memory.append({"doors": 111.0})
    assert not is_clean(hostile._table(tally, hostile.FULL_RUN, 1))
    assert is_clean(hostile._table(tally, 100, 1)), "too short to tell"

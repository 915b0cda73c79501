"""The action server: every way an action call can go right and wrong."""

import io
import json
import logging
import time
import zlib
from typing import Any

import httpx
import pytest
from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.server import MAX_AHEAD, create_app
from aid.logs.lines import Lines, Wordless
from aid.operations.figures import Figures
from aid.operations.readiness import Readiness, lives

pytestmark = pytest.mark.anyio
TRACKER: dict[str, Any] = {"sender_id": "c.0", "slots": {}, "latest_message": {}, "events": [], "paused": False}


class Told(Action):
    def name(self) -> str:
        return "action_told"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text=tracker.sender_id)
        return []


class Failing(Action):
    def name(self) -> str:
        return "action_failing"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        raise RuntimeError("secret words of a person")


class Refusing(Action):
    def name(self) -> str:
        return "action_refusing"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        raise ActionExecutionRejection("action_refusing", "no")


async def post(path: str, content: bytes, **headers: str) -> httpx.Response:
    app = create_app([Told(), Failing(), Refusing()], lambda text: text.encode()[::-1])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://actions") as client:
        return await client.post(path, content=content, headers=headers)


def call(action: str) -> bytes:
    return json.dumps({"next_action": action, "sender_id": "c.0", "tracker": TRACKER, "version": "3.6.21"}).encode()


async def test_an_action_answers_with_events_and_responses() -> None:
    response = await post("/webhook", call("action_told"))
    assert response.status_code == 200
    assert response.json()["responses"][0]["text"] == "c.0"


async def test_a_compressed_call_is_read() -> None:
    response = await post("/webhook", zlib.compress(call("action_told")), **{"content-encoding": "deflate"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"[]", 400),
        (b'{"next_action": "action_told"}', 400),
        (call("action_unknown"), 404),
        (call("action_refusing"), 400),
        (call("action_failing"), 500),
    ],
)
async def test_a_call_that_cannot_be_answered_has_its_status(body: bytes, status: int) -> None:
    response = await post("/webhook", body)
    assert response.status_code == status
    assert "secret" not in response.text


async def test_it_says_that_it_lives_and_whether_it_is_ready() -> None:
    async def gone() -> bool:
        raise OSError("10.0.0.7 refused")

    app = create_app([], lambda _text: b"", readiness=Readiness(lives("search", gone)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://actions") as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "not_ready", "parts": {"search": "unreachable"}})


async def test_understanding_is_timed_once_a_try_and_actions_each_time() -> None:
    figures = Figures()
    app = create_app([Told()], lambda _text: b"", figures=figures)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://actions") as client:
        for sender, sent in (("c.0", time.time() - 1.0), ("c.0", time.time() - 1.0), ("c.1", time.time() - 1.0), ("d.0", time.time() + 3600), ("e.0", "x")):
            tracker = {**TRACKER, "sender_id": sender, "latest_message": {"metadata": {"inbound": "i", "sent": sent}}}
            await client.post("/webhook", json={"next_action": "action_told", "sender_id": sender, "tracker": tracker})
    told = figures.registry.get_sample_value
    assert told("aid_step_seconds_count", {"step": "understanding"}) == 2
    assert 2.0 <= (told("aid_step_seconds_sum", {"step": "understanding"}) or 0) < 20
    assert told("aid_step_seconds_count", {"step": "action"}) == 5


async def test_a_failing_action_is_logged_with_its_talk_and_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    handler, lines = logging.StreamHandler(stream := io.StringIO()), Lines("json", "actions")
    handler.setFormatter(lines)
    handler.addFilter(Wordless())
    logging.getLogger("actions").addHandler(handler)
    try:
        await post("/webhook", call("action_failing"))
    finally:
        logging.getLogger("actions").removeHandler(handler)
    told = json.loads(stream.getvalue())
    assert (told["conversation"], told["level"], told["logger"], told["process"]) == ("c", "error", "actions.server", "actions")
    assert "RuntimeError" in told["fault"]
    assert "secret" not in stream.getvalue()


async def test_a_text_told_ahead_is_foreseen() -> None:
    assert (await post("/ahead", b"ab")).content == b"ba"


async def test_too_much_told_ahead_is_refused() -> None:
    assert (await post("/ahead", b"x" * (MAX_AHEAD + 1))).status_code == 413

"""Beside the talk: rating, ending, handing over to a phone, looking a ticket up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from door_fakes import HURRY, FakeBot, fixed_clock, running, settings_in
from fastapi import FastAPI

from aid.clock import FixedClock
from aid.replies import AnswerCard, Basis, Reply
from channels.web import create_app

pytestmark = pytest.mark.anyio
NO_PAGE = Path("no-such-folder")


class Answering(FakeBot):
    """Answers 问 with an entry, all else as ever."""

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        if text != "问":
            return await super().send(sender, text, metadata)
        basis = [Basis(law="专利法", version="2020修正", article="第六十五条")]
        checked = fixed_clock().now().date()
        return [Reply(text="", card=AnswerCard(entry="expo.x", label="甲", short="乙", points=[], steps=[], basis=basis, checked=checked, probability=1.0))]


def app_in(folder: Path, clock: FixedClock | None = None) -> FastAPI:
    return create_app(settings_in(folder), bot=Answering(), clock=clock or fixed_clock(), patience=HURRY, page=NO_PAGE)


async def begin(client: httpx.AsyncClient, **asked: Any) -> tuple[str, dict[str, str]]:
    session = (await client.post("/v1/conversations", json=asked)).json()
    return f"/v1/conversations/{session['conversation']}", {"Authorization": f"Bearer {session['token']}"}


async def say(client: httpx.AsyncClient, talk: tuple[str, dict[str, str]], text: str) -> list[dict[str, Any]]:
    path, token = talk
    sent = await client.post(f"{path}/messages", json={"client_id": uuid4().hex, "text": text}, headers=token)
    assert sent.status_code == 202
    for _ in range(400):
        seen = (await client.get(f"{path}/messages", headers=token)).json()
        if not seen["pending"]:
            return list(seen["replies"])
    raise AssertionError("no answer")


def code(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error", "message"}
    return answer.status_code, body["error"]


async def test_an_answer_is_rated_and_rated_again(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        talk = path, token = await begin(client)
        [reply] = await say(client, talk, "问")
        for body in ({"solved": True}, {"solved": False}, {"solved": False, "reason": "unclear"}):
            assert (await client.put(f"{path}/ratings/{reply['number']}", json=body, headers=token)).status_code == 204


@pytest.mark.parametrize("number", [1, 2, 99])
async def test_what_is_no_answer_cannot_be_rated(tmp_path: Path, number: int) -> None:
    async with running(app_in(tmp_path)) as client:
        talk = path, token = await begin(client)
        await say(client, talk, "你好")
        assert code(await client.put(f"{path}/ratings/{number}", json={"solved": True}, headers=token)) == (404, "not_found")
        assert code(await client.put(f"{path}/ratings/{number}", json={"solved": False, "reason": "boring"}, headers=token)) == (422, "bad_request")


async def test_an_ended_conversation_opens_nothing_any_more(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        talk = path, token = await begin(client)
        await say(client, talk, "你好")
        assert (await client.post(f"{path}/end", headers=token)).status_code == 204
        for call in (client.get(f"{path}/messages", headers=token), client.post(f"{path}/end", headers=token), client.get(f"{path}/stream", headers=token)):
            assert code(await call) == (401, "conversation_closed")


async def test_a_phone_goes_on_where_the_kiosk_was_and_the_kiosk_is_let_go(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        kiosk = path, token = await begin(client, door="kiosk", event="automobile")
        await say(client, kiosk, "你好")
        offered = (await client.post(f"{path}/handover", headers=token)).json()["code"]
        phone = (await client.post("/v1/handover", json={"code": offered})).json()
        assert path.endswith(phone["conversation"])
        seen = await client.get(f"{path}/messages", headers={"Authorization": f"Bearer {phone['token']}"})
        assert [said["text"] for said in seen.json()["said"]] == ["你好"]
        assert code(await client.get(f"{path}/messages", headers=token)) == (401, "conversation_closed")
        assert code(await client.post("/v1/handover", json={"code": offered})) == (404, "handover_gone")


async def test_a_code_is_good_for_five_minutes_and_until_the_next_one(tmp_path: Path) -> None:
    clock = fixed_clock()
    async with running(app_in(tmp_path, clock)) as client:
        path, token = await begin(client, door="kiosk")
        first, second = [(await client.post(f"{path}/handover", headers=token)).json()["code"] for _ in range(2)]
        assert code(await client.post("/v1/handover", json={"code": first})) == (404, "handover_gone")
        clock.advance(timedelta(minutes=5))
        assert code(await client.post("/v1/handover", json={"code": second})) == (404, "handover_gone")
        for guess in ("A" * 32, "x"):
            assert (await client.post("/v1/handover", json={"code": guess})).status_code in (404, 422)


async def test_a_conversation_that_ended_cannot_be_taken_over(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        path, token = await begin(client, door="kiosk")
        offered = (await client.post(f"{path}/handover", headers=token)).json()["code"]
        await client.post(f"{path}/end", headers=token)
        assert code(await client.post("/v1/handover", json={"code": offered})) == (404, "handover_gone")


async def test_a_lookup_tells_nothing_to_who_guesses(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        for _ in range(5):
            assert code(await client.post("/v1/lookup", json={"number": "CC-2026-000001", "code": "ACDE3467"})) == (404, "ticket_not_found")
        assert code(await client.post("/v1/lookup", json={"number": "CC-2026-000002", "code": "ACDE3467"})) == (429, "too_many_lookups")


async def test_the_holder_of_the_code_sees_where_the_ticket_stands(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:
        office, store = app.state.door.office, app.state.door.hub._messages
        conversation = store.open_conversation("web").id
        first, _ = store.add_inbound(conversation, "first-message", "投诉")
        facts = {"story": "没人接电话", "about_number": "", "sought": "", "contact": "不留"}
        draft = office.drafts.open(conversation, "service_complaint", first.id)
        draft = office.drafts.save(draft, facts=facts, asked="summary", inbound_id=first.id, failures=0)
        second, _ = store.add_inbound(conversation, "second-message", "确认")
        ticket, _ = office.tickets.file(draft, second.id)
        found = await client.post("/v1/lookup", json={"number": ticket.number, "code": f" {ticket.lookup_code.lower()} "})
        assert found.status_code == 200
        assert (found.json()["card"]["number"], found.json()["card"]["state"]) == (ticket.number, "received")
        assert "没人接电话" not in found.text

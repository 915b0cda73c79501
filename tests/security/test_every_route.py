"""Every route that the door has, whoever adds one: without the conversation's own, present token nothing opens; a foreign page gets nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import delete, func, select

from aid.clock import FixedClock
from aid.store import Store, open_store
from aid.store.messages import new_id
from aid.store.models import Base, ConversationRow
from channels import web
from channels.tokens import IDLE
from channels.web import create_app
from tests.channels.contract import OPEN, routes
from tests.channels.door_fakes import HURRY, FakeBot, fixed_clock, running, settings_in
from tests.evidence.made import picture

pytestmark = pytest.mark.anyio
LISTED, FOREIGN = "https://www.example.org", "https://evil.example.net"
FILLED = {"number": "1", "file": "A" * 22}
WECHAT = {"wechat_token": "t", "wechat_app_id": "wx1", "wechat_mode": "plain"}  # with the door that is not always there
SECRET = "外观被抄了 13900007001"


@dataclass
class Scene:
    """A door with one conversation in it, in which something was said and sent."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: FixedClock
    store: Store
    conversation: str
    token: str
    file: str

    def places(self) -> list[tuple[str, str]]:
        """Method and address of everything inside the conversation, ready to be asked."""
        inside = [(method, path) for method, path in sorted(routes(self.app)) if "{conversation}" in path]
        filled = {**FILLED, "file": self.file}
        return [(m, re.sub(r"\{(\w+)\}", lambda found: {**filled, "conversation": self.conversation}.get(found[1], "1"), p)) for m, p in inside]

    def kept(self) -> dict[str, Any]:
        """What the record holds, and how the conversation stands."""
        with self.store.reading() as session:
            counts = {table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables}
            return {**counts, "state": [tuple(row) for row in session.execute(select(ConversationRow.__table__))]}

    def issue(self, conversation: str = "", door: str = "web", generation: int = 0) -> str:
        """A token as the door itself signs it."""
        return str(self.app.state.door.tokens.issue(conversation or self.conversation, door, generation))


@asynccontextmanager
async def scene(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(web, "STREAM_SECONDS", 0.0)
    settings, clock = settings_in(folder, sites=f"center={LISTED}", **WECHAT), fixed_clock()
    app = create_app(settings, bot=FakeBot(), clock=clock, patience=HURRY, page=Path("no-such-folder"))
    async with running(app) as client:
        begun = (await client.post("/v1/conversations", json={})).json()
        path, headers = f"/v1/conversations/{begun['conversation']}", {"Authorization": f"Bearer {begun['token']}"}
        await client.post(f"{path}/messages", json={"client_id": "client-1", "text": SECRET}, headers=headers)
        sent = await client.post(f"{path}/files", files={"file": ("a.jpg", picture())}, data={"client_id": "client-2"}, headers=headers)
        await app.state.door.hub.idle()
        store = open_store(settings)
        yield Scene(app, client, clock, store, begun["conversation"], begun["token"], sent.json()["file"])
        store.close()


async def refused(here: Scene, expected: tuple[int, str], **more: Any) -> None:
    """At every place inside the conversation the request is refused in the same words, tells nothing and leaves nothing."""
    before = here.kept()
    for method, path in here.places():
        answer = await here.client.request(method, path, **more)
        assert (answer.status_code, answer.json()["error"]) == expected, (method, path)
        assert set(answer.json()) == {"error", "message"}
        for secret in ("13900007001", here.conversation, here.file, here.token):
            assert secret not in answer.text + str(answer.headers), (method, path)
    assert here.kept() == before


async def test_a_route_is_inside_a_conversation_or_on_the_list(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path, **WECHAT), bot=FakeBot(), page=Path("no-such-folder"))
    strange = {(method, path) for method, path in routes(app) if not path.startswith("/v1/conversations/{conversation}/")} - OPEN.keys()
    assert strange == set(), "routes that nobody has thought about: put each on the list with its reason, or behind a token"


async def test_the_conversations_own_token_opens_every_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the refusals below would show nothing."""
    async with scene(tmp_path, monkeypatch) as here:
        places = here.places()
        assert len(places) >= 9
        headers = {"Authorization": f"Bearer {here.token}"}
        for method, path in sorted(places, key=lambda place: place[1].endswith("/end")):
            answer = await here.client.request(method, path, headers=headers)
            assert answer.status_code in (200, 201, 202, 204, 404, 422), (method, path)
            assert answer.status_code < 400 or answer.json()["error"] in ("bad_request", "not_found"), (method, path)


CREDENTIALS: dict[str, tuple[tuple[int, str], Callable[[Scene], dict[str, Any]]]] = {
    "none": ((401, "no_token"), lambda here: {}),
    "in the address": ((401, "no_token"), lambda here: {"params": {"token": here.token, "access_token": here.token}}),
    "in a cookie": ((401, "no_token"), lambda here: {"headers": {"Cookie": f"token={here.token}; X-Session-Token={here.token}"}}),
    "in another header": ((401, "no_token"), lambda here: {"headers": {"X-Session-Token": here.token, "X-Authorization": f"Bearer {here.token}"}}),
    "of another kind": ((401, "no_token"), lambda here: {"headers": {"Authorization": f"Basic {here.token}"}}),
    "the id itself": ((401, "token_wrong"), lambda here: {"headers": {"Authorization": f"Bearer {here.conversation}"}}),
    "cut": ((401, "token_wrong"), lambda here: {"headers": {"Authorization": f"Bearer {here.token[:-1]}"}}),
    "of a conversation that is none": ((403, "not_yours"), lambda here: {"headers": {"Authorization": f"Bearer {here.issue(new_id())}"}}),
    "another door's": ((403, "not_yours"), lambda here: {"headers": {"Authorization": f"Bearer {here.issue(door='kiosk')}"}}),
    "of a later generation": ((401, "conversation_closed"), lambda here: {"headers": {"Authorization": f"Bearer {here.issue(generation=1)}"}}),
}


@pytest.mark.parametrize("how", CREDENTIALS)
async def test_without_the_right_token_no_route_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    expected, more = CREDENTIALS[how]
    async with scene(tmp_path, monkeypatch) as here:
        await refused(here, expected, **more(here))


async def test_another_conversations_token_opens_no_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path, monkeypatch) as here:
        for door in ("web", "kiosk"):
            other = (await here.client.post("/v1/conversations", json={"door": door})).json()
            await refused(here, (403, "not_yours"), headers={"Authorization": f"Bearer {other['token']}"})


async def test_an_expired_token_opens_no_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path, monkeypatch) as here:
        here.clock.advance(IDLE + timedelta(seconds=1))
        await refused(here, (401, "token_expired"), headers={"Authorization": f"Bearer {here.token}"})


async def test_a_token_from_before_the_hand_over_opens_no_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path, monkeypatch) as here:
        headers = {"Authorization": f"Bearer {here.token}"}
        code = (await here.client.post(f"/v1/conversations/{here.conversation}/handover", headers=headers)).json()["code"]
        assert (await here.client.post("/v1/handover", json={"code": code})).status_code == 201
        await refused(here, (401, "conversation_closed"), headers=headers)


async def test_a_token_of_an_ended_or_deleted_conversation_opens_no_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path, monkeypatch) as here:
        headers = {"Authorization": f"Bearer {here.token}"}
        await here.client.post(f"/v1/conversations/{here.conversation}/end", headers=headers)
        await refused(here, (401, "conversation_closed"), headers=headers)
        with here.store.session() as session:
            session.execute(delete(ConversationRow))
        await refused(here, (401, "token_expired"), headers=headers)


@pytest.mark.parametrize(
    "origin",
    [FOREIGN, "null", "http://www.example.org", "https://www.example.org:8443", f"{LISTED}.evil.net", "https://evil.net/www.example.org", f"{LISTED}/", "", "file://"],
)
async def test_a_foreign_page_gets_nothing_from_any_route_even_with_a_good_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    async with scene(tmp_path, monkeypatch) as here:
        headers = {"Authorization": f"Bearer {here.token}", "Origin": origin}
        await refused(here, (403, "foreign_origin"), headers=headers)
        before = here.kept()
        for method, path in sorted(routes(here.app)):
            answer = await here.client.request(method, path.replace("{conversation}", here.conversation), headers=headers)
            assert "access-control-allow-origin" not in answer.headers, (method, path)
            assert answer.status_code == 403 or not path.startswith("/v1/"), (method, path)
            preflight = {**headers, "Access-Control-Request-Method": method.upper()}
            asked = await here.client.options(path.replace("{conversation}", here.conversation), headers=preflight)
            assert "access-control-allow-origin" not in asked.headers
        assert here.kept() == before


async def test_a_page_of_the_list_is_let_in_and_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path, monkeypatch) as here:
        headers = {"Authorization": f"Bearer {here.token}", "Origin": LISTED}
        for method, path in here.places():
            answer = await here.client.request(method, path, headers=headers)
            assert answer.headers["access-control-allow-origin"] == LISTED, (method, path)
            assert answer.status_code != 403
            asked = await here.client.options(path, headers={**headers, "Access-Control-Request-Method": method.upper()})
            assert method.upper() in asked.headers["access-control-allow-methods"], "a browser would not be let do it"

"""Who may talk to the doors from another site."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_fakes import HURRY, FakeBot, fixed_clock, running, settings_in
from fastapi import FastAPI

from aid.errors import SettingsError
from channels.sites import Sites
from channels.web import create_app

LISTED, FOREIGN = "https://www.example.org", "https://evil.example.net"


def app_in(folder: Path) -> FastAPI:
    settings = settings_in(folder).model_copy(update={"sites": f"center={LISTED},https://m.example.org; expo=https://expo.example.org"})
    return create_app(settings, bot=FakeBot(), clock=fixed_clock(), patience=HURRY, page=Path("no-such-folder"))


@pytest.mark.anyio
@pytest.mark.parametrize(("origin", "site", "status"), [(LISTED, "center", 201), (LISTED, None, 201), (LISTED, "expo", 403), (FOREIGN, None, 403), (FOREIGN, "center", 403), ("null", None, 403)])
async def test_a_conversation_is_begun_only_by_pages_on_the_list(tmp_path: Path, origin: str, site: str | None, status: int) -> None:
    async with running(app_in(tmp_path)) as client:
        answer = await client.post("/v1/conversations", json={"site": site} if site else {}, headers={"Origin": origin})
        assert answer.status_code == status
        assert (answer.headers.get("access-control-allow-origin") == origin) == (origin == LISTED)


@pytest.mark.anyio
async def test_a_preflight_is_answered_for_the_list_alone(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
        good = await client.options("/v1/conversations", headers={"Origin": LISTED, **ask})
        assert (good.status_code, good.headers["access-control-allow-headers"]) == (204, "Authorization, Content-Type")
        assert "credentials" not in str(good.headers)
        assert (await client.options("/v1/conversations", headers={"Origin": FOREIGN, **ask})).status_code == 403


@pytest.mark.anyio
async def test_a_foreign_page_cannot_use_even_a_good_token(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        session = (await client.post("/v1/conversations", json={})).json()
        token = {"Authorization": f"Bearer {session['token']}"}
        path = f"/v1/conversations/{session['conversation']}/messages"
        assert (await client.get(path, headers=token)).status_code == 200
        assert (await client.get(path, headers={**token, "Origin": FOREIGN})).status_code == 403


@pytest.mark.parametrize("text", ["center", "center=", "Center=https://a.org", "a=https://a.org/path", "a=http://a.org", "a=ftp://a.org", "a=https://a.org; a=https://b.org"])
def test_a_list_without_sense_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="AID_SITES"):
        Sites.read(text)


def test_an_empty_list_allows_the_own_pages_alone() -> None:
    sites = Sites.read("")
    assert sites.allows("https://aid.example.org", "aid.example.org")
    assert not sites.allows("https://aid.example.org.evil.net", "aid.example.org")

"""The pages without scripts from outside: other people's tickets and talks, forms of foreign sites, hostile words, stolen cookies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from aid.privacy.vault import open_vault
from aid.replies import AnswerCard, Basis, Choice, QuestionCard, Reply, SummaryCard, SummaryLine
from aid.store import open_store
from aid.store.messages import Messages
from aid.store.models import ConversationRow
from channels.pages.cookies import NAME, SECURE_NAME
from channels.tokens import SessionToken, Tokens, token_key
from channels.web import create_app
from tests.channels.door_fakes import HURRY, FakeBot, fixed_clock, settings_in
from tests.channels.tickets import FACTS, filed
from tests.evidence.made import picture
from tests.forms import Page

pytestmark = pytest.mark.anyio
STRANGER, NEIGHBOUR = "203.0.113.7", "198.51.100.9"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}</textarea>[a](javascript:alert(1)) \u202e\u0000 https://аррle.com/'


def app_in(folder: Path, bot: FakeBot | None = None, **settings: Any) -> FastAPI:
    made = settings_in(folder, **settings)
    return create_app(made, bot=bot or FakeBot(), clock=fixed_clock(), patience=HURRY, page=Path("no-such-folder"), page_waits=2.0)


@asynccontextmanager
async def visitor(app: FastAPI, address: str = STRANGER, base: str = "https://door") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url=base, follow_redirects=True) as client:
        yield client


async def say(client: httpx.AsyncClient, text: str, **headers: str) -> httpx.Response:
    """Type something on the page as it is now."""
    action, fields = Page((await client.get("/talk?still=1")).text).pressed("发送", text=text)
    return await client.post("/" + action, data=fields, headers=headers)


def said(page: str) -> list[str]:
    return [e.text.removeprefix("您说 ") for e in Page(page).of_class("said")]


def token_of(client: httpx.AsyncClient) -> str:
    return next(cookie.value or "" for cookie in client.cookies.jar if cookie.name == SECURE_NAME)


def hold(client: httpx.AsyncClient, token: str) -> None:
    """Put a cookie into a browser, in the place of its own (the jar calls a host without a dot by this name)."""
    client.cookies.set(SECURE_NAME, token, domain="door.local")


async def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with app.router.lifespan_context(app), visitor(app) as client:
        action, fields = Page((await client.get("/talk")).text).pressed("发送", text="你好")
        answer = await client.post("/" + action, data=fields, follow_redirects=False)
        cookie = SimpleCookie(answer.headers["Set-Cookie"])[SECURE_NAME]
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "strict")
        assert (cookie["secure"], cookie["httponly"]) == (True, True)
        assert (cookie["max-age"], cookie["expires"]) == ("", "")
        assert cookie.value not in answer.headers["Location"]
        page = (await client.get("/talk")).text
        assert cookie.value not in page
        async with visitor(app, base="http://door") as plain:
            action, fields = Page((await plain.get("/talk")).text).pressed("发送", text="你好")
            answer = await plain.post("/" + action, data=fields, follow_redirects=False)
            cookie = SimpleCookie(answer.headers["Set-Cookie"])[NAME]
            assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == ("", True, "strict")


async def test_a_stolen_cookie_opens_nothing_after_the_end(tmp_path: Path) -> None:
    bot = FakeBot()
    app = app_in(tmp_path, bot)
    async with app.router.lifespan_context(app), visitor(app) as client, visitor(app, NEIGHBOUR) as thief:
        page = Page((await say(client, "我的秘密")).text)
        stolen, old = token_of(client), page
        action, fields = page.pressed("结束对话")
        await client.post("/" + action, data=fields)
        hold(thief, stolen)
        answer = await thief.get("/talk")
        assert "我的秘密" not in answer.text
        assert said(answer.text) == []
        for button in ("发送", "结束对话", "是"):
            hold(thief, stolen)
            action, fields = old.pressed(button)
            answer = await thief.post("/" + action, data={**fields, "text": "冒充"})
            assert (answer.status_code, "我的秘密" in answer.text) == (401, False)
        hold(thief, stolen)
        action, fields = old.pressed("发这个文件")
        answer = await thief.post("/" + action, data=fields, files={"file": ("a.jpg", picture())})
        assert answer.status_code == 401
        assert bot.texts() == ["我的秘密"]


async def test_a_cookie_of_another_door_or_of_a_handed_over_talk_opens_nothing(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with app.router.lifespan_context(app), visitor(app) as client:
        kiosk = (await client.post("/v1/conversations", json={"door": "kiosk"})).json()
        door, path = app.state.door, f"/v1/conversations/{kiosk['conversation']}"
        bearer = {"Authorization": f"Bearer {kiosk['token']}"}
        await client.post(f"{path}/messages", json={"client_id": "client-1", "text": "展台上的话"}, headers=bearer)
        await asyncio.wait_for(door.hub.idle(), 10)
        forged = door.tokens.issue(kiosk["conversation"], "web")
        for token in (kiosk["token"], forged, kiosk["token"] + "x", "x", "x" * 5000):
            hold(client, token)
            answer = await client.get("/talk")
            assert (answer.status_code, "展台上的话" in answer.text) == (200, False)
        code = (await client.post(f"{path}/handover", headers=bearer)).json()["code"]
        phone = (await client.post("/v1/handover", json={"code": code})).json()
        hold(client, phone["token"])
        assert said((await client.get("/talk")).text) == ["展台上的话"], "the phone goes on at the web's door"
        hold(client, forged)
        assert "展台上的话" not in (await client.get("/talk")).text, "an earlier generation's token"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.door"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://door.evil.example"},
        {"Origin": "https://site.example"},
    ],
)
async def test_a_form_of_a_foreign_site_does_nothing_even_with_the_right_fields(tmp_path: Path, headers: dict[str, str]) -> None:
    """Nor does one of a site whose pages may show the widget: it speaks over the API, with its own token."""
    bot = FakeBot()
    app = app_in(tmp_path, bot, sites="center=https://site.example")
    async with app.router.lifespan_context(app), visitor(app) as client:
        page = Page((await say(client, "你好")).text)
        kept = token_of(client)
        for button, typed in (("发送", {"text": "冒充"}), ("是", {}), ("结束对话", {})):
            action, fields = page.pressed(button, **typed)
            answer = await client.post("/" + action, data=fields, headers=headers)
            assert answer.status_code == 403
            assert "Set-Cookie" not in answer.headers
        action, fields = page.pressed("发这个文件")
        assert (await client.post("/" + action, data=fields, files={"file": ("a.jpg", picture())}, headers=headers)).status_code == 403
        assert (await client.post("/lookup", data={"number": "CC-2026-000001", "code": "ABCD2345"}, headers=headers)).status_code == 403
        assert token_of(client) == kept
        assert said((await client.get("/talk")).text) == ["你好"]
        assert bot.texts() == ["你好"]


async def test_without_the_guard_of_this_talk_no_form_speaks_in_it(tmp_path: Path) -> None:
    """An old browser may say nothing of where a form comes from."""
    bot = FakeBot()
    app = app_in(tmp_path, bot)
    async with app.router.lifespan_context(app), visitor(app) as client, visitor(app, NEIGHBOUR) as other:
        mine, others = Page((await say(client, "你好")).text), Page((await say(other, "别人")).text)
        action, fields = mine.pressed("发送", text="冒充")
        foreign = others.form("发送").fields["guard"]
        for guard in ("", "x", foreign, "守", fields["guard"][:-1]):
            answer = await client.post("/" + action, data={**fields, "guard": guard})
            assert answer.status_code == 409
            assert Page(answer.text).form("发送").fields["text"] == "冒充", "whoever meant it sends it with one tap more"
            ended = await client.post("/" + action, data={"guard": guard, "leave": "end"})
            assert ended.status_code == 409
        assert said((await client.get("/talk")).text) == ["你好"]
        assert bot.texts() == ["你好", "别人"]


def test_a_guard_opens_nothing_and_is_of_one_talk_and_generation(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    tokens = Tokens(token_key(settings), fixed_clock())
    one = tokens.read(tokens.issue("a", "web"))
    others = [SessionToken("b", "web", 0, one.age), SessionToken("a", "web", 1, one.age), SessionToken("a 0", "web", 0, one.age)]
    assert tokens.guards(one, tokens.guard(one))
    assert len({tokens.guard(session) for session in (one, *others)}) == 4
    with pytest.raises(Exception, match="not one of ours"):
        tokens.read(tokens.guard(one))


async def test_a_talk_of_another_is_not_reached_by_any_field_or_address(tmp_path: Path) -> None:
    bot = FakeBot()
    app = app_in(tmp_path, bot)
    async with app.router.lifespan_context(app), visitor(app) as mine, visitor(app, NEIGHBOUR) as other:
        theirs = Page((await say(other, "别人的话")).text)
        action, fields = theirs.pressed("发这个文件")
        theirs = Page((await other.post("/" + action, data=fields, files={"file": ("a.jpg", picture())})).text)
        picture_path, choice = theirs.all("img")[0].attributes["src"], theirs.form("是").buttons["是"][1]
        page = Page((await say(mine, "我的话")).text)
        assert (await mine.get("/" + picture_path)).status_code == 404
        action, fields = page.pressed("发送")
        answer = await mine.post("/" + action, data={**fields, "text": "", "choice": choice})
        assert (answer.status_code, "这个选项已经失效了" in answer.text) == (404, True)
        conversation = bot.calls[0][2]["conversation"]
        for path in (f"/talk?conversation={conversation}", f"/talk?look=1&c={conversation}", "/talk-file?id=../../keys/data.key", "/talk-file?id=" + "x" * 4000):
            answer = await mine.get(path)
            assert "别人的话" not in answer.text
            assert answer.status_code in (200, 404)


async def test_hostile_words_are_text_wherever_they_come_from(tmp_path: Path) -> None:
    def hostile(_text: str) -> list[Reply]:
        card = AnswerCard(
            entry="e", label=HOSTILE, short=HOSTILE, points=[HOSTILE], steps=[HOSTILE], basis=[Basis(law=HOSTILE, version=HOSTILE, says=HOSTILE)], checked=fixed_clock().now().date(), probability=1
        )
        lines = [SummaryLine(field="x", label=HOSTILE, value=HOSTILE)]
        return [
            Reply(text=HOSTILE, choices=[Choice(label=HOSTILE, payload={"act": "affirm"})]),
            Reply(text="", card=card),
            Reply(text="", card=SummaryCard(case_kind="x", lines=lines, receiver=HOSTILE, reasons=[HOSTILE], notes=[HOSTILE]), choices=[Choice(label="是", payload={"act": "affirm"})]),
            Reply(text="", card=QuestionCard(case_kind="x", field="y", ask=HOSTILE, why=HOSTILE, skip=HOSTILE, step=1, steps=2)),
        ]

    app = app_in(tmp_path, FakeBot(answer=hostile))
    async with app.router.lifespan_context(app), visitor(app) as client:
        page = Page((await say(client, HOSTILE)).text)
        action, fields = page.pressed("发这个文件")
        page = Page((await client.post("/" + action, data=fields, files={"file": (HOSTILE, picture())})).text)
        page = Page((await client.get("/talk?event=" + HOSTILE.replace("\0", ""))).text)
        assert page.stray == []
        assert "<script>alert(1)</script>" in page.text
        assert "{{7*7}}" in page.text
        assert not page.all("script", "style", "iframe")
        for element in page.all():
            assert not [name for name in element.attributes if name.startswith("on")]
            assert not element.attributes.get("href", "").startswith(("javascript:", "https://а"))
        assert [i.attributes["src"].split("?")[0] for i in page.all("img")] == ["talk-file"] * len(page.all("img"))


@pytest.mark.parametrize(("length", "status"), [(4_900, 200), (30_000, 413)])
async def test_over_long_words_are_answered_or_refused_by_a_page(tmp_path: Path, length: int, status: int) -> None:
    bot = FakeBot()
    app = app_in(tmp_path, bot)
    async with app.router.lifespan_context(app), visitor(app) as client:
        answer = await say(client, "长" * length)
        assert answer.status_code == status
        assert "太长" in Page(answer.text).text
        assert bot.calls == [], "the bot is not asked to read it"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe%%%=&&==;", "application/x-www-form-urlencoded"),
        (b"text=%00%ED%A0%80%FF", "application/x-www-form-urlencoded"),
        (b"{\"text\": 1}", "application/json"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"&".join(b"a%d=1" % n for n in range(500)), "application/x-www-form-urlencoded"),
        (b"text=a&text=b&choice[]=x&leave=both&rate=1:2:3", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_without_sense_is_refused_without_a_fault(tmp_path: Path, body: bytes, kind: str) -> None:
    app = app_in(tmp_path)
    async with app.router.lifespan_context(app), visitor(app) as client:
        for path in ("/talk", "/lookup", "/talk-file"):
            answer = await client.post(path, content=body, headers={"Content-Type": kind})
            assert answer.status_code < 500, path
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            for word in ("Traceback", "sqlite", "pydantic", "jinja", "Exception"):
                assert word not in answer.text


async def test_talks_and_messages_of_one_address_are_limited_as_at_the_api(tmp_path: Path) -> None:
    app = app_in(tmp_path, address_openings_per_minute=3)
    async with app.router.lifespan_context(app), visitor(app) as client:
        codes = []
        for _ in range(5):
            client.cookies.clear()
            codes.append((await say(client, "你好")).status_code)
        assert codes == [200, 200, 200, 429, 429]
        assert (await client.post("/v1/conversations", json={})).status_code == 429


async def test_the_ticket_of_another_is_not_seen_with_a_code_of_ones_own_nor_by_a_cookie(tmp_path: Path) -> None:
    mine, other = filed(tmp_path, 2)
    app = app_in(tmp_path)
    async with app.router.lifespan_context(app), visitor(app) as client:
        await say(client, "你好")
        answer = await client.post("/lookup", data={"number": other.number, "code": mine.lookup_code})
        assert answer.status_code == 404
        for secret in (other.receiver, "已收到", FACTS["name"], FACTS["phone"], other.lookup_code):
            assert secret not in answer.text


async def test_the_record_holds_what_is_said_here_sealed_as_everywhere(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with app.router.lifespan_context(app), visitor(app) as client:
        await say(client, "我叫郑雪梅")
    settings = settings_in(tmp_path)
    store = open_store(settings)
    with store.reading() as session:
        [conversation] = session.scalars(select(ConversationRow.id))
    assert Messages(store, open_vault(settings), fixed_clock()).conversation(conversation).door == "web"
    store.close()
    if not settings.database_url:
        assert "郑雪梅".encode() not in b"".join(path.read_bytes() for path in (tmp_path / "var").glob("aid.db*"))


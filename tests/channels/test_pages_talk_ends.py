"""What may go wrong in the talk by form posts, and how it ends: no word is lost, and each page says what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import FakeBot, fixed_clock
from page_talk import browser, cards
from web_calls import app_in

from aid.store.engine import Store
from aid.store.errors import StoreUnavailable
from channels.pages.markdown import blocks, safe_address
from channels.pages.transcript import MOST_SHOWN
from tests.forms import Page

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("button", "said"), [("结束对话", "这次对话已经结束了"), ("开始新的对话", "您好，我是小援")])
async def test_a_talk_is_ended_and_the_next_one_begins_empty(tmp_path: Path, button: str, said: str) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.say("你好")
        page = await seen.press(button)
        assert said in page.text
        assert page.of_class("said") == []
        assert not seen.client.cookies
        page = await seen.say("再来")
        assert [e.text for e in page.of_class("said")] == ["您说 再来"]
        assert len({sender for sender, _text, _meta in bot.calls}) == 2


async def test_the_expo_of_the_address_goes_with_the_talk_and_nonsense_does_not(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.open("/talk?event=auto-2026")
        await seen.say("你好")
        await seen.press("开始新的对话")
        await seen.open("/talk?event=%3Cscript%3E")
        await seen.say("你好")
        assert [meta["event"] for _sender, _text, meta in bot.calls] == ["auto-2026", None]


async def test_nothing_said_is_said_so(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        for text in ("", "  \n "):
            page = await seen.say(text)
            assert (seen.status, "请先写一句话" in page.text) == (422, True)
        assert bot.calls == []
        assert not seen.client.cookies, "no talk was begun"


async def test_words_sent_too_fast_stand_in_the_box_again(tmp_path: Path) -> None:
    async with browser(tmp_path, messages_per_minute=2) as seen:
        for text in ("一", "二"):
            await seen.say(text)
        page = await seen.say("三\n<b>四</b>")
        assert (seen.status, page.title.startswith("错误：")) == (429, True)
        assert "您发得太快了" in page.text
        assert page.form("发送").fields["text"] == "三\n<b>四</b>"
        assert not page.all("b")


async def test_words_that_meet_an_ended_talk_stand_in_the_box_of_a_new_one(tmp_path: Path) -> None:
    clock = fixed_clock()
    async with browser(tmp_path, clock=clock) as seen:
        await seen.say("你好")
        clock.advance(timedelta(hours=25))
        page = await seen.say("我的展位是A1")
        assert (seen.status, "上次的对话已经结束了" in page.text, page.of_class("said")) == (401, True, [])
        assert page.form("发送").fields["text"] == "我的展位是A1"
        page = await seen.press("发送")
        assert [e.text for e in page.of_class("said")] == ["您说 我的展位是A1"]


async def test_a_talk_that_is_used_lives_on_and_one_that_is_opened_too_late_is_said_to_be_over(tmp_path: Path) -> None:
    clock = fixed_clock()
    async with browser(tmp_path, clock=clock) as seen:
        await seen.say("你好")
        for _ in range(3):
            clock.advance(timedelta(hours=23))
            assert len((await seen.open()).of_class("said")) == 1
        clock.advance(timedelta(hours=25))
        page = await seen.open()
        assert ("上次的对话已经结束了" in page.text, page.of_class("said")) == (True, [])
        assert not seen.client.cookies


async def test_when_the_record_is_away_the_words_can_be_sent_once_more_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.say("你好")

        def away(*_args: Any) -> Any:
            raise StoreUnavailable("away")

        with monkeypatch.context() as patch:
            patch.setattr(Store, "transaction", away)
            patch.setattr(Store, "session", away)
            patch.setattr(Store, "reading", away)
            page = await seen.say("要紧的话")
            assert (seen.status, "系统正忙" in page.text, "要紧的话" in page.text) == (503, True, True)
            assert "away" not in page.html
        page = await seen.press("再发一次")
        assert [e.text for e in page.of_class("said")] == ["您说 你好", "您说 要紧的话"]
        assert bot.texts() == ["你好", "要紧的话"]


async def test_a_browser_that_keeps_no_cookie_is_told_so(tmp_path: Path) -> None:
    async with browser(tmp_path) as seen:
        action, fields = seen.page.pressed("发送", text="你好")
        answer = await seen.client.post("/" + action, data=fields)
        seen.client.cookies.clear()
        page = await seen.open("/" + answer.headers["Location"])
        assert "没有保存对话的凭证" in page.text


async def test_a_long_talk_shows_its_end_and_all_of_it_when_asked(tmp_path: Path) -> None:
    async with browser(tmp_path, messages_per_minute=100) as seen:
        for n in range(MOST_SHOWN + 2):
            await seen.say(f"第{n}句")
        assert [e.text for e in seen.page.of_class("said")] == [f"您说 第{n}句" for n in range(2, MOST_SHOWN + 2)]
        assert "前面还有 2 句" in seen.page.text
        page = await seen.open("/talk?all=1")
        assert len(page.of_class("said")) == MOST_SHOWN + 2


async def test_below_a_sub_path_everything_holds(tmp_path: Path) -> None:
    """As behind nginx, which takes the sub-path off."""
    app = app_in(tmp_path, FakeBot(answer=cards), page_waits=2.0)

    async def below(scope: Any, receive: Any, send: Any) -> None:
        assert scope["path"].startswith("/assist/"), scope["path"]
        await app({**scope, "path": scope["path"].removeprefix("/assist"), "raw_path": b""}, receive, send)

    transport = httpx.ASGITransport(app=below)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="https://door", follow_redirects=True) as client:
        answer = await client.get("/assist/talk")
        for text in ("外观被抄了", "编号"):
            action, fields = Page(answer.text).pressed("发送", text=text)
            answer = await client.post(answer.url.join(action), data=fields)
        page = Page(answer.text)
        assert "CC-2026-000123" in page.text
        for link in {a.attributes["href"].split("#")[0] for a in page.all("a") if "://" not in a.attributes["href"]} - {"", "./"}:
            assert (await client.get(answer.url.join(link))).status_code == 200
        assert (await client.get(answer.url.join(page.all("link")[1].attributes["href"]))).status_code == 200
        action, fields = page.pressed("结束对话")
        answer = await client.post(answer.url.join(action), data=fields)
        assert (answer.url.path, "已经结束" in answer.text) == ("/assist/talk", True)


def test_the_markdown_subset_is_that_of_the_chat_page() -> None:
    found = blocks("**注意** [坏](javascript:alert(1)) [好](https://example.org/)\n看 https://example.org/x。\n\n- 一\n• 二\n1. 甲\n2、 乙\n尾")
    assert [(b.type, len(b.lines)) for b in found] == [("paragraph", 2), ("bullets", 2), ("numbers", 2), ("paragraph", 1)]
    assert [(i.type, i.text, i.href) for i in found[0].lines[0]] == [
        ("bold", "注意", ""),
        ("text", " [坏](javascript:alert(1)) ", ""),
        ("link", "好", "https://example.org/"),
    ]
    assert found[0].lines[1][1].href == "https://example.org/x"


@pytest.mark.parametrize(
    "raw",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "//example.org", "/talk", "https://a@example.org", "https://аpple.com",
        "https://example.org:99999/", "https://", "http:///x", "https://exa mple.org", "https://[::1", "vbscript:x", "",
    ],
)  # fmt: skip
def test_only_a_plain_address_is_a_link(raw: str) -> None:
    assert safe_address(raw) == ""
    assert safe_address("https://example.org/a?b=c#d") == "https://example.org/a?b=c#d"

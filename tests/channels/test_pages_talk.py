"""The talk by form posts alone: what is said is kept once, answered, waited for, and never lost when something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import FakeBot, fixed_clock, running
from test_web import app_in

from aid.replies import (
    AnswerCard,
    Basis,
    CandidatesCard,
    Choice,
    EvidenceLine,
    QuestionCard,
    ReceiptCard,
    Reply,
    StatusCard,
    SummaryCard,
    SummaryLine,
)
from aid.store.engine import Store
from aid.store.errors import StoreUnavailable
from channels.pages import talk as talk_module
from channels.pages.markdown import blocks, safe_address
from channels.pages.transcript import MOST_SHOWN
from tests.evidence.made import pdf, picture
from tests.forms import Page

pytestmark = pytest.mark.anyio
CLOCK = fixed_clock()
DAY = CLOCK.now().date()


def answer_card(**more: Any) -> AnswerCard:
    made: dict[str, Any] = {
        "entry": "expo.design-copied",
        "label": "展会上发现外观设计被仿冒",
        "short": "可以马上投诉。",
        "points": ["先固定证据。"],
        "steps": ["到工作站。", "交上证书。"],
        "basis": [Basis(law="专利法", version="2020修正", article="第六十五条", says="可以协商、起诉")],
        "checked": DAY,
        "probability": 0.987,
    }
    return AnswerCard(**{**made, **more})


def question(field: str = "booth", input_: str = "text") -> QuestionCard:
    return QuestionCard(case_kind="expo_complaint", field=field, ask="对方的**展位号**是多少？", why="好找到展位", skip="不知道可以跳过", step=3, steps=7, input=input_)  # type: ignore[arg-type]


def receipt() -> ReceiptCard:
    file = EvidenceLine(name="摊位.jpg", type="照片", size=1000, sign="0a1b2c3d", received=CLOCK.now())
    return ReceiptCard(
        number="CC-2026-000123",
        lookup_code="K7M4Q2AB",
        receiver="展会工作站",
        reasons=["事情发生在展会上"],
        expected=DAY,
        expected_is_estimate=True,
        phones=["12345"],
        materials=["身份证明"],
        evidence=[file],
    )


def status() -> StatusCard:
    return StatusCard(
        number="CC-2026-000123", state="accepted", state_label="已受理", receiver="展会工作站", received=DAY, expected=DAY, events=["收到"], deadlines=["请补齐"]
    )


def cards(text: str) -> list[Reply]:
    """A card for a word."""
    yes = [Choice(label="没错，提交", payload={"act": "affirm"}), Choice(label="要改", payload={"act": "deny"})]
    made: dict[str, Callable[[], Reply]] = {
        "外观": lambda: Reply(text="可以马上投诉。", card=answer_card(), choices=[Choice(label="现在就投诉", payload={"start": "expo_complaint"})]),
        "展位": lambda: Reply(text="展位号？", card=question(), choices=[Choice(label="跳过", payload={"act": "skip"})]),
        "电话": lambda: Reply(text="电话？", card=question("phone", "tel")),
        "日子": lambda: Reply(text="哪天？", card=question("leaves_on", "date")),
        "姓名": lambda: Reply(text="您贵姓？", card=question("name")),
        "核对": lambda: Reply(
            text="请核对",
            card=SummaryCard(
                case_kind="expo_complaint", lines=[SummaryLine(field="phone", label="联系电话", value="139****7001")], receiver="展会工作站", reasons=["在展会上"], notes=["真实"]
            ),
            choices=yes,
        ),
        "编号": lambda: Reply(text="登记好了", card=receipt()),
        "进度": lambda: Reply(text="进度", card=status()),
        "不清楚": lambda: Reply(
            text="您是不是想问：", card=CandidatesCard(entries=["a", "b"], labels=["甲", "乙"], probabilities=[0.4, 0.3]), choices=[Choice(label=x, payload={"say": x}) for x in "甲乙"]
        ),
    }
    return [next((make() for word, make in made.items() if word in text), Reply(text=f"答：{text}"))]


class Browser:
    """A browser without scripts at the talk's page."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = Page("")
        self.status = 0
        self.url = ""

    async def open(self, path: str = "/talk") -> Page:
        return self._seen(await self.client.get(path, follow_redirects=True))

    async def press(self, button: str, **typed: str) -> Page:
        action, fields = self.page.pressed(button, **typed)
        return await self.post(action, fields)

    async def post(self, action: str, fields: dict[str, str]) -> Page:
        return self._seen(await self.client.post("/" + action, data=fields, follow_redirects=True))

    async def say(self, text: str) -> Page:
        return await self.press("发送", text=text)

    async def attach(self, name: str, content: bytes) -> Page:
        action, fields = self.page.pressed("发这个文件")
        return self._seen(await self.client.post("/" + action, data=fields, files={"file": (name, content)}, follow_redirects=True))

    def _seen(self, answer: httpx.Response) -> Page:
        self.status, self.url, self.page = answer.status_code, str(answer.url), Page(answer.text)
        assert self.page.stray == []
        return self.page


@asynccontextmanager
async def browser(folder: Path, bot: FakeBot | None = None, **more: Any) -> AsyncIterator[Browser]:
    async with running(app_in(folder, bot or FakeBot(answer=cards), page_waits=2.0, **more)) as client:
        seen = Browser(client)
        await seen.open()
        yield seen


async def test_a_question_is_answered_on_the_page_that_follows(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        assert seen.page.title.startswith("新的对话")
        page = await seen.say("外观被抄了")
        assert (seen.status, seen.url.split("#")[0]) == (200, "http://door/talk?look=1")
        assert page.title.startswith("有回答了")
        assert [e.text for e in page.of_class("said")] == ["您说 外观被抄了"]
        for words in ("展会上发现外观设计被仿冒", "可以马上投诉。", "先固定证据。", "到工作站。", "专利法（2020修正）第六十五条：可以协商、起诉", "2026年11月22日"):
            assert words in page.text
        assert "0.98" not in page.html
        [details] = page.of_class("answer")[0].all("details")
        assert "open" not in details.attributes
        assert bot.texts() == ["外观被抄了"]
        assert (await seen.open()).of_class("said")[0].text == "您说 外观被抄了"


async def test_a_topic_and_a_choice_are_one_tap(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.press("展会上被人抄了")
        await seen.say("不清楚")
        page = await seen.press("乙")
        assert [e.text for e in page.of_class("said")][-1] == "您说 乙"
        assert bot.texts() == ["展会上有人抄我的产品怎么办", "不清楚", "乙"]
        assert not [f for f in page.forms if "乙" in f.buttons], "a taken choice is no button any more"
        assert [f for f in page.forms if "甲" in f.buttons], "the other candidate may still be looked at"


async def test_the_choices_of_a_question_are_gone_with_its_turn(tmp_path: Path) -> None:
    async with browser(tmp_path) as seen:
        await seen.say("展位")
        assert [f for f in seen.page.forms if "跳过" in f.buttons]
        await seen.say("好的")
        assert not [f for f in seen.page.forms if "跳过" in f.buttons]


async def test_every_card_is_shown_with_its_parts(tmp_path: Path) -> None:
    async with browser(tmp_path) as seen:
        page = await seen.say("展位")
        assert "第 3 项，共 7 项" in page.text
        assert [e.text for e in page.of_class("ask")[0].all("strong")] == ["展位号"]
        assert "为什么要问：好找到展位" in page.text
        [box] = page.all("textarea")
        assert box.attributes["aria-describedby"] == "ask"
        page = await seen.say("核对")
        assert page.of_class("summary")[0].all("th")[3].text == "联系电话"
        page = await seen.press("改联系电话")
        assert page.of_class("said")[-1].text == "您说 联系电话要改"
        page = await seen.say("编号")
        [big] = page.of_class("big")
        assert [e.text for e in big.all("dd")] == ["CC-2026-000123", "K7M4Q2AB"]
        assert "lookup?number=CC-2026-000123" in [a.attributes["href"] for a in page.all("a")]
        assert "K7M4Q2AB" not in "".join(a.attributes["href"] for a in page.all("a"))
        for words in ("由谁受理", "展会工作站", "（估计的日子，以受理中心通知为准）", "12345", "身份证明", "摊位.jpg"):
            assert words in page.text
        page = await seen.say("进度")
        for words in ("办理进度：已受理", "请补齐", "登记日期"):
            assert words in page.text
        levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4")]
        assert all(b - a <= 1 for a, b in pairwise(levels)), levels


@pytest.mark.parametrize(("word", "kind", "auto"), [("电话", "tel", "tel"), ("日子", "text", "off"), ("展位", "textarea", ""), ("姓名", "textarea", "name")])
async def test_the_input_fits_the_open_question(tmp_path: Path, word: str, kind: str, auto: str) -> None:
    async with browser(tmp_path) as seen:
        page = await seen.say(word)
        [box] = [e for e in page.all("input", "textarea") if e.attributes.get("id") == "say"]
        assert (box.attributes.get("type", box.tag), box.attributes.get("autocomplete", "")) == (kind, auto)
        assert len([e for e in page.all("input") if e.attributes.get("type") == "date"]) == (word == "日子")
        assert "请在这里写您的回答" in page.text


async def test_a_picked_day_is_said_unless_words_were_typed(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.say("日子")
        await seen.press("发送", day="2026-11-24")
        await seen.say("日子")
        await seen.press("发送", text="后天", day="2026-11-24")
        assert bot.texts() == ["日子", "2026-11-24", "日子", "后天"]


async def test_the_same_form_sent_twice_is_one_message_and_other_words_on_the_same_page_are_another(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.say("你好")
        action, fields = seen.page.pressed("发送", text="一件事")
        for text in ("一件事", "一件事", "另一件事"):
            page = await seen.post(action, {**fields, "text": text})
        assert [e.text for e in page.of_class("said")] == ["您说 你好", "您说 一件事", "您说 另一件事"]


async def test_while_an_answer_is_on_its_way_the_page_asks_again_by_itself_and_can_be_stopped(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards, hold=asyncio.Event())
    async with running(app_in(tmp_path, bot, page_waits=0.05)) as client:
        seen = Browser(client)
        await seen.open()
        page = await seen.say("外观被抄了")
        assert (page.is_waiting, page.title.split(" ")[0]) == ("talk?look=2#newest", "正在想")
        assert "您的话已经收到" in page.text
        assert not page.all("textarea"), "no words are lost when the page goes on by itself"
        page = await seen.open("/talk?look=2")
        assert page.is_waiting == "talk?look=3#newest"
        page = await seen.open("/talk?still=1")
        assert (page.is_waiting, len(page.all("textarea"))) == ("", 1)
        page = await seen.open(f"/talk?look={talk_module.MOST_LOOKS}")
        assert (page.is_waiting, "您的话已经存好了" in page.text) == ("", True)
        assert bot.hold
        bot.hold.set()
        page = await seen.open("/talk?look=3")
        assert (page.is_waiting, page.title.split(" ")[0]) == ("", "有回答了")


async def test_a_page_is_held_back_until_the_answer_is_there(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards, hold=asyncio.Event())
    async with running(app_in(tmp_path, bot, page_waits=20.0)) as client:
        seen = Browser(client)
        await seen.open()
        saying = asyncio.create_task(seen.say("外观被抄了"))
        while not bot.calls:
            await asyncio.sleep(0.01)
        assert bot.hold
        bot.hold.set()
        page = await asyncio.wait_for(saying, 10)
        assert (page.is_waiting, "可以马上投诉。" in page.text) == ("", True)


async def test_a_file_is_sent_seen_small_and_given_to_nobody_else(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        page = await seen.attach("摊位.jpg", picture())
        assert "［文件］摊位.jpg" in page.text
        [image] = page.all("img")
        assert image.attributes["alt"]
        shown = await seen.client.get("/" + image.attributes["src"])
        assert (shown.status_code, shown.headers["Content-Type"], shown.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
        assert shown.content.startswith(b"\xff\xd8\xff")
        assert bot.texts() == ["/send_file"]
        seen.client.cookies.clear()
        assert (await seen.client.get("/" + image.attributes["src"])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [("", b"", 422, "请先选一个文件"), ("a.jpg", b"", 422, "这个文件是空的"), ("a.exe", b"MZ" + b"x" * 100, 415, "这种文件我收不了"), ("a.jpg", b"x" * 30_000_000, 413, "这个文件太大")],
)
async def test_a_file_that_is_not_taken_is_said_so_on_the_page(tmp_path: Path, name: str, content: bytes, status: int, said: str) -> None:
    bot = FakeBot(answer=cards)
    async with browser(tmp_path, bot) as seen:
        await seen.say("你好")
        if name:
            page = await seen.attach(name, content)
        else:  # what a browser sends of a field in which nothing was chosen; httpx would leave the name out
            action, fields = seen.page.pressed("发这个文件")
            parts = [f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
            body = "".join(parts) + '--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n'
            answer = await seen.client.post("/" + action, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
            seen.status, page = answer.status_code, Page(answer.text)
        assert seen.status == status
        assert page.title.startswith("错误：")
        assert said in page.of_class("fault")[0].text
        assert [e.text for e in page.of_class("said")] == ["您说 你好"]
        assert bot.texts() == ["你好"]


async def test_two_files_from_one_page_are_two_messages(tmp_path: Path) -> None:
    async with browser(tmp_path) as seen:
        await seen.say("你好")
        first = seen.page
        await seen.attach("一.jpg", picture())
        seen.page = first
        await seen.attach("二.pdf", pdf())
        seen.page = first
        page = await seen.attach("一.jpg", picture())
        assert [e.text for e in page.of_class("said")] == ["您说 你好", "您说 ［文件］一.jpg", "您说 ［文件］二.pdf"]


async def test_an_answer_is_rated_and_the_reason_is_asked_where_it_did_not_help(tmp_path: Path) -> None:
    bot = FakeBot(answer=cards)
    app = app_in(tmp_path, bot, page_waits=2.0)
    async with running(app) as client:
        seen = Browser(client)
        await seen.open()
        await seen.say("外观被抄了")
        page = await seen.press("没解决")
        assert seen.url.split("#")[1] == page.of_class("rating")[0].attributes["id"]
        assert "是哪里没解决？" in page.text
        page = await seen.press("看不明白")
        assert "谢谢您告诉我们。" in page.text
        [(_sender, _text, metadata)] = bot.calls
        [rated] = app.state.door.ratings.of(metadata["conversation"]).values()
        assert (rated.solved, rated.reason) == (False, "unclear")
        assert [e.text for e in page.of_class("said")] == ["您说 外观被抄了"], "a rating is no message"


async def test_a_reply_that_is_no_answer_takes_no_rating(tmp_path: Path) -> None:
    async with browser(tmp_path) as seen:
        await seen.say("你好")
        action, fields = seen.page.pressed("发送")
        for rate in ("1:1", "99:0:wrong"):
            await seen.post(action, {**fields, "rate": rate})
            assert seen.status == 404
        for nonsense in ("1", "0:1", "1:0:nonsense", "x:1", "1:1:wrong"):
            await seen.post(action, {**fields, "rate": nonsense})
            assert seen.status == 422


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

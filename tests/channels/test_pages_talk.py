"""The talk by form posts alone: what is said is kept once, answered and waited for."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from door_fakes import FakeBot, running
from page_talk import Browser, browser, cards
from web_calls import app_in

from channels.pages import talk as talk_module

pytestmark = pytest.mark.anyio


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
        assert bot.texts() == ["展会上有人抄我的外观专利怎么办？", "不清楚", "乙"]
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

"""The plain pages in a real browser whose scripts are switched off, at phone's width."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from chat_site import ROOT, CardBot, Site
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_page import CONTRAST

from aid.settings import Settings
from tests.evidence.made import picture

pytestmark = pytest.mark.browser
PAGES = ["talk", "lookup", "centers", "privacy", "accessibility"]
SHOTS = os.environ.get("AID_SHOTS")
"""A folder for pictures to look at, by hand; none are made without it."""
SMALL_TARGETS = """() => [...document.querySelectorAll('button, input:not([type=hidden]), summary, footer a, .size, .buttons a')]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 24)
    .map((node) => node.outerHTML)"""
"""What is too small to be hit (WCAG 2.2, 2.5.8: 24 px); run by the test, not by the page."""


@dataclass
class Plain:
    """A browser without scripts, and what it complained about or fetched."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.page.get_by_label(re.compile("请在这里写您的")).fill(text)
        self.page.get_by_role("button", name="发送").click()

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def plain_in(context: BrowserContext, site: Site) -> Plain:
    page = context.new_page()
    seen = Plain(page, site)
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.set_default_timeout(10_000)
    return seen


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Plain]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    seen = plain_in(context, site)
    seen.page.goto(site.address + "talk")
    yield seen
    context.close()


def test_the_chat_page_leads_here_when_there_are_no_scripts(plain: Plain, site: Site) -> None:
    plain.page.goto(site.address)
    expect(plain.page.get_by_role("heading", level=1)).to_have_text("小援 · 知识产权维权援助助手")
    plain.shot("index-noscript")
    plain.page.get_by_role("link", name="请用简单版对话").click()
    expect(plain.page.get_by_role("heading", level=1)).to_have_text("和小援对话")
    assert plain.complaints == []


def test_the_chat_page_and_its_greeting_lead_to_the_plain_pages(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.address)
    links = page.get_by_role("navigation", name="其他页面").get_by_role("link")
    expect(links).to_have_count(4)
    for link, path in zip(links.all(), PAGES[1:], strict=True):
        with context.expect_page() as opened:
            link.click()
        expect(opened.value).to_have_url(site.address + path)
    expect(page.get_by_label("请在这里写您的问题")).to_be_visible()
    context.close()


def test_a_whole_talk_goes_by_forms_and_breaks_no_rule_of_the_page(plain: Plain, site: Site) -> None:
    page = plain.page
    plain.shot("talk-new")
    page.get_by_role("button", name="商标被冒用").click()
    expect(page.locator(".said")).to_have_text(["您说 别人用了我的商标怎么办？"])
    plain.say("外观被抄了")
    expect(page).to_have_title(re.compile("^有回答了"))
    card = page.locator(".card.answer")
    expect(card).to_contain_text("可以马上向展会的知识产权工作站投诉。")
    expect(card.locator("ol")).not_to_be_visible()
    card.get_by_text("看要点、做法和法律依据").click()
    expect(card.locator("ol > li").first).to_be_visible()
    plain.shot("talk-answer")
    page.get_by_role("button", name="没解决").click()
    page.get_by_role("button", name="看不明白").click()
    expect(page.locator(".rating")).to_contain_text("谢谢您告诉我们。")
    plain.say("展位")
    expect(page.get_by_label("请在这里写您的回答")).to_have_accessible_description("对方的展位号是多少？")
    plain.shot("talk-question")
    page.get_by_role("button", name="跳过").click()
    plain.say("核对")
    plain.shot("talk-summary")
    page.get_by_role("button", name="改联系电话").click()
    expect(page.locator(".said").last).to_contain_text("联系电话要改")
    plain.say("编号")
    expect(page.locator("dl.big dd")).to_have_text(["CC2026-000123", "K7M4Q2"])
    plain.shot("talk-receipt")
    page.get_by_role("link", name="用编号查进度").click()
    expect(page.get_by_label("受理编号")).to_have_value("CC2026-000123")
    assert plain.complaints == []
    assert all(url.startswith(site.address) for url in plain.requests)
    token = plain.page.context.cookies()[0]
    assert (token["name"], token["httpOnly"], token["sameSite"]) == ("aid-talk", True, "Strict")
    assert all(token["value"] not in url for url in plain.requests)


def test_a_photo_is_sent_and_seen(plain: Plain, tmp_path: Path) -> None:
    photo = tmp_path / "摊位.jpg"
    photo.write_bytes(picture(size=(640, 480)))
    plain.page.get_by_text("发照片或文件").click()
    plain.page.get_by_label("选一个文件").set_input_files(photo)
    plain.page.get_by_role("button", name="发这个文件").click()
    expect(plain.page.locator(".said")).to_contain_text("［文件］摊位.jpg")
    expect(plain.page.locator("img.preview")).to_be_visible()
    assert plain.page.locator("img.preview").bounding_box()["width"] > 100  # type: ignore[index]
    plain.shot("talk-photo")
    assert plain.complaints == []


@pytest.fixture
def slow_site(tmp_path: Path, built_page: Path) -> Iterator[Site]:
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge")
    running = Site(settings, CardBot(free=False), built_page, page_waits=1.0)
    running.start()
    yield running
    running.bot.free = True
    running.close()


@pytest.fixture
def waited(browser: Browser, slow_site: Site) -> Iterator[Plain]:
    """A page that waits for an answer; it asks again every two seconds."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    seen = plain_in(context, slow_site)
    seen.page.goto(slow_site.address + "talk")
    seen.say("外观被抄了")
    yield seen
    context.close()


def test_an_answer_that_takes_long_comes_by_itself_onto_the_page(waited: Plain) -> None:
    page = waited.page
    end = time.monotonic() + 30
    while len({url for url in waited.requests if "look=" in url}) < 3:
        assert time.monotonic() < end, "it does not ask again by itself"
        page.wait_for_timeout(100)
    waited.site.bot.free = True
    expect(page.locator(".card.answer")).to_be_visible(timeout=20_000)
    expect(page.locator(".said")).to_have_count(1)
    expect(page.locator(".waiting")).to_have_count(0)
    assert len(waited.site.bot.calls) == 1
    assert waited.complaints == []


def test_who_does_not_want_it_stops_the_page_from_going_on(waited: Plain) -> None:
    page = waited.page
    page.goto(waited.site.address + "talk?still=1")
    expect(page.locator(".waiting")).to_contain_text("还没有回答")
    waited.shot("talk-waiting")
    count = len(waited.requests)
    page.wait_for_timeout(3000)
    assert len(waited.requests) == count
    waited.site.bot.free = True
    page.get_by_role("link", name="现在看看").click()
    expect(page.locator(".card.answer")).to_be_visible()


def test_the_talk_goes_on_after_a_reload_and_back_and_forth(plain: Plain) -> None:
    page = plain.page
    for text in ("甲", "乙"):
        plain.say(text)
        expect(page.locator(".said").last).to_contain_text(text)
    page.reload()
    expect(page.locator(".said")).to_have_count(2)
    page.go_back()
    plain.say("丙")
    expect(page.locator(".said").last).to_contain_text("丙")
    expect(page.locator(".said")).to_have_count(3)
    assert [text for _sender, text in plain.site.bot.calls] == ["甲", "乙", "丙"]


def test_two_tabs_are_one_talk_and_a_page_of_an_ended_one_speaks_in_none(plain: Plain) -> None:
    plain.say("甲")
    other = plain.page.context.new_page()
    other.goto(plain.site.address + "talk")
    expect(other.locator(".said")).to_have_count(1)
    plain.page.get_by_text("结束对话，或者开始新的对话").click()
    plain.page.get_by_role("button", name="开始新的对话").click()
    plain.say("新的")
    other.get_by_label("请在这里写您的问题").fill("旧页上的话")
    other.get_by_role("button", name="发送").click()
    expect(other.get_by_role("alert")).to_contain_text("这一页是旧的")
    expect(other.locator(".said")).to_have_text(["您说 新的"])
    expect(other.get_by_label("请在这里写您的问题")).to_have_value("旧页上的话")
    assert [text for _sender, text in plain.site.bot.calls] == ["甲", "新的"]


def test_a_form_of_another_site_is_refused_by_what_the_browser_says(plain: Plain, tmp_path: Path) -> None:
    plain.say("甲")
    foreign = plain.page.context.new_page()
    foreign.set_content(f"<form method=post action='{plain.site.address}talk'><input name=text value=冒充><button>go</button></form>")
    foreign.get_by_role("button").click()
    expect(foreign.get_by_role("alert")).to_contain_text("这个网站没有登记")
    plain.page.reload()
    expect(plain.page.locator(".said")).to_have_text(["您说 甲"])


def test_a_fault_is_where_the_focus_is(plain: Plain) -> None:
    page = plain.page
    page.get_by_role("button", name="发送").click()
    expect(page).to_have_title(re.compile("^错误："))
    expect(page.get_by_role("alert")).to_be_focused()
    page.goto(plain.site.address + "lookup")
    page.get_by_label("受理编号").fill("CC-2026-000001")
    page.get_by_label("查询码").fill("WRONG234")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("受理编号")).to_have_value("CC-2026-000001")
    plain.shot("lookup-fault")
    assert page.url == plain.site.address + "lookup"


def test_keys_alone_lead_from_the_first_link_to_an_answer(plain: Plain) -> None:
    page = plain.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator("#say:focus").count():
            break
    page.keyboard.type("waiguan")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="发送")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("waiguan")


@pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_a_phone_and_its_words_stand_out(browser: Browser, site: Site, path: str, scheme: Literal["light", "dark"], large: bool) -> None:
    """Seen with scripts on, for the measuring alone: the page has none."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    seen = plain_in(context, site)
    page = seen.page
    page.goto(site.address + path + ("?large=1" if large else ""))
    if path == "talk":
        for text in ("外观", "展位", "坏话", "编号", "进度", "核对"):
            seen.say(text)
    if path == "lookup":
        page.get_by_role("button", name="查询").evaluate("button => button.form.noValidate = true")
        page.get_by_role("button", name="查询").click()
        expect(page.get_by_role("alert")).to_be_visible()
    for node in page.locator("details").all():
        node.evaluate("node => node.open = true")
    seen.shot(f"{path}-{scheme}-{'large' if large else 'standard'}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(SMALL_TARGETS) == []
    size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert size == pytest.approx(23 if large else 18)
    context.close()


def test_on_paper_stand_the_receipt_and_no_buttons(plain: Plain) -> None:
    plain.say("编号")
    expect(plain.page.locator("dl.big")).to_be_visible()
    plain.page.emulate_media(media="print")
    expect(plain.page.locator("dl.big")).to_be_visible()
    plain.shot("talk-print")
    assert [button.text_content() for button in plain.page.get_by_role("button").all() if button.is_visible()] == []
    expect(plain.page.get_by_role("textbox")).not_to_be_visible()


def test_on_a_wide_screen(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 800}, java_script_enabled=False)
    seen = plain_in(context, site)
    for path in PAGES:
        seen.page.goto(site.address + path)
        expect(seen.page.get_by_role("heading", level=1)).to_be_visible()
        box = seen.page.locator("main").bounding_box()
        assert box
        assert box["width"] < 900, "lines stay short enough to read"
        seen.shot(f"wide-{path}")
    context.close()

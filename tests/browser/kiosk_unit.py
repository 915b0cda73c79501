"""The kiosk under a finger: the machine, a bot that asks five questions, and a phone beside it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from chat_site import ROOT, CardBot, Site
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from aid.replies import Choice, QuestionCard, ReceiptCard, Reply, SummaryCard, SummaryLine
from aid.settings import Settings
from channels.gate import FILE_FOR_BOT

PIN = "730418"
EXPO = "长春国际汽车博览会"
PORTRAIT, LANDSCAPE = {"width": 1080, "height": 1920}, {"width": 1920, "height": 1080}
FILED = ReceiptCard(
    number="CC-2026-000123",
    lookup_code="K7M4Q2AC",
    receiver="展会工作站",
    reasons=["事情发生在展会上"],
    expected=date(2026, 12, 1),
    expected_is_estimate=True,
    phones=["12345", "12315"],
)
NAME, PHONE = "王小明", "13900007001"


def question(field: str, ask: str, step: int, kind: str = "text") -> Reply:
    card = QuestionCard(case_kind="expo_complaint", field=field, ask=ask, why="好联系您", skip="", step=step, steps=5, input=kind)  # type: ignore[arg-type]
    return Reply(text=ask, card=card)


@dataclass
class FormBot(CardBot):
    """A complaint of five questions, asked one after another in each conversation; all else as ever."""

    told: dict[str, list[str]] = field(default_factory=dict)

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        told = self.told.get(sender)
        if text == FILE_FOR_BOT:
            return [Reply(text="照片收到了。")]
        ours = text.startswith("我要投诉") or (told is not None and len(told) < 5)
        if ours:
            self.calls.append((sender, text))
        if text.startswith("我要投诉"):
            self.told[sender] = []
            return [question("booth", "对方在哪个展位？", 1)]
        if told is None or len(told) >= 5:
            return await super().send(sender, text, metadata)
        told.append(text)
        return [self._next(told)]

    def _next(self, told: list[str]) -> Reply:
        if len(told) == 1:
            return question("leaves_on", "对方展到哪天？", 2, "date")
        if len(told) == 2:
            return question("name", "怎么称呼您？", 3)
        if len(told) == 3:
            return question("phone", "您的电话是多少？", 4, "tel")
        if len(told) == 4:
            lines = [SummaryLine(field="name", label="称呼", value="王**"), SummaryLine(field="phone", label="联系电话", value="139****7001")]
            card = SummaryCard(case_kind="expo_complaint", lines=lines, receiver="展会工作站", reasons=["事情发生在展会上"])
            return Reply(text="请您核对。", card=card, choices=[Choice(label="没错，提交", payload={"act": "affirm"})])
        return Reply(text="", card=FILED)


@dataclass
class Unit:
    """The machine: its page and everything that it complained about."""

    page: Page
    context: BrowserContext
    site: Site
    bot: FormBot
    complaints: list[str] = field(default_factory=list)
    steps: int = 0
    """How long the browser's history was at the beginning."""

    def tap(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).tap()

    def begin(self) -> None:
        self.tap("点一下开始")
        expect(self.page.locator(".home")).to_be_visible()

    def say(self, text: str) -> None:
        self.page.locator("#say").fill(text)
        self.tap("发送")

    def keys(self, text: str) -> None:
        """Tap keys of the keyboard on the screen."""
        for letter in text:
            self.page.locator(f'[data-skbtn="{letter}"]').tap()

    def pick(self, text: str) -> None:
        """Tap a candidate of the pinyin, paging until it shows."""
        for _ in range(60):
            found = self.page.locator(".screen-keyboard .list").get_by_role("button", name=text, exact=True)
            if found.count():
                return found.tap()
            self.tap("下一页")
        raise AssertionError(f"{text} is not among the candidates")

    def enter(self) -> None:
        self.page.locator('[data-skbtn="{enter}"]').tap()

    def last(self) -> Locator:
        return self.page.locator(".item.reply").last

    def complain(self) -> None:
        """A whole complaint up to the read-back."""
        self.page.locator(".way.complain").tap()
        expect(self.last()).to_contain_text("对方在哪个展位？")
        self.say("B12")
        expect(self.last()).to_contain_text("对方展到哪天？")
        self.page.locator(".day-choice").nth(1).tap()
        expect(self.last()).to_contain_text("怎么称呼您？")
        self.say(NAME)
        expect(self.last()).to_contain_text("您的电话是多少？")
        self.say(PHONE)
        expect(self.page.locator(".card.summary")).to_be_visible()

    def code(self) -> str:
        """What a phone reads off the screen."""
        picture = self.page.locator("dialog[open] .qr")
        expect(picture).to_be_visible()
        [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot())))
        return found.text

    def expect_wiped(self) -> None:
        """Nothing of the person is on the machine."""
        expect(self.page.locator(".attract")).to_be_visible()
        for words in (NAME, PHONE, "139****7001", FILED.number, FILED.lookup_code, "B12"):
            assert words not in self.page.content()
        kept = "() => [localStorage.length, sessionStorage.length, document.cookie, history.length, history.state, location.hash]"
        assert self.page.evaluate(kept) == [0, 0, "", self.steps, None, ""]
        names = self.page.evaluate("async () => { const all = []; for (const n of await caches.keys()) for (const r of await (await caches.open(n)).keys()) all.push(r.url); return all; }")
        assert all(re.search(r"/(kiosk|kiosk\.js|kiosk\.css|icon\.svg|keyboard\.txt|v1/kiosk(\?event=\w+)?)$", name) for name in names), names
        assert self.page.evaluate("async () => (await indexedDB.databases()).length") == 0


@pytest.fixture
def kiosk_site(tmp_path: Path, built_page: Path) -> Iterator[Site]:
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", kiosk_pin=PIN)
    running = Site(settings, FormBot(), built_page)
    running.start()
    yield running
    running.close()


def until(page: Page, holds: str) -> None:
    """Wait for it; the page's policy forbids Playwright's own way to."""
    for _ in range(200):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"it never came to hold: {holds}")


def unit_at(browser: Browser, site: Site, viewport: dict[str, int], stopped_clock: bool = False, fragment: str = "") -> Unit:
    context = browser.new_context(viewport=viewport, has_touch=True)  # type: ignore[arg-type]
    page = context.new_page()
    assert isinstance(site.bot, FormBot)
    unit = Unit(page, context, site, site.bot)
    page.on("console", lambda message: unit.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: unit.complaints.append(str(error)))
    page.set_default_timeout(10_000)
    if stopped_clock:
        page.clock.install()
    page.goto(f"{site.address}kiosk?event=automobile&station=automobile-1{fragment}")
    expect(page.get_by_role("heading", level=1)).to_have_text(EXPO, timeout=20_000)
    # As on the machine, where the browser begins with this page.
    context.new_cdp_session(page).send("Page.resetNavigationHistory")
    unit.steps = page.evaluate("history.length")
    return unit


@pytest.fixture
def unit(browser: Browser, kiosk_site: Site) -> Iterator[Unit]:
    made = unit_at(browser, kiosk_site, PORTRAIT)
    yield made
    made.context.close()


@pytest.fixture
def clocked(browser: Browser, kiosk_site: Site) -> Iterator[Unit]:
    made = unit_at(browser, kiosk_site, PORTRAIT, stopped_clock=True)
    yield made
    made.context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()

"""The expo kiosk under a finger: from the first touch to a wiped screen, with a phone beside it, a cut line, and staff."""

from __future__ import annotations

import asyncio
import io
import re
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from chat_site import ROOT, CardBot, Site
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from uvicorn import Config

from aid.cli.ask import free_ports
from aid.kiosk.keys import StationKeys
from aid.kiosk.stations import Stations
from aid.kiosk.tables import load_kiosk
from aid.replies import Choice, QuestionCard, ReceiptCard, Reply, SummaryCard, SummaryLine
from aid.settings import Settings
from aid.store import open_store
from channels.__main__ import Server
from channels.gate import FILE_FOR_BOT
from channels.wechat.simulate import account_of
from channels.wechat.standin import Platform

pytestmark = pytest.mark.browser
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


def test_the_first_touch_leads_to_the_ways_in_the_expos_questions_and_the_topics(unit: Unit) -> None:
    file = load_kiosk(ROOT / "knowledge")
    unit.page.touchscreen.tap(540, 300)  # anywhere
    page = unit.page
    expect(page.locator(".way strong")).to_have_text(["咨询", "投诉", "申请援助", "查进度"])
    expect(page.locator(".home .questions button")).to_have_text([one.ask for one in file.events["automobile"]])
    expect(page.locator(".tile")).to_have_text([topic.label for topic in file.topics])
    page.locator(".tile[data-topic=trademark]").tap()
    unit.page.get_by_role("button", name="商标被别人抢注了怎么办？").tap()
    expect(unit.last()).to_contain_text("商标被别人抢注了怎么办？")
    assert [text for _sender, text in unit.bot.calls] == ["商标被别人抢注了怎么办？"]
    unit.tap("首页")
    page.locator(".way.status").tap()
    expect(page.locator(".card.status")).to_be_visible()
    assert len({sender for sender, _text in unit.bot.calls}) == 1
    assert unit.complaints == []


def test_a_complaint_is_typed_on_the_screen_with_pinyin_a_rare_name_and_figures_for_the_telephone(unit: Unit) -> None:
    board, page = unit.page.locator(".screen-keyboard"), unit.page
    unit.begin()
    page.locator(".way.complain").tap()
    expect(unit.last()).to_contain_text("对方在哪个展位？")
    expect(board).to_be_hidden()
    page.locator("#say").tap()
    unit.keys("duimian")
    unit.pick("对面")
    unit.enter()
    expect(unit.last()).to_contain_text("对方展到哪天？")
    page.locator(".day-choice").first.tap()
    expect(board).to_be_hidden()
    expect(unit.last()).to_contain_text("怎么称呼您？")
    page.locator("#say").tap()
    unit.keys("wang")
    unit.pick("王")
    unit.keys("yun")
    unit.pick("赟")
    unit.enter()
    expect(unit.last()).to_contain_text("您的电话是多少？")
    unit.keys(PHONE)
    unit.enter()
    expect(page.locator(".card.summary")).to_be_visible()
    told = next(iter(unit.bot.told.values()))
    assert (told[0], told[2:]) == ("对面", ["王赟", PHONE])
    unit.tap("结束")
    expect(page.locator(".screen-keyboard")).to_have_count(0)
    assert unit.complaints == []


def test_a_complaint_by_touch_ends_with_a_receipt_that_a_phone_can_look_up(unit: Unit) -> None:
    unit.begin()
    unit.complain()
    assert f"我要投诉，是在{EXPO}上" in [text for _sender, text in unit.bot.calls]
    unit.tap("没错，提交")
    front = unit.page.locator(".receipt-front")
    expect(front.locator(".number")).to_have_text(FILED.number)
    expect(front.locator(".secret")).to_have_text(FILED.lookup_code)
    assert unit.code() == f"{unit.site.address}lookup?number={FILED.number}"
    unit.tap("接着用")
    unit.tap("看回执")
    expect(front).to_be_visible()
    front.get_by_role("button", name="结束").tap()
    unit.expect_wiped()
    assert unit.complaints == []


def test_the_slip_holds_number_code_telephones_and_day_and_nobodys_data(unit: Unit) -> None:
    unit.begin()
    unit.complain()
    unit.tap("没错，提交")
    expect(unit.page.locator(".receipt-front .print")).to_be_visible()
    unit.page.evaluate("void (window.print = () => undefined)")
    unit.page.emulate_media(media="print")
    unit.page.evaluate("document.querySelector('.receipt-front .print').click()")
    slip = unit.page.locator("body > .slip")
    expect(slip).to_be_visible()
    expect(unit.page.locator("#kiosk")).to_be_hidden()
    printed = slip.inner_text()
    for words in (FILED.number, FILED.lookup_code, "12345", "2026年12月1日"):
        assert words in printed
    for words in (NAME, "王", PHONE, "139", "B12", FILED.receiver):
        assert words not in printed
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(slip.locator(".qr").screenshot())))
    assert read.text.endswith(f"lookup?number={FILED.number}")
    assert FILED.lookup_code not in read.text
    assert len(unit.page.pdf(prefer_css_page_size=True)) > 1000
    unit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(slip).to_have_count(0)


def test_the_phone_goes_on_with_the_same_case_and_its_photo_and_the_kiosk_is_wiped(unit: Unit, phone: Page, tmp_path: Path) -> None:
    unit.begin()
    unit.complain()
    conversation, asked = unit.bot.calls[-1][0], len(unit.bot.calls)
    unit.tap("发到手机")
    address = unit.code()
    assert re.fullmatch(re.escape(unit.site.address) + r"#handover=[A-Za-z0-9_-]{32}", address)
    expect(unit.page.locator(".handover .left")).to_have_text(re.compile(r"还剩 [45] 分 \d\d 秒"))
    requests: list[str] = []
    phone.on("request", lambda request: requests.append(request.url))
    phone.goto(address)
    expect(phone.locator(".card.summary")).to_contain_text("139****7001")
    expect(phone.locator(".items")).to_contain_text("已经从展台接过来了")
    assert phone.url == unit.site.address
    assert all(address.split("=")[1] not in url for url in requests)
    expect(unit.page.locator(".attract .note")).to_have_text("已经转到您的手机。这台机器上的内容已经清除。")
    unit.expect_wiped()

    picture = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), "red").save(picture)
    phone.locator("input[type=file]").set_input_files(picture)
    expect(phone.locator(".item.said").last).to_contain_text("photo.png")
    phone.get_by_role("button", name="没错，提交").tap()
    expect(phone.locator(".card.receipt")).to_contain_text(FILED.number)
    assert {sender for sender, _text in unit.bot.calls[asked:]} == {conversation}
    assert unit.complaints == [] or all("401" in one for one in unit.complaints), unit.complaints

    phone.goto("about:blank")
    phone.goto(address)
    expect(phone.locator(".items")).to_contain_text("这个二维码已经失效")


def apart(work: Coroutine[Any, Any, str | None]) -> str | None:
    """Run in a thread of its own: this one belongs to Playwright."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result(30)


@pytest.fixture
def with_wechat(browser: Browser, tmp_path: Path, built_page: Path) -> Iterator[tuple[Unit, Platform]]:
    """A kiosk beside a WeChat door, and the stand-in of the platform behind a server of its own."""
    [port] = free_ports(1)
    account = {"wechat_token": "token", "wechat_app_id": "wx0000000000000001", "wechat_app_secret": "secret", "wechat_mode": "plain"}
    base = f"http://127.0.0.1:{port}"
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", wechat_api_base=base, **account)
    site = Site(settings, FormBot(), built_page)
    site.start()
    platform = Platform(replace(account_of(settings), callback=f"{site.address}wechat/callback"), settings.clock())
    server = Server(Config(platform.app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    unit = unit_at(browser, site, PORTRAIT)
    yield unit, platform
    unit.context.close()
    site.close()
    server.should_exit = True
    thread.join(10)


def test_a_follower_goes_on_with_the_kiosks_case_in_wechat_and_the_kiosk_is_wiped(with_wechat: tuple[Unit, Platform]) -> None:
    unit, platform = with_wechat
    unit.begin()
    unit.complain()
    conversation = unit.bot.calls[-1][0]
    unit.tap("发到手机")
    assert "#handover=" in unit.code()
    unit.tap("用微信公众号接着办")
    expect(unit.page.locator(".handover .steps")).to_contain_text("关注公众号")
    expect(unit.page.get_by_role("img", name="在微信公众号里接着办的二维码")).to_be_visible()
    scene = unit.code().removeprefix("http://weixin.qq.com/q/")
    openid = "oANN-in-front-of-the-kiosk-01"
    shown = str(apart(platform.event(openid, "subscribe", EventKey=f"qrscene_{scene}", Ticket="t")))
    assert "转到您的手机上" in shown
    assert "请您核对" in shown
    expect(unit.page.locator(".attract .note")).to_have_text("已经转到您的手机。这台机器上的内容已经清除。")
    unit.expect_wiped()
    apart(platform.text(openid, "没错，提交"))
    assert unit.bot.calls[-1] == (conversation, "/affirm")


def test_a_code_that_nobody_uses_is_over_after_five_minutes_and_a_new_one_can_be_had(clocked: Unit) -> None:
    clocked.begin()
    clocked.tap("发到手机")
    first = clocked.code()
    for _ in range(6):  # somebody stands there and touches
        clocked.page.clock.fast_forward(46_000)
        clocked.page.locator(".handover h2").tap()
    expect(clocked.page.locator(".handover .left")).to_have_text(re.compile(r"还剩 0 分 [012]\d 秒"))
    clocked.page.clock.fast_forward(25_000)
    expect(clocked.page.locator(".handover .gone")).to_have_text("这个二维码已经过期，不能再用了。还要用手机接着办，请换一个新的。")
    expect(clocked.page.locator(".handover .qr")).to_have_count(0)
    clocked.tap("换一个新的二维码")
    assert clocked.code() != first


def test_who_goes_away_leaves_nothing_after_a_minute_and_a_counted_quarter(clocked: Unit) -> None:
    page = clocked.page
    clocked.begin()
    with page.expect_request(lambda request: request.url.endswith("/messages") and request.method == "POST") as asked:
        clocked.complain()
    token = asked.value.all_headers()["authorization"]
    conversation = asked.value.url.rsplit("/", 2)[1]
    page.clock.fast_forward(45_000)
    expect(page.locator(".idle")).to_have_count(0)
    page.clock.fast_forward(16_000)
    expect(page.locator(".idle .left")).to_have_text(re.compile(r"^1?\d 秒后清除"))
    clocked.tap("我还在，接着用")
    expect(page.locator(".idle")).to_have_count(0)
    expect(page.locator(".card.summary")).to_be_visible()
    page.clock.fast_forward(62_000)
    expect(page.locator(".idle")).to_be_visible()
    with page.expect_response(lambda response: response.url.endswith("/end")) as ended:
        page.clock.fast_forward(15_000)
    assert ended.value.status == 204
    clocked.expect_wiped()
    refused = page.request.get(f"{clocked.site.address}v1/conversations/{conversation}/messages", headers={"Authorization": token})
    assert (refused.status, refused.json()["error"]) == (401, "conversation_closed")
    page.clock.fast_forward(200_000)
    expect(page.locator(".idle")).to_have_count(0)
    page.go_back()
    assert NAME not in page.content()


def test_a_phone_that_loses_the_answer_to_its_take_over_asks_again_and_another_gets_nothing(unit: Unit, phone: Page) -> None:
    unit.begin()
    unit.complain()
    unit.tap("发到手机")
    address, asked = unit.code(), []

    def lose_the_first(route: Route) -> None:
        asked.append(route.request.post_data_json)
        if len(asked) == 1:
            assert route.fetch().status == 201
            route.abort()
        else:
            route.continue_()

    phone.route("**/v1/handover", lose_the_first)
    phone.goto(address)
    expect(phone.locator(".items")).to_contain_text("已经从展台接过来了")
    expect(phone.locator(".card.summary")).to_contain_text("139****7001")
    assert len(asked) == 2
    assert asked[0] == asked[1]
    unit.expect_wiped()
    for device in ({}, {"device": "a" * 36}):
        refused = phone.request.post(f"{unit.site.address}v1/handover", data={"code": asked[0]["code"], **device})
        assert (refused.status, refused.json()["error"]) == (404, "handover_gone")


def test_the_end_button_is_always_in_sight_and_wipes_at_once(unit: Unit) -> None:
    unit.begin()
    for act in (lambda: None, lambda: unit.page.locator(".tile").first.tap(), lambda: unit.tap("首页"), unit.complain):
        act()
        box = unit.page.locator(".bar .end").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 600
    unit.page.locator("#say").fill("草稿")
    unit.tap("结束")
    unit.expect_wiped()
    unit.begin()
    unit.page.locator(".way.consult").tap()
    expect(unit.page.locator("#say")).to_have_value("")
    expect(unit.page.locator(".item")).to_have_count(0)


def test_a_session_that_ends_while_the_line_is_cut_is_ended_at_the_server_when_it_is_back(unit: Unit) -> None:
    unit.begin()
    with unit.page.expect_request(lambda request: request.url.endswith("/messages") and request.method == "POST") as asked:
        unit.complain()
    token, conversation = asked.value.all_headers()["authorization"], asked.value.url.rsplit("/", 2)[1]
    unit.site.stop()
    expect(unit.page.locator(".offline strong")).to_be_visible(timeout=15_000)
    unit.say("这句话不该留下")
    unit.tap("结束")
    unit.expect_wiped()
    unit.site.start()
    expect(unit.page.locator(".offline strong")).to_have_count(0, timeout=20_000)
    unit.page.wait_for_timeout(500)
    refused = unit.page.request.get(f"{unit.site.address}v1/conversations/{conversation}/messages", headers={"Authorization": token})
    assert (refused.status, refused.json()["error"]) == (401, "conversation_closed")
    assert "这句话不该留下" not in [text for _sender, text in unit.bot.calls]


def test_a_cut_line_leaves_tiles_answers_paper_and_telephone_and_it_comes_back_by_itself(unit: Unit) -> None:
    page, file = unit.page, load_kiosk(ROOT / "knowledge")
    until(page, "() => navigator.serviceWorker.controller !== null")
    page.evaluate("async () => { await fetch('v1/kiosk?event=automobile'); }")
    until(page, "async () => Boolean(await caches.match('v1/kiosk?event=automobile'))")
    unit.begin()
    unit.site.stop()
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(page.locator(".offline")).to_contain_text(file.offline.title)
    expect(page.locator(".offline")).to_contain_text(file.offline.paper)
    expect(page.locator(".offline")).to_contain_text("12345、12315")
    page.locator(".way.complain").tap()
    expect(page.locator(".cannot")).to_contain_text(file.offline.paper)
    unit.tap("看常见问题")
    page.locator(".tile[data-topic=patent]").tap()
    unit.page.get_by_role("button", name="怎么查专利是否有效？").tap()
    expect(page.locator(".answer-screen .card .short")).to_be_visible()
    expect(page.locator(".answer-screen .card details")).to_contain_text("法律依据")

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(EXPO)
    unit.begin()
    expect(page.locator(".offline")).to_contain_text(file.offline.title, timeout=15_000)
    page.locator(".questions button").first.tap()
    expect(page.locator(".answer-screen .card .short")).to_be_visible()
    unit.tap("返回")
    unit.site.start()
    expect(page.locator(".offline strong")).to_have_count(0, timeout=20_000)
    page.locator(".questions button").first.tap()
    expect(page.locator(".item.said")).to_contain_text(file.events["automobile"][0].ask)
    expect(page.locator(".card.answer")).to_be_visible()


def test_a_line_cut_in_a_talk_keeps_what_was_said_and_sends_it_once(unit: Unit) -> None:
    unit.begin()
    unit.page.locator(".way.complain").tap()
    expect(unit.last()).to_contain_text("对方在哪个展位？")
    unit.site.stop()
    unit.say("B12")
    expect(unit.page.locator(".offline strong")).to_be_visible(timeout=15_000)
    unit.site.start()
    expect(unit.last()).to_contain_text("对方展到哪天？", timeout=20_000)
    assert [text for _sender, text in unit.bot.calls][1:] == ["B12"]


def test_staff_see_the_machine_and_that_somebody_is_at_it(unit: Unit) -> None:
    unit.begin()
    unit.page.evaluate("window.dispatchEvent(new Event('online'))")
    store = open_store(unit.site.settings)
    try:
        for _ in range(50):
            [state] = [one for one in Stations(store, unit.site.settings.clock()).states(load_kiosk(ROOT / "knowledge").stations) if one.station.id == "automobile-1"]
            if state.beat and state.beat.in_use:
                break
            unit.page.wait_for_timeout(100)
    finally:
        store.close()
    assert state.beat is not None
    assert (state.health, state.beat.event, state.beat.in_use, state.beat.outages) == ("well", "automobile", True, 0)
    assert state.beat.version == (unit.site.page / "kiosk.version").read_text("ascii").strip()


def test_a_machine_with_a_key_shows_it_and_keeps_it_over_a_wipe_and_a_reload(browser: Browser, tmp_path: Path, built_page: Path) -> None:
    secret = "a secret of the house, long enough for it"
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", kiosk_pin=PIN, station_secret=secret)
    site = Site(settings, FormBot(), built_page)
    site.start()
    key = f"#key={StationKeys(secret).of('automobile-1')}"
    unit = unit_at(browser, site, PORTRAIT, fragment=key)
    try:
        with unit.page.expect_response("**/beat") as beat:
            unit.page.evaluate("window.dispatchEvent(new Event('online'))")
        assert beat.value.status == 200
        unit.begin()
        unit.tap("结束")
        expect(unit.page.locator(".attract")).to_be_visible()
        assert unit.page.evaluate("location.hash") == key
        with unit.page.expect_response("**/beat") as beat:
            unit.page.reload()
        assert beat.value.status == 200
    finally:
        unit.context.close()
        site.close()


def test_staff_leave_by_five_taps_and_the_pin_and_the_window_closes(unit: Unit) -> None:
    unit.begin()
    unit.complain()
    for _ in range(5):
        unit.page.touchscreen.tap(40, 40)
    pad = unit.page.locator(".exit")
    expect(pad).to_be_visible()
    for figure in "000000":
        pad.get_by_role("button", name=figure, exact=True).tap()
    pad.get_by_role("button", name="确定").tap()
    expect(pad.locator(".said")).to_have_text("退出密码不对，请再输一次。")
    for figure in PIN:
        pad.get_by_role("button", name=figure, exact=True).tap()
    with unit.page.expect_event("close", timeout=20_000), unit.page.expect_event("framenavigated") as left:
        pad.get_by_role("button", name="确定").tap()
    assert left.value.url == f"{unit.site.address}kiosk-closed.html"


def test_four_taps_or_taps_elsewhere_show_nothing(unit: Unit) -> None:
    for x, y, times in ((40, 40, 4), (600, 40, 6)):
        for _ in range(times):
            unit.page.touchscreen.tap(x, y)
        expect(unit.page.locator(".exit")).to_have_count(0)


MEASURES = """() => {
    const small = [], words = [];
    const seen = (node) => { const box = node.getBoundingClientRect(); return box.width > 2 && box.height > 2 && !node.closest('.unseen, [hidden]'); };
    for (const node of document.querySelectorAll('button, summary, textarea')) {
        const box = node.getBoundingClientRect();
        if (seen(node) && (box.height < 59.5 || box.width < 59.5)) small.push(`${node.className} ${box.width}x${box.height}`);
    }
    for (const node of document.querySelectorAll('body *')) {
        const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
        if (own && seen(node) && !node.closest('.screen-keyboard') && parseFloat(getComputedStyle(node).fontSize) < 24) words.push(`${node.className || node.tagName} ${getComputedStyle(node).fontSize}`);
    }
    return [small, words, document.documentElement.scrollWidth - innerWidth];
}"""


@pytest.mark.parametrize("viewport", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
def test_every_target_is_sixty_pixels_and_every_word_eighteen_points(browser: Browser, kiosk_site: Site, viewport: dict[str, int], large: bool) -> None:
    unit = unit_at(browser, kiosk_site, viewport)
    try:
        assert unit.page.evaluate(MEASURES) == [[], [], 0]
        unit.begin()
        if large:
            unit.tap("大字")
        assert unit.page.evaluate(MEASURES) == [[], [], 0]
        unit.page.locator(".tile").first.tap()
        assert unit.page.evaluate(MEASURES) == [[], [], 0]
        unit.tap("首页")
        unit.complain()
        assert unit.page.evaluate(MEASURES) == [[], [], 0]
        unit.tap("没错，提交")
        expect(unit.page.locator(".receipt-front")).to_be_visible()
        assert unit.page.evaluate(MEASURES) == [[], [], 0]
        unit.tap("接着用")
        unit.say("外观")
        expect(unit.page.locator(".card.answer")).to_be_visible()
        assert unit.page.evaluate(MEASURES) == [[], [], 0]
    finally:
        unit.context.close()


def test_a_link_in_an_answer_leads_nowhere(unit: Unit) -> None:
    unit.begin()
    unit.page.locator(".way.consult").tap()
    unit.say("坏话")
    expect(unit.last().locator("a")).to_have_count(1)
    unit.last().locator("a").tap()
    unit.page.wait_for_timeout(300)
    assert len(unit.context.pages) == 1
    assert "/kiosk?" in unit.page.url

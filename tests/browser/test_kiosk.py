"""The expo kiosk under a finger: from the first touch to the receipt."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from chat_site import ROOT, Site
from kiosk_unit import EXPO, FILED, LANDSCAPE, NAME, PHONE, PORTRAIT, Unit, unit_at
from PIL import Image
from playwright.sync_api import Browser, expect

from aid.kiosk.tables import load_kiosk

pytestmark = pytest.mark.browser


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

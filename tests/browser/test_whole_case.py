"""A whole complaint in the widget before the real bot: told in a sentence, with a photo, corrected at a tap, reloaded in the middle, filed, looked up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from host_site import NAME, watch
from playwright.sync_api import Browser, Page, expect
from real_site import Whole

from aid.clock import today
from tests.evidence.made import picture

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture
def phone(browser: Browser, whole: Whole) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page, complaints = context.new_page(), []
    watch(page, complaints)
    page.set_default_timeout(30_000)
    page.goto(whole.host.address)
    yield page, complaints
    context.close()


def say(page: Page, text: str) -> None:
    """Say something and wait for the whole answer."""
    page.locator("#say").fill(text)
    page.get_by_role("button", name="发送").tap()
    settled(page)


def settled(page: Page) -> None:
    expect(page.locator(".typing")).to_be_hidden(timeout=30_000)


def asked(page: Page, words: str) -> None:
    expect(page.locator(".card.question").last).to_contain_text(words, timeout=30_000)


def test_a_whole_complaint_with_photo_correction_and_a_reload(phone: tuple[Page, list[str]], whole: Whole) -> None:
    page, complaints = phone
    page.get_by_role("button", name=NAME).tap()
    say(page, "我要投诉光博会A1馆B12仿冒我的车灯外观专利")
    asked(page, "对方叫什么名字")
    page.get_by_role("button", name="跳过").last.tap()
    asked(page, "专利号")
    page.locator(".chooser").set_input_files({"name": "展位.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(800, 600))})
    expect(page.locator(".said .thumbnail")).to_be_visible()
    settled(page)
    page.reload()
    page.get_by_role("button", name=NAME).tap()
    expect(page.locator(".said .thumbnail")).to_be_visible()
    say(page, "跳过")
    asked(page, "展到哪一天")
    expect(page.locator("#day")).to_have_attribute("min", today(whole.settings.clock()).isoformat())
    say(page, "跳过")
    page.get_by_role("button", name="同意", exact=True).last.tap()
    asked(page, "怎么称呼")
    say(page, "郑雪梅")
    asked(page, "电话")
    expect(page.locator("#say")).to_have_attribute("inputmode", "tel")
    say(page, "13900007001")
    summary = page.locator(".card.summary").last
    expect(summary).to_contain_text("展位.jpg")
    expect(summary).to_contain_text("139****7001")
    summary.get_by_text("A1馆B12").tap()
    asked(page, "哪个展位")
    say(page, "A2馆C08")
    expect(page.locator(".card.summary").last).to_contain_text("A2馆C08")
    page.get_by_role("button", name="确认提交").last.tap()
    receipt = page.locator(".card.receipt")
    expect(receipt).to_contain_text("展位.jpg", timeout=30_000)
    number, code = receipt.locator("dl.big dd").all_inner_texts()
    page.get_by_role("button", name="菜单").tap()
    page.locator(".menu .look").tap()
    page.get_by_label("受理编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询", exact=True).tap()
    expect(page.locator(".lookup .card.status")).to_contain_text(number)
    assert complaints == []


def test_a_consultation_is_answered_with_its_law_and_rated(phone: tuple[Page, list[str]]) -> None:
    page, complaints = phone
    page.get_by_role("button", name=NAME).tap()
    page.get_by_role("button", name="专利被仿冒怎么办").tap()
    card = page.locator(".card.answer")
    expect(card).to_be_visible(timeout=30_000)
    card.locator("summary").tap()
    expect(card).to_contain_text("专利法")
    page.get_by_role("button", name="解决了", exact=True).tap()
    expect(page.locator(".rating")).to_contain_text("谢谢您告诉我们")
    say(page, "我要申请维权援助")
    expect(page.locator(".card.question")).to_be_visible()
    expect(page.locator(".asked")).to_be_hidden()
    assert complaints == []

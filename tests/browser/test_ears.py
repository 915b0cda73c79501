"""What a screen reader is told: what is new, once, in words meant for ears; and never what is old."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from chat_site import Watched
from host_site import Shown
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
REGION = "[aria-live=polite]"
LISTEN = """(selector) => {
    const find = (root) => root.querySelector(selector) || [...root.querySelectorAll('*')].map((n) => n.shadowRoot && find(n.shadowRoot)).find(Boolean);
    window.spoken = [];
    const begin = () => {
        const region = find(document);
        if (!region) return setTimeout(begin, 1);
        new MutationObserver((records) => records.forEach((record) =>
            record.addedNodes.forEach((node) => window.spoken.push(node.textContent)))).observe(region, {childList: true});
    };
    begin();
}"""


def spoken(page: Page) -> str:
    return "\n".join(page.evaluate("window.spoken"))


def test_the_transcript_itself_is_no_live_region(shown: Shown) -> None:
    shown.open()
    live = shown.page.locator(".transcript").evaluate(
        "(node) => [node, ...node.querySelectorAll('*')].concat(node.closest('.panel')).filter((n) => n.matches('[aria-live], [role=log], [role=alert], [role=status]')).length"
    )
    assert live == 0
    assert shown.page.locator(REGION).evaluate("(node) => getComputedStyle(node).display") == "block"


def test_new_items_are_spoken_and_the_region_is_empty_after_a_second(shown: Shown) -> None:
    page = shown.page
    shown.open()
    page.evaluate(LISTEN, REGION)
    shown.say("外观被抄了")
    expect(page.locator(".card.answer")).to_be_visible()
    expect(page.locator(f"{REGION} p")).to_have_count(0, timeout=1500)
    assert "小援说：展会上发现外观设计被仿冒。可以马上向展会的知识产权工作站投诉。" in spoken(page)
    assert "外观被抄了" not in spoken(page)


def test_what_is_spoken_is_not_what_is_shown(shown: Shown) -> None:
    page = shown.page
    shown.open()
    page.evaluate(LISTEN, REGION)
    shown.say("读出来")
    expect(page.locator(".reply .bubble strong")).to_have_text("看")
    expect(page.locator(f"{REGION} p")).to_have_count(0, timeout=2000)
    assert "听这里" in spoken(page)
    assert "看" not in spoken(page)


def test_what_is_restored_is_not_spoken(watched: Watched) -> None:
    page = watched.page
    watched.say("外观被抄了")
    expect(page.locator(".card.answer")).to_be_visible()
    page.add_init_script(f"({LISTEN})({REGION!r})")
    page.reload()
    expect(page.locator(".card.answer")).to_be_visible()
    page.wait_for_timeout(300)
    assert spoken(page) == ""
    watched.say("你好")
    expect(page.locator(".items").get_by_text("您说的是：你好")).to_be_visible()
    assert "您说的是：你好" in spoken(page)


@pytest.mark.parametrize("arrange", [lambda page: page.locator("#say").focus(), lambda page: page.locator(".item.said").first.focus(), lambda page: page.locator("summary").focus()])
def test_the_focus_stays_where_it_is_when_an_answer_arrives(shown: Shown, arrange: Callable[[Page], None]) -> None:
    page = shown.page
    shown.open()
    shown.say("外观被抄了")
    expect(page.locator(".card.answer")).to_be_visible()
    shown.site.bot.seconds = 0.4
    shown.say("展位")
    arrange(page)
    page.evaluate("document.querySelector('aid-assistant').shadowRoot.activeElement.dataset.here = 'yes'")
    expect(page.locator(".card.question")).to_be_visible()
    assert page.evaluate("document.querySelector('aid-assistant').shadowRoot.activeElement.dataset.here") == "yes"


def test_a_lost_line_and_its_return_are_spoken(shown: Shown) -> None:
    page = shown.page
    shown.open()
    shown.say("甲")
    expect(page.locator(".items").get_by_text("您说的是：甲")).to_be_visible()
    page.evaluate(LISTEN, REGION)
    shown.site.stop()
    expect(page.locator(".lost")).to_be_visible()
    shown.site.start()
    expect(page.locator(".lost")).to_be_hidden(timeout=20_000)
    assert "网络断开了" in spoken(page)
    assert "网络已恢复" in spoken(page)

"""How the widget fits screens, letters, colours and wishes."""

from __future__ import annotations

import pytest
from host_site import NAME, Shown
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (1200, 800), (640, 300)])
@pytest.mark.parametrize("large", [False, True])
def test_nothing_is_cut_away_on_narrow_low_and_wide_screens(shown: Shown, width: int, height: int, large: bool) -> None:
    """320 by 256 is a screen of 1280 by 1024 at 400 %."""
    page = shown.page
    page.set_viewport_size({"width": width, "height": height})
    shown.open()
    if large:
        page.get_by_role("button", name="大字").click()
    for word in ("外观", "哪天", "念一遍", "没错", "进度"):
        shown.say(word)
        expect(page.locator(".typing")).to_be_hidden()
    over = page.evaluate(
        """() => {
            const shell = document.querySelector('aid-assistant').shadowRoot.querySelector('.shell');
            const box = shell.getBoundingClientRect();
            const wide = [shell, ...shell.querySelectorAll('.transcript, .composer, .head')].filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.className);
            const out = [...shell.querySelectorAll('button, input:not([hidden]), textarea, td, dd')].filter((n) => {
                const b = n.getBoundingClientRect();
                return b.width && (b.right > box.right + 1 || b.left < box.left - 1);
            }).map((n) => n.className + n.textContent);
            return [...wide, ...out];
        }"""
    )
    assert over == []
    assert page.evaluate("(() => { const p = document.querySelector('aid-assistant').shadowRoot.querySelector('.panel'); return p.scrollHeight - p.clientHeight; })()") == 0
    for reach in (page.locator("#say"), page.get_by_role("button", name="菜单"), page.locator(".item").first):
        reach.scroll_into_view_if_needed()
        expect(reach).to_be_in_viewport(ratio=0.3)


def test_large_letters_size_and_colours_are_chosen_and_kept(shown: Shown) -> None:
    page = shown.page
    shown.open()

    def size() -> float:
        found: float = page.locator(".shell").evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)")
        return found

    usual = size()
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("button", name="特大").click()
    assert size() == pytest.approx(usual * 1.35)
    page.get_by_role("button", name="标准").click()
    page.get_by_role("button", name="大字").click()
    assert size() == pytest.approx(23)
    assert page.locator(".send").evaluate("(node) => node.getBoundingClientRect().height") >= 56
    page.get_by_role("button", name="深色", exact=True).click()
    expect(page.locator("aid-assistant")).to_have_attribute("data-theme", "dark")
    dark = page.locator(".shell").evaluate("(node) => getComputedStyle(node).backgroundColor")
    page.reload()
    expect(page.locator(".shell")).to_be_visible()
    assert size() == pytest.approx(23)
    assert page.locator(".shell").evaluate("(node) => getComputedStyle(node).backgroundColor") == dark == "rgb(19, 28, 38)"


def test_the_panel_keeps_above_the_keyboard_of_a_phone(shown: Shown) -> None:
    page = shown.page
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 360, "height": 740})
    shown.open()
    page.evaluate(
        """() => {
            const seen = window.visualViewport;
            Object.defineProperty(seen, 'height', {value: 420, configurable: true});
            seen.dispatchEvent(new Event('resize'));
        }"""
    )
    box = page.locator(".panel").bounding_box()
    assert box is not None
    assert (box["y"], box["height"]) == (0, 420)
    expect(page.get_by_role("button", name="发送")).to_be_in_viewport()


def test_forced_colours_and_no_motion_are_honoured(shown: Shown) -> None:
    page = shown.page
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    shown.open()
    shown.say("核对一下")
    page.get_by_role("button", name="要改").click()
    taken = page.locator(".choice.taken")
    assert taken.evaluate("(node) => getComputedStyle(node).borderTopWidth") == "3px"
    assert page.locator(".said .bubble").first.evaluate("(node) => getComputedStyle(node).borderTopStyle") == "solid"
    assert page.locator(".panel").evaluate("(node) => getComputedStyle(node).animationName") == "none"
    expect(page.get_by_role("button", name=NAME)).to_be_hidden()

"""Keys alone do everything, and nobody is moved about by what arrives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from host_site import Shown
from playwright.sync_api import Page, expect

from tests.evidence.made import picture

pytestmark = pytest.mark.browser
FOCUSED = """() => {
    let node = document.activeElement;
    while (node && node.shadowRoot && node.shadowRoot.activeElement) node = node.shadowRoot.activeElement;
    if (!node) return '';
    return `${node.className} ${node.id} ${node.getAttribute('aria-label') || node.textContent}`;
}"""


def tab_to(page: Page, wanted: str, back: bool = False, most: int = 60) -> None:
    """Tab until the focus is on what is wanted (words of its class, id, label or text)."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        here = page.evaluate(FOCUSED)
        if re.search(wanted, here):
            return
        passed.append(here[:40])
    raise AssertionError(f"{wanted!r} is not reached by Tab; passed {passed}")


def write(page: Page, text: str) -> None:
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_consultation_by_keys_alone(shown: Shown) -> None:
    page = shown.page
    tab_to(page, "launcher")
    page.keyboard.press("Enter")
    write(page, "外观被抄了")
    expect(page.locator(".card.answer")).to_be_visible()
    expect(page.locator("#say")).to_be_focused()
    tab_to(page, "^transcript", back=True)
    page.keyboard.press("End")
    assert "item reply" in page.evaluate(FOCUSED)
    page.keyboard.press("Home")
    assert "item said" in page.evaluate(FOCUSED)
    page.keyboard.press("ArrowUp")
    assert "item said" in page.evaluate(FOCUSED)
    page.keyboard.press("ArrowDown")
    assert "item reply" in page.evaluate(FOCUSED)
    tab_to(page, "看要点", most=2)
    page.keyboard.press("Enter")
    expect(page.locator(".card.answer ol > li").first).to_be_visible()
    tab_to(page, "^rate .*没解决", most=4)
    page.keyboard.press("Enter")
    tab_to(page, "不够细", most=4)
    page.keyboard.press("Enter")
    expect(page.locator(".rating")).to_contain_text("谢谢您告诉我们")
    page.keyboard.press("Escape")
    expect(page.locator("#say")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".launcher")).to_be_focused()


def test_a_complaint_with_a_correction_and_a_photo_by_keys_alone(shown: Shown, tmp_path: Path) -> None:
    page = shown.page
    photo = tmp_path / "展位.jpg"
    photo.write_bytes(picture(size=(60, 40)))
    # Not by expect_file_chooser: the browser may not have been told of it when the key is pressed.
    page.on("filechooser", lambda chooser: chooser.set_files(photo))
    tab_to(page, "launcher")
    page.keyboard.press("Enter")
    write(page, "展位")
    expect(page.locator(".card.question")).to_be_visible()
    tab_to(page, "^choice .*跳过", back=True)
    page.keyboard.press("Enter")
    expect(page.locator(".item.said")).to_have_count(2)
    assert "choice taken" in page.evaluate(FOCUSED)
    page.keyboard.press("Escape")
    tab_to(page, "attach .*加照片或文件", back=True)
    page.keyboard.press("Enter")
    expect(page.locator(".uploads li, .said .thumbnail")).to_have_count(1)
    expect(page.locator(".said .thumbnail")).to_be_visible()
    tab_to(page, "say", most=2)
    write(page, "念一遍")
    expect(page.locator(".card.summary")).to_be_visible()
    tab_to(page, "^change .*改联系电话", back=True)
    page.keyboard.press("Enter")
    expect(page.locator(".item.said").last).to_contain_text("联系电话要改")
    expect(page.locator("#say")).to_have_attribute("inputmode", "tel")
    page.keyboard.press("Escape")
    write(page, "没错")
    expect(page.locator(".card.receipt")).to_be_visible()
    tab_to(page, "^copy", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("button.copy")).to_have_text("已复制")


def test_menu_lookup_and_new_conversation_by_keys_alone(shown: Shown) -> None:
    page = shown.page
    tab_to(page, "launcher")
    page.keyboard.press("Enter")
    write(page, "展位")
    expect(page.locator(".card.question")).to_be_visible()
    tab_to(page, "open-menu", back=True)
    page.keyboard.press("Enter")
    tab_to(page, "^look ", most=3)
    page.keyboard.press("Enter")
    expect(page.locator("#lookup-number")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.lookup")).to_be_hidden()
    expect(page.locator(".panel")).to_be_visible()
    tab_to(page, "^restart", back=True)
    page.keyboard.press("Enter")
    expect(page.locator("dialog.ask-restart")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED).startswith("restart")
    page.keyboard.press("Enter")
    tab_to(page, "^yes", most=2) if "yes" not in page.evaluate(FOCUSED) else None
    page.keyboard.press("Enter")
    expect(page.locator(".item")).to_have_count(0)
    expect(page.locator("#say")).to_be_focused()


def test_where_the_panel_fills_the_screen_tab_stays_in_it(shown: Shown) -> None:
    page = shown.page
    page.set_viewport_size({"width": 360, "height": 640})
    shown.open()
    expect(page.locator(".transcript")).to_be_focused()
    page.locator("#say").focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") in ("AID-ASSISTANT", "BODY")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()


def test_shift_enter_is_a_new_line_and_enter_in_a_composition_is_not_send(shown: Shown) -> None:
    page = shown.page
    shown.open()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    expect(page.locator("#say")).to_have_value("第一行\n第二行")
    page.locator("#say").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    page.locator("#say").dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    expect(page.locator(".item")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".item.said .bubble")).to_have_text("第一行\n第二行")


def test_a_focus_that_goes_with_a_finished_upload_goes_to_the_input(shown: Shown) -> None:
    page = shown.page
    shown.open()
    page.locator(".chooser").set_input_files({"name": "网页.html", "mimeType": "text/html", "buffer": b"<html><p>x"})
    expect(page.locator(".uploads li.failed")).to_be_visible()
    page.get_by_role("button", name="知道了").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".uploads li")).to_have_count(0)
    expect(page.locator("#say")).to_be_focused()

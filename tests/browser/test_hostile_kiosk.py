"""The kiosk where everything that it is given to show is hostile, and on its whole way under its own strict policy."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_site import CardBot
from hostile_faces import HOSTILE, Face, filled, opened
from playwright.sync_api import Browser, expect

from channels.kiosk_desk import KioskShown

pytestmark = pytest.mark.browser


@pytest.fixture
def attract(browser: Browser, tmp_path: Path, built_page: Path) -> Iterator[Face]:
    """The kiosk that is given hostile words for all that it shows, the line's own answers included; no worker stands between."""
    told = filled(KioskShown, itertools.cycle(HOSTILE.values())).model_copy(update={"address": ""}).model_dump_json()
    for shown in opened("kiosk", browser, tmp_path, built_page, service_workers="block"):
        shown.page.route("**/v1/kiosk?*", lambda route: route.fulfill(content_type="application/json", body=told))
        shown.page.goto(shown.home)
        expect(shown.page.get_by_role("heading", level=1)).not_to_have_text("")
        yield shown


def test_screens_that_are_hostile_in_every_word_are_shown_as_words(attract: Face) -> None:
    page = attract.page
    expect(page.locator(".teasers li")).to_have_count(2)
    attract.unharmed()
    page.locator(".start").click()
    expect(page.locator(".way")).to_have_count(2)
    expect(page.locator(".tile")).to_have_count(2)
    attract.unharmed()
    page.locator(".tile").first.click()
    expect(page.locator(".topic-screen .ask-this")).to_have_count(2)
    attract.unharmed()


def test_what_the_kiosk_keeps_for_when_the_line_is_down_is_shown_as_words_too(attract: Face) -> None:
    page = attract.page
    page.locator(".start").click()
    attract.site.stop()
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(page.locator(".offline strong")).to_be_visible()
    page.locator(".questions button").first.click()
    expect(page.locator(".answer-screen .card")).to_be_visible()
    for details in page.locator(".answer-screen details").all():
        details.evaluate("(node) => node.setAttribute('open', '')")
    # The browser tells of every call that fails; the line is cut here.
    attract.complaints.clear()
    attract.unharmed()
    page.locator(".back").click()
    page.locator(".way").last.click()
    expect(page.locator(".cannot")).to_be_visible()
    attract.complaints.clear()
    attract.unharmed()


@pytest.mark.parametrize("face", ["kiosk"], indirect=True)
def test_the_kiosks_own_policy_sees_no_violation_from_the_answer_to_the_wipe(face: Face) -> None:
    page = face.page
    face.site.bot = CardBot()
    face.site.stop()
    face.site.start()
    face.reload()
    face.complaints.clear()  # the stream was cut: the browser says so
    for words in ("外观被抄了", "展位", "核对", "进度", "不清楚"):
        face.say(words)
    page.locator("#say").click()
    expect(page.locator(".screen-keyboard")).to_be_visible()
    page.get_by_role("button", name="大字").click()
    face.say("编号")
    expect(page.locator(".receipt-front .qr")).to_be_visible()
    face.unharmed()
    page.locator(".receipt-front .go").click()
    page.get_by_role("button", name="发到手机").click()
    expect(page.locator(".handover .qr")).to_be_visible()
    face.unharmed()
    page.locator(".handover .stay").click()
    for _ in range(5):
        page.mouse.click(40, 40)
    expect(page.locator("dialog.exit")).to_be_visible()
    face.unharmed()
    page.locator("dialog.exit .cancel").click()
    page.locator(".bar .end").click()
    expect(page.locator(".attract")).to_be_visible()
    face.unharmed()

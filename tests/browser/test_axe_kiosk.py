"""axe finds nothing in any state of the kiosk: light, dark and 大字."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from test_axe import AXE, LOOK, LOOKS, faults_of

pytestmark = [pytest.mark.browser, pytest.mark.looks]
Steps = Callable[[Any], None]
TALL = {"width": 1080, "height": 3600}
"""Nothing is scrolled away: of words that are half out of sight axe cannot tell the contrast."""


def at_home(unit: Any) -> None:
    unit.begin()


def in_a_topic(unit: Any) -> None:
    unit.begin()
    unit.page.locator(".tile").first.tap()


def at_a_question(unit: Any) -> None:
    unit.begin()
    unit.page.locator(".way.complain").tap()
    expect(unit.last()).to_contain_text("对方在哪个展位？")
    unit.page.locator("#say").tap()


def at_a_day(unit: Any) -> None:
    at_a_question(unit)
    unit.say("B12")
    expect(unit.page.locator(".day-choice").first).to_be_visible()


def at_a_telephone(unit: Any) -> None:
    at_a_day(unit)
    unit.say("明天")
    expect(unit.last()).to_contain_text("怎么称呼您？")
    unit.say("王小明")
    expect(unit.last()).to_contain_text("您的电话是多少？")
    unit.page.locator("#say").tap()


def at_the_read_back(unit: Any) -> None:
    unit.begin()
    unit.complain()


def at_the_receipt(unit: Any) -> None:
    at_the_read_back(unit)
    unit.tap("没错，提交")
    expect(unit.page.locator(".receipt-front")).to_be_visible()


def at_the_hand_over(unit: Any) -> None:
    at_the_read_back(unit)
    unit.tap("发到手机")
    expect(unit.page.locator("dialog[open] .qr")).to_be_visible()


def at_an_answer(unit: Any) -> None:
    unit.begin()
    unit.page.locator(".way.consult").tap()
    unit.say("外观")
    unit.page.locator(".card.answer summary").tap()


def offline(unit: Any) -> None:
    unit.begin()
    unit.site.stop()
    unit.page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(unit.page.locator(".offline")).not_to_be_empty()


def offline_answer(unit: Any) -> None:
    offline(unit)
    unit.page.locator(".questions button").first.tap()
    expect(unit.page.locator(".answer-screen .card")).to_be_visible()


def cannot(unit: Any) -> None:
    offline(unit)
    unit.page.locator(".way.complain").tap()
    expect(unit.page.locator(".cannot")).to_be_visible()


def pad(unit: Any) -> None:
    unit.begin()
    for _ in range(5):
        unit.page.touchscreen.tap(40, 40)
    expect(unit.page.locator(".exit")).to_be_visible()


STATES: dict[str, Steps] = {
    "attract": lambda unit: None,
    "home": at_home,
    "topic": in_a_topic,
    "question": at_a_question,
    "day": at_a_day,
    "telephone": at_a_telephone,
    "read-back": at_the_read_back,
    "receipt": at_the_receipt,
    "hand-over": at_the_hand_over,
    "answer": at_an_answer,
    "offline": offline,
    "answer while offline": offline_answer,
    "what cannot be done offline": cannot,
    "pad of the staff": pad,
}


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_at_the_kiosk(name: str, unit: Any) -> None:
    STATES[name](unit)
    unit.page.set_viewport_size(TALL)
    unit.page.evaluate(AXE.read_text("utf-8"))
    for look, (colours, large) in LOOKS.items():
        unit.page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        unit.page.evaluate(LOOK, [":root", large])
        found = faults_of(unit.page)
        assert found == {"violations": [], "unsure": []}, f"{name}, {look}: {json.dumps(found, ensure_ascii=False, indent=1)}"

"""The kiosk's pictures for the README, with the made-up bot; written by ``AID_SCREENSHOTS=1``."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from test_screenshots import Camera, camera

__all__ = ["camera"]
pytestmark = [pytest.mark.browser, pytest.mark.looks]


def test_the_kiosk_from_the_first_touch_to_the_receipt(unit: Any, camera: Camera) -> None:
    camera.take(unit.page, "kiosk-attract", width=540)
    unit.begin()
    camera.take(unit.page, "kiosk-tiles", width=540)
    unit.page.locator(".way.complain").tap()
    expect(unit.last()).to_contain_text("对方在哪个展位？")
    unit.page.locator("#say").tap()
    camera.take(unit.page, "kiosk-form", width=540)
    unit.tap("首页")
    unit.tap("结束")
    unit.begin()
    unit.complain()
    unit.tap("没错，提交")
    expect(unit.page.locator(".receipt-front")).to_be_visible()
    camera.take(unit.page, "kiosk-receipt", width=540)

"""The kiosk with a cut line, and what staff see and do."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_site import ROOT, Site
from kiosk_unit import EXPO, PIN, PORTRAIT, FormBot, Unit, unit_at, until
from playwright.sync_api import Browser, expect

from aid.kiosk.keys import StationKeys
from aid.kiosk.stations import Stations
from aid.kiosk.tables import load_kiosk
from aid.settings import Settings
from aid.store import open_store

pytestmark = pytest.mark.browser


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

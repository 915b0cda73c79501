"""The widget on a page of another site, whose policy allows nothing but itself and the assistant."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from host_site import NAME, Shown
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_one_script_tag_brings_a_talk_and_breaks_no_rule_of_the_page(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    card = shown.page.locator(".card.answer")
    expect(card).to_contain_text("可以马上向展会的知识产权工作站投诉。")
    shown.say("核对一下")
    expect(shown.page.locator(".card.summary")).to_be_visible()
    assert shown.complaints == []


def test_the_talk_is_there_again_after_a_reload_and_the_panel_stays_open(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    expect(shown.page.locator(".card.answer")).to_be_visible()
    shown.page.reload()
    expect(shown.page.locator(".card.answer")).to_be_visible()
    assert shown.complaints == []


def test_escape_puts_the_panel_away_and_gives_the_focus_back(shown: Shown) -> None:
    shown.open()
    expect(shown.page.locator("#say")).to_be_focused()
    shown.page.locator("#say").press("Escape")
    expect(shown.page.get_by_role("button", name=NAME)).to_be_focused()
    expect(shown.page.locator(".panel")).not_to_be_visible()


def test_an_answer_that_comes_while_it_is_put_away_is_counted(shown: Shown) -> None:
    shown.open()
    shown.site.bot.free = False
    shown.say("外观被抄了")
    shown.page.get_by_role("button", name="收起").click()
    shown.site.bot.free = True
    expect(shown.page.get_by_role("button", name=re.compile("问小援 ?1 ?条新回复"))).to_be_visible()


def test_an_answer_is_rated_and_the_reason_is_asked_where_it_did_not_help(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    rating = shown.page.locator(".rating")
    rating.get_by_role("button", name="没解决").click()
    rating.get_by_role("button", name="看不明白").click()
    expect(rating).to_contain_text("谢谢您告诉我们")
    shown.page.reload()
    expect(rating.get_by_role("button", name="看不明白")).to_have_attribute("aria-pressed", "true")
    expect(rating.get_by_role("button", name="解决了", exact=True)).to_have_attribute("aria-pressed", "false")
    assert shown.complaints == []


def test_a_line_of_the_read_back_is_changed_by_its_button(shown: Shown) -> None:
    shown.open()
    shown.say("核对一下")
    shown.page.get_by_role("button", name="改联系电话").click()
    expect(shown.page.locator(".item.said").last).to_contain_text("联系电话要改")


def test_the_interface_speaks_english_where_wanted_and_the_content_stays(shown: Shown) -> None:
    shown.open()
    shown.page.locator("#say").fill("写了一半")
    shown.page.get_by_role("button", name="菜单").click()
    shown.page.get_by_role("button", name="English").click()
    expect(shown.page.locator("#say")).to_have_value("写了一半")
    expect(shown.page.get_by_role("heading", name="Xiaoyuan · IP rights assistant", level=2)).to_be_visible()
    shown.say("外观被抄了")
    expect(shown.page.locator(".card.answer")).to_contain_text("可以马上向展会的知识产权工作站投诉。")


def test_a_site_that_is_not_on_the_list_gets_no_talk(shown: Shown) -> None:
    shown.host.attributes = "data-site=expo"
    shown.page.reload()
    shown.open()
    shown.say("你好")
    expect(shown.page.locator(".item.said .state")).to_contain_text("这个网站没有登记")


def test_the_script_is_small(built_page: Path) -> None:
    assert len(gzip.compress((built_page / "widget.js").read_bytes())) < 40 * 1024


def test_a_question_for_a_day_or_a_telephone_brings_what_fits_it(shown: Shown) -> None:
    page = shown.page
    shown.open()
    shown.say("您的电话")
    expect(page.locator("#say")).to_have_attribute("inputmode", "tel")
    expect(page.locator("#say")).to_have_attribute("autocomplete", "tel")
    expect(page.locator(".card.question").last).to_contain_text("第 7 项，共 8 项")
    shown.say("邮箱")
    expect(page.locator("#say")).to_have_attribute("inputmode", "email")
    shown.say("哪天")
    day = page.get_by_label("也可以在这里选日子")
    expect(day).to_have_attribute("min", "2026-11-22")
    expect(day).to_have_attribute("max", "2027-11-23")
    day.fill("2026-12-03")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".item.said").last).to_contain_text("2026-12-03")
    expect(day).to_be_hidden()


def test_a_tap_anywhere_on_a_line_of_the_read_back_changes_it(shown: Shown) -> None:
    shown.open()
    shown.say("念一遍")
    shown.page.locator(".card.summary").get_by_text("139****7001").click()
    expect(shown.page.locator(".item.said").last).to_contain_text("联系电话要改")
    expect(shown.page.locator(".card.question").last).to_contain_text("您的电话是多少？")


def test_the_receipt_is_saved_as_a_picture(shown: Shown) -> None:
    shown.open()
    shown.say("没错")
    receipt = shown.page.locator(".card.receipt")
    expect(receipt).to_contain_text("照片 展位.jpg")
    with shown.page.expect_download() as saved:
        receipt.get_by_role("button", name="存成图片").click()
    assert saved.value.suggested_filename == "CC-2026-000123.png"
    assert Path(saved.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    expect(receipt.locator("button.save")).to_have_text("已存成图片")
    assert shown.complaints == []

"""Photos and files in the widget: sent, seen, stopped, cut off, refused."""

from __future__ import annotations

import re

import pytest
from host_site import Shown
from playwright.sync_api import Route, expect
from widget_parts import BRING, items, send_file

from tests.evidence.made import picture

pytestmark = pytest.mark.browser


def test_a_photo_is_shown_in_the_talk_also_after_a_reload_and_under_a_strict_policy(shown: Shown) -> None:
    page = shown.page
    shown.open()
    send_file(page, "展位.jpg")
    picture_sent = page.locator(".said .thumbnail")
    expect(picture_sent).to_have_attribute("aria-label", "您发的图片：展位.jpg")
    expect(items(page, "收到了：照片")).to_be_visible()
    expect(page.locator(".uploads li")).to_have_count(0)
    page.reload()
    expect(picture_sent).to_be_visible()
    assert picture_sent.evaluate("(node) => [...node.getContext('2d').getImageData(0, 0, 1, 1).data][3]") == 255
    assert shown.complaints == []


def test_a_file_without_a_picture_stands_by_its_name(shown: Shown) -> None:
    page = shown.page
    page.route("**/preview", lambda route: route.fulfill(status=404, headers={"Access-Control-Allow-Origin": "*"}, body="{}"))
    shown.open()
    send_file(page, "展位.jpg")
    expect(page.locator(".said .bubble.file")).to_have_text("展位.jpg")
    expect(page.locator(".said .thumbnail")).to_have_count(0)


def test_progress_is_shown_and_an_upload_can_be_stopped(shown: Shown) -> None:
    page = shown.page
    page.route("**/files", lambda route: None)
    shown.open()
    send_file(page, "展位.jpg")
    row = page.locator(".uploads li")
    expect(row).to_contain_text("展位.jpg")
    expect(row.locator("progress")).to_be_visible()
    expect(row.locator(".thumbnail")).to_be_visible()
    row.get_by_role("button", name="取消上传").click()
    expect(row).to_have_count(0)
    expect(page.locator("#say")).to_be_focused()
    page.unroute_all(behavior="ignoreErrors")
    send_file(page, "再来.jpg")
    expect(page.locator(".said .bubble.file")).to_contain_text("再来.jpg")
    expect(page.locator(".said")).to_have_count(1)


def test_a_file_taken_back_while_the_conversation_is_being_opened_never_goes_out(shown: Shown) -> None:
    page, held, files = shown.page, list[Route](), list[str]()
    page.route("**/v1/conversations", lambda route: held.append(route))
    page.on("request", lambda request: files.append(request.url) if request.url.endswith("/files") else None)
    shown.open()
    send_file(page, "展位.jpg")
    page.locator(".uploads li").get_by_role("button", name="取消上传").click()
    with page.expect_response("**/v1/conversations"):
        held[0].continue_()
    shown.say("甲")
    expect(items(page, "您说的是：甲")).to_be_visible()
    expect(page.locator(".said")).to_have_count(1)
    assert files == []


def test_an_upload_that_the_line_cut_off_goes_out_once_with_a_press_or_by_itself(shown: Shown) -> None:
    page = shown.page
    shown.open()
    shown.say("甲")
    expect(items(page, "您说的是：甲")).to_be_visible()
    ids: list[str] = []

    def cut(route: Route) -> None:
        ids.append(re.findall(r'name="client_id"\s+(\S+)', (route.request.post_data_buffer or b"").decode("latin-1"))[0])
        route.abort() if len(ids) == 1 else route.fallback()

    page.route("**/files", cut)
    send_file(page, "展位.jpg")
    page.locator(".uploads").get_by_role("button", name="重试").click()
    expect(page.locator(".said .thumbnail")).to_have_count(1)
    assert len(ids) == 2
    assert ids[0] == ids[1]
    page.unroute_all(behavior="ignoreErrors")
    shown.site.stop()
    expect(page.locator(".lost")).to_be_visible()
    send_file(page, "另一张.jpg", picture(size=(50, 50), colour="#123456"))
    expect(page.locator(".uploads li.failed")).to_contain_text("没有传完")
    shown.site.start()
    expect(page.locator(".said .thumbnail")).to_have_count(2, timeout=20_000)
    expect(page.locator(".uploads li")).to_have_count(0)


def test_a_file_that_is_not_taken_is_told_with_the_servers_sentence_and_put_away(shown: Shown) -> None:
    page = shown.page
    shown.open()
    send_file(page, "网页.html", b"<html><script>alert(1)</script>", "text/html")
    row = page.locator(".uploads li")
    expect(row).to_contain_text("这种文件我收不了")
    row.get_by_role("button", name="知道了").click()
    expect(row).to_have_count(0)
    page.locator(".shell").evaluate(BRING, ["drop", 20_000_001])
    expect(row).to_contain_text("文件太大了，最多 20 MB")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(shown: Shown, way: str) -> None:
    shown.open()
    shown.page.locator(".shell").evaluate(BRING, [way, list(picture(size=(20, 20)))])
    expect(shown.page.locator(".said .bubble.file")).to_contain_text(f"{way}.jpg")
    expect(shown.page.locator(".veil")).to_be_hidden()

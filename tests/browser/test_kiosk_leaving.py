"""Nobody leaves anything at the kiosk: hand-over to a phone, the end, the idle time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kiosk_unit import FILED, NAME, Unit
from PIL import Image
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser


def test_the_phone_goes_on_with_the_same_case_and_its_photo_and_the_kiosk_is_wiped(unit: Unit, phone: Page, tmp_path: Path) -> None:
    unit.begin()
    unit.complain()
    conversation, asked = unit.bot.calls[-1][0], len(unit.bot.calls)
    unit.tap("发到手机")
    address = unit.code()
    assert re.fullmatch(re.escape(unit.site.address) + r"#handover=[A-Za-z0-9_-]{32}", address)
    expect(unit.page.locator(".handover .left")).to_have_text(re.compile(r"还剩 [45] 分 \d\d 秒"))
    requests: list[str] = []
    phone.on("request", lambda request: requests.append(request.url))
    phone.goto(address)
    expect(phone.locator(".card.summary")).to_contain_text("139****7001")
    expect(phone.locator(".items")).to_contain_text("已经从展台接过来了")
    assert phone.url == unit.site.address
    assert all(address.split("=")[1] not in url for url in requests)
    expect(unit.page.locator(".attract .note")).to_have_text("已经转到您的手机。这台机器上的内容已经清除。")
    unit.expect_wiped()

    picture = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), "red").save(picture)
    phone.locator("input[type=file]").set_input_files(picture)
    expect(phone.locator(".item.said").last).to_contain_text("photo.png")
    phone.get_by_role("button", name="没错，提交").tap()
    expect(phone.locator(".card.receipt")).to_contain_text(FILED.number)
    assert {sender for sender, _text in unit.bot.calls[asked:]} == {conversation}
    assert unit.complaints == [] or all("401" in one for one in unit.complaints), unit.complaints

    phone.goto("about:blank")
    phone.goto(address)
    expect(phone.locator(".items")).to_contain_text("这个二维码已经失效")


def test_a_code_that_nobody_uses_is_over_after_five_minutes_and_a_new_one_can_be_had(clocked: Unit) -> None:
    clocked.begin()
    clocked.tap("发到手机")
    first = clocked.code()
    for _ in range(6):  # somebody stands there and touches
        clocked.page.clock.fast_forward(46_000)
        clocked.page.locator(".handover h2").tap()
    expect(clocked.page.locator(".handover .left")).to_have_text(re.compile(r"还剩 0 分 [012]\d 秒"))
    clocked.page.clock.fast_forward(25_000)
    expect(clocked.page.locator(".handover .gone")).to_have_text("这个二维码已经过期，不能再用了。还要用手机接着办，请换一个新的。")
    expect(clocked.page.locator(".handover .qr")).to_have_count(0)
    clocked.tap("换一个新的二维码")
    assert clocked.code() != first


def test_who_goes_away_leaves_nothing_after_a_minute_and_a_counted_quarter(clocked: Unit) -> None:
    page = clocked.page
    clocked.begin()
    with page.expect_request(lambda request: request.url.endswith("/messages") and request.method == "POST") as asked:
        clocked.complain()
    token = asked.value.all_headers()["authorization"]
    conversation = asked.value.url.rsplit("/", 2)[1]
    page.clock.fast_forward(45_000)
    expect(page.locator(".idle")).to_have_count(0)
    page.clock.fast_forward(16_000)
    expect(page.locator(".idle .left")).to_have_text(re.compile(r"^1?\d 秒后清除"))
    clocked.tap("我还在，接着用")
    expect(page.locator(".idle")).to_have_count(0)
    expect(page.locator(".card.summary")).to_be_visible()
    page.clock.fast_forward(62_000)
    expect(page.locator(".idle")).to_be_visible()
    with page.expect_response(lambda response: response.url.endswith("/end")) as ended:
        page.clock.fast_forward(15_000)
    assert ended.value.status == 204
    clocked.expect_wiped()
    refused = page.request.get(f"{clocked.site.address}v1/conversations/{conversation}/messages", headers={"Authorization": token})
    assert (refused.status, refused.json()["error"]) == (401, "conversation_closed")
    page.clock.fast_forward(200_000)
    expect(page.locator(".idle")).to_have_count(0)
    page.go_back()
    assert NAME not in page.content()


def test_a_phone_that_loses_the_answer_to_its_take_over_asks_again_and_another_gets_nothing(unit: Unit, phone: Page) -> None:
    unit.begin()
    unit.complain()
    unit.tap("发到手机")
    address, asked = unit.code(), []

    def lose_the_first(route: Route) -> None:
        asked.append(route.request.post_data_json)
        if len(asked) == 1:
            assert route.fetch().status == 201
            route.abort()
        else:
            route.continue_()

    phone.route("**/v1/handover", lose_the_first)
    phone.goto(address)
    expect(phone.locator(".items")).to_contain_text("已经从展台接过来了")
    expect(phone.locator(".card.summary")).to_contain_text("139****7001")
    assert len(asked) == 2
    assert asked[0] == asked[1]
    unit.expect_wiped()
    for device in ({}, {"device": "a" * 36}):
        refused = phone.request.post(f"{unit.site.address}v1/handover", data={"code": asked[0]["code"], **device})
        assert (refused.status, refused.json()["error"]) == (404, "handover_gone")


def test_the_end_button_is_always_in_sight_and_wipes_at_once(unit: Unit) -> None:
    unit.begin()
    for act in (lambda: None, lambda: unit.page.locator(".tile").first.tap(), lambda: unit.tap("首页"), unit.complain):
        act()
        box = unit.page.locator(".bar .end").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 600
    unit.page.locator("#say").fill("草稿")
    unit.tap("结束")
    unit.expect_wiped()
    unit.begin()
    unit.page.locator(".way.consult").tap()
    expect(unit.page.locator("#say")).to_have_value("")
    expect(unit.page.locator(".item")).to_have_count(0)


def test_a_session_that_ends_while_the_line_is_cut_is_ended_at_the_server_when_it_is_back(unit: Unit) -> None:
    unit.begin()
    with unit.page.expect_request(lambda request: request.url.endswith("/messages") and request.method == "POST") as asked:
        unit.complain()
    token, conversation = asked.value.all_headers()["authorization"], asked.value.url.rsplit("/", 2)[1]
    unit.site.stop()
    expect(unit.page.locator(".offline strong")).to_be_visible(timeout=15_000)
    unit.say("这句话不该留下")
    unit.tap("结束")
    unit.expect_wiped()
    unit.site.start()
    expect(unit.page.locator(".offline strong")).to_have_count(0, timeout=20_000)
    unit.page.wait_for_timeout(500)
    refused = unit.page.request.get(f"{unit.site.address}v1/conversations/{conversation}/messages", headers={"Authorization": token})
    assert (refused.status, refused.json()["error"]) == (401, "conversation_closed")
    assert "这句话不该留下" not in [text for _sender, text in unit.bot.calls]

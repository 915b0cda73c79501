"""The keyboard on the screen, alone on a page whose policy allows nothing but the page's own files."""

from __future__ import annotations

import http.server
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from chat_site import ROOT
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.looks]
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'"
TARGET = 60
LETTERS_A_TAP = 40


class Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@dataclass
class Typing:
    """The page, and what it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def keys(self, text: str) -> None:
        """Tap the key of each letter of the layout that shows."""
        for letter in text:
            self.page.locator(f'[data-skbtn="{letter}"]').tap()

    def key(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).tap()

    def candidates(self) -> list[str]:
        return self.page.locator(".screen-keyboard .list button").all_text_contents()

    def pick(self, text: str) -> None:
        """Tap a candidate, paging until it shows."""
        for _ in range(LETTERS_A_TAP):
            found = self.page.locator(".screen-keyboard .list").get_by_role("button", name=text, exact=True)
            if found.count():
                return found.tap()
            self.key("下一页")
        raise AssertionError(f"{text} is not among the candidates")

    @property
    def said(self) -> str:
        return self.page.locator("#say").input_value()

    def told(self) -> list[str]:
        told: list[str] = self.page.evaluate("window.told")
        return told


@pytest.fixture(scope="module")
def keyboard_page() -> Iterator[str]:
    built = subprocess.run(["node", "build.mjs", "--keyboard"], cwd=ROOT / "web", capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stderr
    handler: Any = partial(Handler, directory=str(ROOT / "web" / ".keyboard"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def typing(browser: Browser, keyboard_page: str) -> Iterator[Typing]:
    context = browser.new_context(viewport={"width": 1080, "height": 900}, has_touch=True)
    page = context.new_page()
    seen = Typing(page)
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.set_default_timeout(10_000)
    with page.expect_response("**/keyboard.txt"):
        page.goto(keyboard_page)
    yield seen
    assert seen.complaints == []
    context.close()


def test_a_complaint_with_a_booth_is_typed_by_taps(typing: Typing) -> None:
    typing.keys("woyaotousu")
    typing.pick("我要投诉")
    typing.key("大写")
    typing.keys("A1guan")
    typing.pick("馆")
    typing.key("大写")
    typing.keys("B12")
    assert typing.said == "我要投诉A1馆B12"
    assert typing.told()[-1] == "我要投诉A1馆B12"
    expect(typing.page.locator("#say")).to_be_focused()


def test_a_rare_character_of_a_name_is_typed_by_taps(typing: Typing) -> None:
    typing.keys("yun")
    typing.pick("赟")
    assert typing.said == "赟"


def test_all_candidates_show_at_once_where_the_keys_were(typing: Typing) -> None:
    typing.keys("yi")
    row = len(typing.candidates())
    typing.key("更多")
    assert len(typing.candidates()) > 3 * row
    expect(typing.page.locator('[data-skbtn="q"]')).to_be_hidden()
    typing.pick("熠")
    assert typing.said == "熠"
    expect(typing.page.locator('[data-skbtn="q"]')).to_be_visible()


def test_letters_that_a_candidate_leaves_stay_open(typing: Typing) -> None:
    typing.keys("zhishichanquanfa")
    typing.pick("知识产权")
    assert typing.said == "知识产权"
    assert typing.page.locator(".screen-keyboard .pinyin").inner_text() == "fa"
    typing.pick("法")
    assert typing.said == "知识产权法"


def test_what_often_follows_is_one_tap_away(typing: Typing) -> None:
    typing.keys("keji")
    typing.pick("科技")
    typing.pick("有限公司")
    assert typing.said == "科技有限公司"
    typing.keys("1")
    assert typing.candidates() == []


def test_enter_puts_open_letters_and_then_tells_the_page(typing: Typing) -> None:
    typing.keys("abc")
    typing.key("确定")
    assert typing.said == "abc"
    assert typing.told() == ["abc"]
    typing.key("确定")
    assert typing.told() == ["abc", "enter:say"]


def test_typing_goes_to_the_caret(typing: Typing) -> None:
    typing.page.locator("#say").fill("长博会")
    for _ in range(2):
        typing.key("光标左移")
    typing.keys("chun")
    typing.pick("春")
    assert typing.said == "长春博会"
    typing.key("删除")
    assert typing.said == "长博会"


def test_delete_that_is_held_deletes_on(typing: Typing) -> None:
    typing.page.locator("#say").fill("𬭎" * 20)
    box = typing.page.get_by_role("button", name="删除", exact=True).bounding_box()
    assert box
    typing.page.mouse.move(box["x"] + 20, box["y"] + 20)
    typing.page.mouse.down()
    typing.page.wait_for_timeout(1_200)
    typing.page.mouse.up()
    left = typing.said
    assert 5 < len(left) < 18
    assert set(left) == {"𬭎"}
    typing.page.wait_for_timeout(300)
    assert typing.said == left


def test_figures_stop_at_the_limit_of_the_field(typing: Typing) -> None:
    typing.page.locator("#phone").tap()
    typing.keys("1390000700123")
    assert typing.page.locator("#phone").input_value() == "13900007001"
    expect(typing.page.locator("#phone")).to_have_attribute("inputmode", "none")


def test_a_physical_keyboard_types_pinyin_too(typing: Typing) -> None:
    typing.page.locator("#say").focus()
    typing.page.keyboard.type("zscq")
    typing.page.keyboard.press("Space")
    assert typing.said == "知识产权"
    typing.page.keyboard.type("A1guan2")
    assert typing.said == "知识产权A1" + typing.said[-1]
    typing.page.keyboard.type("xian")
    typing.page.keyboard.press("Escape")
    typing.page.keyboard.type("abc")
    typing.page.keyboard.press("Enter")
    assert typing.said.endswith("abc")
    assert "sent" not in typing.told()
    typing.page.keyboard.press("Enter")
    assert typing.told()[-2:] == ["sent", typing.said]


def test_a_screen_reader_that_clicks_presses_the_key(typing: Typing) -> None:
    typing.page.locator('[data-skbtn="7"]').dispatch_event("click")
    assert typing.said == "7"


def test_every_target_is_large_enough_and_nothing_runs_out_of_the_screen(typing: Typing) -> None:
    typing.page.set_viewport_size({"width": 720, "height": 1280})
    for layout in ("", "大写", "符号键盘", "英文键盘", "123，数字键盘"):
        if layout:
            typing.key(layout)
        if not layout:
            typing.keys("zhongguo")
        for node in typing.page.locator(".screen-keyboard button").all():
            box = node.bounding_box()
            assert box
            assert box["width"] >= TARGET, (layout, node.inner_text(), box)
            assert box["height"] >= TARGET, (layout, node.inner_text(), box)
            assert box["x"] + box["width"] <= 720, (layout, node.inner_text(), box)


def test_keys_and_candidates_take_the_colours_of_the_page(typing: Typing) -> None:
    typing.page.evaluate("for (const [k, v] of [['--card', '#131c26'], ['--ink', '#e9eef4']]) document.documentElement.style.setProperty(k, v)")
    typing.keys("zhan")
    typing.page.mouse.move(5, 5)
    for node in (typing.page.locator('[data-skbtn="q"]'), typing.page.locator(".screen-keyboard .list button").nth(1)):
        expect(node).to_have_css("background-color", "rgb(19, 28, 38)")
        expect(node).to_have_css("color", "rgb(233, 238, 244)")


def test_the_keyboard_keeps_nothing_of_what_was_typed(typing: Typing) -> None:
    typing.keys("zhangyun")
    typing.page.evaluate("window.keyboard.detach()")
    assert typing.candidates() == []
    assert typing.page.evaluate("Object.values(window.keyboard.keys.getAllInputs()).join('')") == ""
    assert typing.page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


def test_without_the_table_letters_and_figures_still_work(browser: Browser, keyboard_page: str) -> None:
    context = browser.new_context(viewport={"width": 1080, "height": 900}, has_touch=True)
    page = context.new_page()
    page.route("**/keyboard.txt", lambda route: route.abort())
    page.goto(keyboard_page)
    typing = Typing(page)
    typing.keys("zhi")
    expect(page.locator(".screen-keyboard .list p")).to_contain_text("词库")
    typing.key("确定")
    assert typing.said == "zhi"
    page.unroute("**/keyboard.txt")
    with page.expect_response("**/keyboard.txt"):
        typing.keys("zhan")
    typing.pick("展")
    assert typing.said == "zhi展"
    context.close()


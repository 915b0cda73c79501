"""The widget on a page of another site, whose policy allows nothing but itself and the assistant."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chat_site import ROOT, CardBot, Site
from playwright.sync_api import Browser, Page, expect

from aid.settings import Settings

pytestmark = pytest.mark.browser
NAME = "问小援"


class Host:
    """A site that shows the widget; its pages allow scripts and connections of the assistant alone, and no inline style."""

    def __init__(self) -> None:
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                policy = f"default-src 'none'; script-src {host.assistant}/; connect-src {host.assistant}/; report-uri /violation"
                body = f"<!doctype html><title>保护中心</title><h1>保护中心</h1><script src='{host.assistant}/widget.js' {host.attributes}></script>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_args: object) -> None:
                """Nothing."""

        self.assistant = ""
        self.attributes = "data-site=center"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@dataclass
class Shown:
    """A page of the site with the widget, and everything that it complained about."""

    page: Page
    host: Host
    site: Site
    complaints: list[str] = field(default_factory=list)

    def open(self) -> None:
        self.page.get_by_role("button", name=NAME).click()

    def say(self, text: str) -> None:
        self.page.locator("#say").fill(text)
        self.page.locator("#say").press("Enter")


@pytest.fixture
def host() -> Iterator[Host]:
    running = Host()
    yield running
    running.close()


@pytest.fixture
def shown(browser: Browser, host: Host, tmp_path: Path, built_page: Path) -> Iterator[Shown]:
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", sites=f"center={host.address}")
    site = Site(settings, CardBot(), built_page)
    site.start()
    host.assistant = site.address.rstrip("/")
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    seen = Shown(page, host, site)
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.set_default_timeout(10_000)
    page.goto(host.address)
    yield seen
    context.close()
    site.close()


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
    shown.say("外观被抄了")
    shown.page.get_by_role("button", name="收起").click()
    expect(shown.page.get_by_role("button", name="问小援，有 1 条新回复")).to_be_visible()


def test_an_answer_is_rated_and_the_reason_is_asked_where_it_did_not_help(shown: Shown) -> None:
    shown.open()
    shown.say("外观被抄了")
    rating = shown.page.locator(".rating")
    rating.get_by_role("button", name="没解决").click()
    rating.get_by_role("button", name="看不明白").click()
    expect(rating).to_contain_text("谢谢您告诉我们")
    assert shown.complaints == []


def test_a_line_of_the_read_back_is_changed_by_its_button(shown: Shown) -> None:
    shown.open()
    shown.say("核对一下")
    shown.page.get_by_role("button", name="改联系电话").click()
    expect(shown.page.locator(".item.said").last).to_contain_text("联系电话要改")


def test_the_interface_speaks_english_where_wanted_and_the_content_stays(shown: Shown) -> None:
    shown.open()
    shown.page.get_by_role("button", name="English").click()
    expect(shown.page.get_by_role("heading", level=1).last).to_have_text("Xiaoyuan · IP rights assistant")
    shown.say("外观被抄了")
    expect(shown.page.locator(".card.answer")).to_contain_text("可以马上向展会的知识产权工作站投诉。")


def test_a_site_that_is_not_on_the_list_gets_no_talk(shown: Shown) -> None:
    shown.host.attributes = "data-site=expo"
    shown.page.reload()
    shown.open()
    shown.say("你好")
    expect(shown.page.locator(".item.said .state")).to_contain_text("这个网站没有登记")


def test_the_script_is_small(built_page: Path) -> None:
    import gzip

    assert len(gzip.compress((built_page / "widget.js").read_bytes())) < 40 * 1024

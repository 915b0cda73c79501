"""A page of another site that shows the widget; its policy allows nothing but itself and the assistant."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from chat_site import ROOT, CardBot, Site
from playwright.sync_api import Browser, Page

from aid.settings import Settings

NAME = "问小援"
BODY = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>保护中心</title></head><body><header><p>长春知识产权保护</p></header><main><h1>保护中心</h1><p>这里是网站自己的内容。</p>
<p><a href="/">首页</a></p></main><script src="{assistant}/widget.js" {attributes}></script></body></html>"""


class Host:
    """A site whose pages allow scripts and connections of the assistant alone, and no inline style."""

    def __init__(self) -> None:
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin = "/".join(host.assistant.split("/")[:3])
                policy = f"default-src 'none'; script-src {origin}; connect-src {origin}; report-uri /violation"
                body = BODY.format(assistant=host.assistant, attributes=host.attributes)
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
def widget_site(host: Host, tmp_path: Path, built_page: Path) -> Iterator[Site]:
    """The door, which knows the other site."""
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", sites=f"center={host.address}")
    site = Site(settings, CardBot(), built_page)
    site.start()
    host.assistant = site.address.rstrip("/")
    yield site
    site.close()


def watch(page: Page, complaints: list[str]) -> None:
    """Collect what the page complains about."""
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(10_000)


@pytest.fixture
def shown(browser: Browser, host: Host, widget_site: Site) -> Iterator[Shown]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    seen = Shown(context.new_page(), host, widget_site)
    watch(seen.page, seen.complaints)
    seen.page.goto(host.address)
    yield seen
    context.close()

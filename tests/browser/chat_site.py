"""A real Chromium before the real page and the real door; only the bot is made up."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from uvicorn import Config

from aid.replies import (
    AnswerCard,
    Basis,
    CandidatesCard,
    Choice,
    QuestionCard,
    ReceiptCard,
    Reply,
    StatusCard,
    SummaryCard,
    SummaryLine,
)
from aid.settings import Settings
from channels.server import Server
from channels.web import create_app
from tests.browser.more_replies import MORE
from tests.servers import Running, free_ports, running_nginx, running_redis

REPLICAS = bool(os.environ.get("AID_TEST_REPLICAS"))
ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "**注意** [坏](javascript:alert(1)) <img src=x onerror=alert(1)> [好](https://example.org/)\n\n- 一\n- 二"


def _answer() -> Reply:
    basis = [Basis(law="专利法", version="2020修正", article="第六十五条", says="可以协商、起诉或请求处理")]
    card = AnswerCard(
        entry="expo.design-copied",
        label="展会上发现外观设计被仿冒",
        short="可以马上向展会的知识产权工作站投诉。",
        points=["先固定证据：拍下展位号和展品。"],
        steps=["到展会知识产权工作站说明情况。", "交上权利证书和身份证明。"],
        basis=basis,
        checked=date(2026, 11, 22),
        probability=0.987,
    )
    return Reply(text="", card=card, choices=[Choice(label="现在就投诉", payload={"start": "expo_complaint"})])


def _question() -> Reply:
    card = QuestionCard(
        case_kind="expo_complaint",
        field="booth",
        ask="对方的展位号是多少？",
        why="工作人员好找到展位",
        skip="不知道可以点“跳过”",
        step=3,
        steps=7,
    )
    return Reply(text="对方的展位号是多少？", card=card, choices=[Choice(label="跳过", payload={"act": "skip"})])


def _summary() -> Reply:
    lines = [SummaryLine(field="phone", label="联系电话", value="138****5678")]
    card = SummaryCard(case_kind="expo_complaint", lines=lines, receiver="展会工作站", reasons=["事情发生在展会上"])
    choices = [Choice(label="没错，提交", payload={"act": "affirm"}), Choice(label="要改", payload={"act": "deny"})]
    return Reply(text="请您核对。", card=card, choices=choices)


def _receipt() -> Reply:
    card = ReceiptCard(
        number="CC2026-000123",
        lookup_code="K7M4Q2",
        receiver="展会工作站",
        reasons=["事情发生在展会上"],
        expected=date(2026, 12, 1),
        expected_is_estimate=True,
        phones=["12345"],
    )
    return Reply(text="", card=card)


def _status() -> Reply:
    card = StatusCard(
        number="CC2026-000123",
        state="accepted",
        state_label="已受理",
        receiver="展会工作站",
        received=date(2026, 11, 22),
        expected=date(2026, 12, 1),
        events=["11月22日 收到"],
    )
    return Reply(text="", card=card)


def _candidates() -> Reply:
    labels = ["外观被仿冒", "商标被冒用"]
    card = CandidatesCard(entries=["a", "b"], labels=labels, probabilities=[0.4, 0.3])
    choices = [Choice(label=label, payload={"say": label}) for label in labels]
    return Reply(text="您是不是想问：", card=card, choices=choices)


REPLIES = {
    "外观": _answer,
    "展位": _question,
    "核对": _summary,
    "编号": _receipt,
    "进度": _status,
    "不清楚": _candidates,
    "坏话": lambda: Reply(text=HOSTILE),
    **MORE,
}


@dataclass
class CardBot:
    """Answers a word by its card, all else by an echo; while it is not ``free``, it thinks."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.05
    free: bool = True

    def prepare(self, text: str) -> None:
        """Nothing to work ahead on."""

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        self.calls.append((sender, text))
        await asyncio.sleep(self.seconds)
        while not self.free:
            await asyncio.sleep(0.05)
        return [next((make() for word, make in REPLIES.items() if word in text), Reply(text=f"您说的是：{text}"))]


@dataclass
class Site:
    """The running door. ``stop`` and ``start`` are what a page meets when the server goes away and comes back.

    With ``AID_TEST_REPLICAS`` set: two doors on one record and one Redis, behind nginx under a sub-path, each request sent to the other one.
    """

    settings: Settings
    bot: CardBot
    page: Path
    page_waits: float = 8.0
    ports: list[int] = field(default_factory=list)
    doors: list[InThread] = field(default_factory=list)
    around: ExitStack = field(default_factory=ExitStack)
    proxy: Running | None = None
    redis: str = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}/assist/" if self.proxy else f"http://127.0.0.1:{self.ports[0]}/"

    def start(self) -> None:
        if not self.ports:
            self.ports = free_ports(2 if REPLICAS else 1)
            if REPLICAS:
                self.redis = f"redis://127.0.0.1:{self.around.enter_context(running_redis()).port}/0"
                self.proxy = self.around.enter_context(running_nginx(self.ports))
        for name, port in zip("ab", self.ports, strict=False):
            told = {"replica": name, "redis": self.redis} if REPLICAS else {}
            app = create_app(self.settings.model_copy(update={"port": port, **told}), bot=self.bot, page=self.page, page_waits=self.page_waits)
            self.doors.append(InThread(app, port))

    def stop(self) -> None:
        for door in self.doors:
            door.stop()
        self.doors = []

    def close(self) -> None:
        """Stop, and end what stood around it; with replicas, both of them must have been asked."""
        self.stop()
        asked = self.proxy.answered() if self.proxy else {}
        self.around.close()
        assert sum(asked.values()) < 2 or set(self.ports) <= set(asked), f"only {asked} of {self.ports} were asked"


class InThread:
    """One door in a thread of this process."""

    def __init__(self, app: Any, port: int) -> None:
        listener = socket.create_server(("127.0.0.1", port))
        self.server = Server(Config(app, log_config=None, timeout_graceful_shutdown=5), getattr(app, "end_streams", None))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]})
        self.thread.start()
        end = time.monotonic() + 20
        while not self.server.started and self.thread.is_alive() and time.monotonic() < end:
            time.sleep(0.02)
        assert self.server.started, "the door did not start"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(15)
        assert not self.thread.is_alive(), "the door did not stop"


@pytest.fixture(scope="session")
def built_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """web/dist, built from the sources as they are now."""
    npm = shutil.which("npm")
    if npm is None or not (ROOT / "web" / "node_modules").is_dir():
        pytest.fail("the chat page cannot be built: run `npm ci` in web/ (make test does it), with node 20 or newer")
    built = subprocess.run([npm, "run", "build"], cwd=ROOT / "web", capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stderr
    return ROOT / "web" / "dist"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("no Chromium found: `apt-get install chromium`, or name one in the variable CHROMIUM")
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=found, args=["--no-sandbox"]
        )  # root in a container: tests only
        yield started
        started.close()


@pytest.fixture
def site(tmp_path: Path, built_page: Path) -> Iterator[Site]:
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge")
    running = Site(settings, CardBot(), built_page)
    running.start()
    yield running
    running.close()


@dataclass
class Watched:
    """A page and everything that it complained about or fetched."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.page.locator("#say").fill(text)
        self.page.locator("#say").press("Enter")


@pytest.fixture
def watched(browser: Browser, site: Site) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    seen = Watched(page)
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.set_default_timeout(10_000)
    page.goto(site.address)
    yield seen
    context.close()

"""A browser without scripts before the talk by form posts, and a bot that answers by cards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from door_fakes import FakeBot, fixed_clock, running
from web_calls import app_in

from aid.replies import (
    AnswerCard,
    Basis,
    CandidatesCard,
    Choice,
    EvidenceLine,
    QuestionCard,
    ReceiptCard,
    Reply,
    StatusCard,
    SummaryCard,
    SummaryLine,
)
from tests.forms import Page

CLOCK = fixed_clock()
DAY = CLOCK.now().date()


def answer_card(**more: Any) -> AnswerCard:
    made: dict[str, Any] = {
        "entry": "expo.design-copied",
        "label": "展会上发现外观设计被仿冒",
        "short": "可以马上投诉。",
        "points": ["先固定证据。"],
        "steps": ["到工作站。", "交上证书。"],
        "basis": [Basis(law="专利法", version="2020修正", article="第六十五条", says="可以协商、起诉")],
        "checked": DAY,
        "probability": 0.987,
    }
    return AnswerCard(**{**made, **more})


def question(field: str = "booth", input_: str = "text") -> QuestionCard:
    return QuestionCard(case_kind="expo_complaint", field=field, ask="对方的**展位号**是多少？", why="好找到展位", skip="不知道可以跳过", step=3, steps=7, input=input_)  # type: ignore[arg-type]


def receipt() -> ReceiptCard:
    file = EvidenceLine(name="摊位.jpg", type="照片", size=1000, sign="0a1b2c3d", received=CLOCK.now())
    return ReceiptCard(
        number="CC-2026-000123",
        lookup_code="K7M4Q2AB",
        receiver="展会工作站",
        reasons=["事情发生在展会上"],
        expected=DAY,
        expected_is_estimate=True,
        phones=["12345"],
        materials=["身份证明"],
        evidence=[file],
    )


def status() -> StatusCard:
    return StatusCard(
        number="CC-2026-000123", state="accepted", state_label="已受理", receiver="展会工作站", received=DAY, expected=DAY, events=["收到"], deadlines=["请补齐"]
    )


def cards(text: str) -> list[Reply]:
    """A card for a word."""
    yes = [Choice(label="没错，提交", payload={"act": "affirm"}), Choice(label="要改", payload={"act": "deny"})]
    made: dict[str, Callable[[], Reply]] = {
        "外观": lambda: Reply(text="可以马上投诉。", card=answer_card(), choices=[Choice(label="现在就投诉", payload={"start": "expo_complaint"})]),
        "展位": lambda: Reply(text="展位号？", card=question(), choices=[Choice(label="跳过", payload={"act": "skip"})]),
        "电话": lambda: Reply(text="电话？", card=question("phone", "tel")),
        "日子": lambda: Reply(text="哪天？", card=question("leaves_on", "date")),
        "姓名": lambda: Reply(text="您贵姓？", card=question("name")),
        "核对": lambda: Reply(
            text="请核对",
            card=SummaryCard(
                case_kind="expo_complaint", lines=[SummaryLine(field="phone", label="联系电话", value="139****7001")], receiver="展会工作站", reasons=["在展会上"], notes=["真实"]
            ),
            choices=yes,
        ),
        "编号": lambda: Reply(text="登记好了", card=receipt()),
        "进度": lambda: Reply(text="进度", card=status()),
        "不清楚": lambda: Reply(
            text="您是不是想问：", card=CandidatesCard(entries=["a", "b"], labels=["甲", "乙"], probabilities=[0.4, 0.3]), choices=[Choice(label=x, payload={"say": x}) for x in "甲乙"]
        ),
    }
    return [next((make() for word, make in made.items() if word in text), Reply(text=f"答：{text}"))]


class Browser:
    """A browser without scripts at the talk's page."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = Page("")
        self.status = 0
        self.url = ""

    async def open(self, path: str = "/talk") -> Page:
        return self._seen(await self.client.get(path, follow_redirects=True))

    async def press(self, button: str, **typed: str) -> Page:
        action, fields = self.page.pressed(button, **typed)
        return await self.post(action, fields)

    async def post(self, action: str, fields: dict[str, str]) -> Page:
        return self._seen(await self.client.post("/" + action, data=fields, follow_redirects=True))

    async def say(self, text: str) -> Page:
        return await self.press("发送", text=text)

    async def attach(self, name: str, content: bytes) -> Page:
        action, fields = self.page.pressed("发这个文件")
        return self._seen(await self.client.post("/" + action, data=fields, files={"file": (name, content)}, follow_redirects=True))

    def _seen(self, answer: httpx.Response) -> Page:
        self.status, self.url, self.page = answer.status_code, str(answer.url), Page(answer.text)
        assert self.page.stray == []
        return self.page


@asynccontextmanager
async def browser(folder: Path, bot: FakeBot | None = None, **more: Any) -> AsyncIterator[Browser]:
    async with running(app_in(folder, bot or FakeBot(answer=cards), page_waits=2.0, **more)) as client:
        seen = Browser(client)
        await seen.open()
        yield seen

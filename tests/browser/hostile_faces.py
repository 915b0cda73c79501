"""Hostile words and answers, and the faces that must show them as text: the chat page, the widget on a strict page of another site, the kiosk."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from chat_site import ROOT, CardBot, Site
from host_site import NAME, Host
from playwright.sync_api import Browser, Page, expect
from pydantic import BaseModel

from aid.replies import Card, Choice, Reply
from aid.settings import Settings

HOSTILE = {
    "script": "<script>window.hit=1</script><iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "onerror": "<img src=x onerror=window.hit=1><svg onload=window.hit=1><details open ontoggle=window.hit=1>",
    "links": "[点我](javascript:window.hit=1) [数据](data:text/html,<script>window.hit=1</script>) <a href='javascript:window.hit=1'>看</a>",
    "entities": "&lt;img src=x onerror=window.hit=1&gt; &#60;script&#62; </p></li></div>-->]]></style></title></textarea>",
    "style": "<style>*{display:none}</style><link rel=stylesheet href=https://css.example.net/x.css><base href=https://css.example.net/>",
    "template": "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "bidi": "\u202e倒着写 gpj.exe\u202c \u2066左\u2069 **\u202e粗**",
    "zero width": "甲\u200b乙\u200c丙\u2060丁\ufeff戊",
    "ansi": "\x1b[31m红\x1b[0m\x07 \x9b31m",
    "homograph": "https://www.\u0430pple.com/ [www.cnipa.gov.cn](https://evil.example.net/) http://cnipa.gov.cn@evil.example.net/",
    "long word": "Wort" * 400,
    "long line": "很长" * 700,
    "high": "Z" + "\u0301\u0327" * 150,
    "events": "a\n\nevent: reply\ndata: {\"number\": 99}\n\n",
}  # fmt: skip
TAGS = "li ol ul p div span strong a br h1 h2 h3 button table caption thead tbody tr th td dl dt dd details summary progress"
OURS = "canvas.thumbnail[role=img], .uploads bdi.name, svg.qr, svg.qr > rect, svg.qr > path, dialog.front :is(section, figure, figcaption), .home > section"
"""What is no text and yet ours: a sent file's picture, drawn; the name of one that is on its way, turned apart from its neighbours; a code for the phone."""
UNHARMED = """([tags, ours]) => {
    const root = document.querySelector('aid-assistant')?.shadowRoot ?? document;
    const known = new Set(tags.split(' ')), bad = [];
    for (const node of root.querySelectorAll('.items *, .uploads *, dialog.front *, .stage > main *')) {
        if (!known.has(node.localName) && !node.matches(ours)) bad.push(node.localName);
        for (const {name, value} of node.attributes) {
            if (/^on|^style$|^srcdoc$|^src$/i.test(name)) bad.push(`${node.localName} ${name}=${value}`);
            if (name === 'href' && !/^https?:/.test(value)) bad.push(`href ${value}`);
        }
        if (node.matches('.bubble, .bubble *, .name') && getComputedStyle(node).unicodeBidi !== 'isolate') bad.push(`${node.localName} turns its neighbours`);
    }
    for (const box of root.querySelectorAll('.transcript, .stage, dialog.front')) if (box.scrollWidth > box.clientWidth) bad.push(`${box.className} is wider than its place`);
    if (document.documentElement.scrollWidth > innerWidth) bad.push('wider than the screen');
    if (window.hit) bad.push('a script ran');
    return [...new Set([...bad, ...window.violations])];
}"""
LISTENING = """window.violations = [];
addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`), true);"""


def filled(kind: Any, words: Iterator[str]) -> Any:
    """A value of this type with hostile words wherever there is room for words: a field that is added later has them too."""
    origin = get_origin(kind)
    if kind is str:
        return next(words)
    if origin is list:
        return [filled(get_args(kind)[0], words) for _ in range(2)]
    if origin is Literal:
        return get_args(kind)[0]
    if origin in (Union, UnionType):
        return filled(get_args(kind)[0], words)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind(**{name: filled(one.annotation, words) for name, one in kind.model_fields.items()})
    simple = {int: 1, float: 1.0, bool: True, date: date(2026, 11, 22), datetime: datetime(2026, 11, 22, 10, 0)}
    return simple[kind]


CARDS = {card.model_fields["kind"].default: card for card in get_args(get_args(Card)[0])}


class HostileBot(CardBot):
    """Gives back what it hears, or a card of the kind that it hears, hostile in every word."""

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        if text not in CARDS:
            said = str(metadata.get("said", text))
            return [Reply(text=said, choices=[Choice(label=said[:60] or "…", payload={"say": "你好"})])]
        words = itertools.cycle(HOSTILE.values())
        choices = [Choice(label=word[:80], payload={"say": word}) for word in HOSTILE.values()]
        return [Reply(text=next(words), speak=next(words), card=filled(CARDS[text], words), choices=choices)]


@dataclass
class Face:
    """One of the three, and everything that the browser complained about or fetched."""

    kind: str
    page: Page
    site: Site
    home: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        said = self.page.locator(".item.said")
        count = said.count()
        self.page.locator("#say").fill(text)
        self.page.locator("#say").press("Enter")
        expect(said).to_have_count(count + 1)
        expect(self.page.locator(".item")).to_have_count(2 * (count + 1))

    def enter(self) -> None:
        """Come to where one writes: on a phone the widget opens on a tap alone, and the kiosk begins with its first screen."""
        if self.kind == "widget":
            self.page.get_by_role("button", name=NAME).click()
        if self.kind == "kiosk":
            expect(self.page.get_by_role("heading", level=1)).to_have_text("长春国际汽车博览会", timeout=20_000)
            self.page.get_by_role("button", name="点一下开始").click()
            self.page.locator(".way.consult").click()

    def reload(self) -> None:
        """Load it anew."""
        self.page.reload()
        self.enter()

    def said(self) -> list[str]:
        return [one.text_content() or "" for one in self.page.locator(".item.said .bubble").all()]

    def unharmed(self) -> None:
        """Only text was shown, nobody else was asked, nothing was complained about."""
        harms = self.page.evaluate(UNHARMED, [TAGS, OURS])
        assert not harms, harms
        assert not self.complaints, self.complaints
        ours = (self.site.address, self.home.split("?")[0], "blob:")
        strange = [url for url in self.requests if not url.startswith(ours)]
        assert not strange, strange


def opened(kind: str, browser: Browser, folder: Path, built_page: Path, **context_options: Any) -> Iterator[Face]:
    """The face of this kind before a bot that gives back what it hears."""
    host = Host()
    settings = Settings(_env_file=None, var_dir=folder / "var", knowledge_dir=ROOT / "knowledge", sites=f"center={host.address}")
    site = Site(settings, HostileBot(), built_page)
    site.start()
    host.assistant = site.address.rstrip("/")
    size = {"width": 1080, "height": 1920} if kind == "kiosk" else {"width": 390, "height": 780}
    context = browser.new_context(viewport=size, accept_downloads=True, **context_options)  # type: ignore[arg-type]
    context.add_init_script(LISTENING)
    page = context.new_page()
    homes = {"page": site.address, "widget": host.address, "kiosk": f"{site.address}kiosk?event=automobile&station=automobile-1"}
    shown = Face(kind, page, site, homes[kind])
    page.on("console", lambda message: shown.complaints.append(message.text) if message.type in ("error", "warning") and "blocked by Playwright" not in message.text else None)
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (shown.complaints.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda asked: shown.requests.append(asked.url))
    page.set_default_timeout(10_000)
    yield shown
    context.close()
    site.close()
    host.close()


@pytest.fixture(params=["page", "widget", "kiosk"])
def face(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, built_page: Path) -> Iterator[Face]:
    """Each face, where one writes."""
    for shown in opened(request.param, browser, tmp_path, built_page):
        shown.page.goto(shown.home)
        shown.enter()
        yield shown

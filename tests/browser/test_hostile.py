"""Hostile words, file names and answers in a real browser: text, and nothing but text; and a strict page that embeds the widget sees no violation."""

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
from tests.evidence.made import picture

pytestmark = pytest.mark.browser

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
TAGS = "li ol ul p div span strong a br h2 h3 button table caption thead tbody tr th td dl dt dd details summary progress canvas bdi"
UNHARMED = """(tags) => {
    const root = document.querySelector('aid-assistant')?.shadowRoot ?? document;
    const known = new Set(tags.split(' ')), bad = [];
    for (const node of root.querySelectorAll('.items *, .uploads *')) {
        const shown = node.localName === 'img' && /^blob:/.test(node.getAttribute('src') ?? '');
        if (!known.has(node.localName) && !shown) bad.push(node.localName);
        for (const {name, value} of node.attributes) {
            if (/^on|^style$|^srcdoc$/i.test(name) || (name === 'src' && !shown)) bad.push(`${node.localName} ${name}=${value}`);
            if (name === 'href' && !/^https?:/.test(value)) bad.push(`href ${value}`);
        }
        if (node.matches('.bubble, .bubble *, .name') && getComputedStyle(node).unicodeBidi !== 'isolate') bad.push(`${node.localName} turns its neighbours`);
    }
    const box = root.querySelector('.transcript');
    if (box.scrollWidth > box.clientWidth || document.documentElement.scrollWidth > innerWidth) bad.push('wider than the screen');
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
    """The chat page, or the widget on a strict page of another site; and everything that the browser complained about or fetched."""

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

    def reload(self) -> None:
        """Load it anew; on a phone the widget opens on a tap alone."""
        self.page.reload()
        launcher = self.page.get_by_role("button", name=NAME)
        if self.home != self.site.address:
            launcher.click()

    def said(self) -> list[str]:
        return [one.text_content() or "" for one in self.page.locator(".item.said .bubble").all()]

    def unharmed(self) -> None:
        """Only text was shown, nobody else was asked, nothing was complained about."""
        assert self.page.evaluate(UNHARMED, TAGS) == []
        assert self.complaints == []
        ours = (self.site.address, self.home, "blob:")
        assert [url for url in self.requests if not url.startswith(ours)] == []


@pytest.fixture(params=["page", "widget"])
def face(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, built_page: Path) -> Iterator[Face]:
    host = Host()
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", sites=f"center={host.address}")
    site = Site(settings, HostileBot(), built_page)
    site.start()
    host.assistant = site.address.rstrip("/")
    context = browser.new_context(viewport={"width": 390, "height": 780}, accept_downloads=True)
    context.add_init_script(LISTENING)
    page = context.new_page()
    shown = Face(page, site, host.address if request.param == "widget" else site.address)
    page.on("console", lambda message: shown.complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (shown.complaints.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda asked: shown.requests.append(asked.url))
    page.set_default_timeout(10_000)
    page.goto(shown.home)
    if request.param == "widget":
        page.get_by_role("button", name=NAME).click()
    yield shown
    context.close()
    site.close()
    host.close()


def test_hostile_words_are_shown_as_words_on_both_sides_and_after_a_reload(face: Face) -> None:
    for words in HOSTILE.values():
        face.say(words)
    face.unharmed()
    wanted = [words.strip() for words in HOSTILE.values()]
    assert face.said() == wanted
    told = "".join(one.text_content() or "" for one in face.page.locator(".item.reply .bubble").all())
    for sign in ("<script>window.hit=1</script>", "onerror=window.hit=1", "<style>", "&lt;img", "{{7*7}}", "\x1b[31m红", "Wort" * 400):
        assert sign in told, sign
    hosts = face.page.locator(".item.reply a").evaluate_all("(links) => links.map((link) => new URL(link.href).host)")
    assert not {host for host in hosts if "evil" in host or "xn--" in host}, "an address that looks like another's is no link"
    face.page.reload()
    expect(face.page.locator(".item")).to_have_count(2 * len(HOSTILE))
    assert face.said() == wanted
    face.unharmed()


@pytest.mark.parametrize("kind", CARDS)
def test_a_card_that_is_hostile_in_every_word_is_shown_as_words(face: Face, kind: str) -> None:
    face.say(kind)
    for details in face.page.locator(".items details").all():
        details.evaluate("(node) => node.setAttribute('open', '')")
    face.unharmed()
    choice = face.page.locator(".item.reply .choice").nth(1)
    assert choice.text_content() == HOSTILE["onerror"][:80]
    choice.click()
    expect(face.page.locator(".item")).to_have_count(4)
    face.unharmed()


NAMES = ["<img src=x onerror=window.hit=1>.jpg", "\u202egpj.exe", "a\u200b" * 20 + ".jpg", "Wort" * 50 + ".jpg", "javascript:window.hit=1", "&lt;b&gt;'\"`.jpg"]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_name_is_shown_as_words_taken_or_refused(face: Face, name: str) -> None:
    chooser = face.page.locator("input[type=file]")
    chooser.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": picture()})
    expect(face.page.locator(".item.said")).to_have_count(1)
    expect(face.page.locator(".item.reply")).to_have_count(1)
    face.unharmed()
    [shown] = face.said()
    assert shown.endswith(".jpg")
    assert not set(shown) & set("\u202e\r\n")
    chooser.set_input_files({"name": name, "mimeType": "text/html", "buffer": b"<script>window.hit=1</script>"})
    expect(face.page.locator(".uploads li")).to_contain_text("这种文件我收不了")
    # The browser tells of every answer of 400 and more; that is the only complaint.
    assert [line for line in face.complaints if "415" not in line] == []
    face.complaints.clear()
    face.unharmed()


def test_a_strict_page_sees_no_violation_while_answering_uploading_and_saving_the_receipt(face: Face) -> None:
    face.site.bot = CardBot()
    face.site.stop()
    face.site.start()
    face.reload()
    face.complaints.clear()  # the stream was cut: the browser says so
    page = face.page
    for words in ("外观被抄了", "展位", "核对", "进度", "不清楚"):
        face.say(words)
    page.locator("input[type=file]").set_input_files({"name": "摊位.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    expect(page.locator(".item.said")).to_have_count(6)
    face.say("编号")
    with page.expect_download() as saved:
        page.locator(".card.receipt button.save").click()
    assert saved.value.suggested_filename == "CC2026-000123.png"
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    page.get_by_role("button", name="大字").click()
    page.locator(".rating").first.get_by_role("button", name="没解决").click()
    face.reload()
    expect(page.locator(".item")).to_have_count(14)
    face.unharmed()

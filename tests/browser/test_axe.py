"""axe finds nothing in any state of any face: light, dark and 大字. Another face adds its rows to ``STATES``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chat_site import ROOT, Site
from host_site import NAME, Host, watch
from playwright.sync_api import Browser, Page, Route, expect

from tests.evidence.made import picture

pytestmark = [pytest.mark.browser, pytest.mark.looks]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RUN = """(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations', 'incomplete']}).then(({violations, incomplete}) => {
    const told = (found) => found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
    return {violations: told(violations), unsure: told(incomplete.filter((rule) => rule.id === 'color-contrast'))};
})"""
LOOK = """([root, large]) => document.querySelector(root).classList.toggle('large', large)"""
TALL = "() => document.querySelector('aid-assistant')?.shadowRoot.querySelector('.panel').style.setProperty('height', '2300px')"
"""Nothing is scrolled away: of words that are half out of sight axe cannot tell the contrast."""
UNDER = """() => {
    const shell = (document.querySelector('aid-assistant')?.shadowRoot ?? document).querySelector('.shell');
    if (!shell.querySelector('dialog:modal')) return;
    for (const node of shell.querySelector('.transcript').children) node.style.visibility = 'hidden';
    shell.closest('.panel')?.style.setProperty('width', '960px');
}"""
"""axe knows nothing of the layer in which a modal dialog lies, and takes what is under it, here and there, for what is around it."""
LOOKS = {"light": ("light", False), "dark": ("dark", False), "large": ("light", True), "large dark": ("dark", True)}


@dataclass
class Stage:
    """A face in front of a door: the page, the door, and which element carries its looks."""

    page: Page
    site: Site
    root: str

    def say(self, text: str) -> None:
        self.page.locator("#say").fill(text)
        self.page.locator("#say").press("Enter")

    def card(self, text: str, kind: str) -> None:
        self.say(text)
        expect(self.page.locator(f".card.{kind}").last).to_be_visible()
        expect(self.page.locator(".typing")).to_be_hidden()

    def send_file(self, name: str = "展位.jpg", content: bytes | None = None) -> None:
        content = picture(size=(400, 300)) if content is None else content
        self.page.locator(".chooser").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def ready(stage: Stage) -> None:
    """The talk in sight: a widget is opened."""
    launcher = stage.page.get_by_role("button", name=NAME)
    if launcher.count():
        launcher.click()
    expect(stage.page.locator(".asked")).to_be_visible()


def closed(stage: Stage) -> None:
    expect(stage.page.locator(".launcher")).to_be_visible()


def unread(stage: Stage) -> None:
    ready(stage)
    stage.site.bot.seconds = 1
    stage.say("外观被抄了")
    stage.press("收起")
    expect(stage.page.locator(".launcher .badge")).to_have_text("1")


def typing(stage: Stage) -> None:
    stage.site.bot.seconds = 30
    stage.say("你好")
    expect(stage.page.locator(".typing")).to_be_visible()


def unfolded(stage: Stage) -> None:
    stage.card("外观被抄了", "answer")
    stage.page.locator("summary").click()
    expect(stage.page.locator("details[open]")).to_be_visible()


def hostile(stage: Stage) -> None:
    stage.say("坏话")
    expect(stage.page.locator(".reply .bubble a")).to_be_visible()


def candidates(stage: Stage) -> None:
    stage.say("不清楚")
    expect(stage.page.locator(".choices")).to_be_visible()


def taken(stage: Stage) -> None:
    stage.card("我核对一下", "summary")
    stage.press("要改")
    expect(stage.page.locator(".choice.taken")).to_be_visible()
    expect(stage.page.locator(".typing")).to_be_hidden()


def copied(stage: Stage) -> None:
    stage.card("没错", "receipt")
    stage.page.locator("button.copy").click()
    expect(stage.page.locator("button.copy")).to_have_text("已复制")


def uploading(stage: Stage) -> None:
    stage.page.route("**/files", lambda route: None)
    stage.send_file()
    expect(stage.page.locator(".uploads progress")).to_be_visible()
    expect(stage.page.locator(".uploads .thumbnail")).to_be_visible()


def upload_cut(stage: Stage) -> None:
    stage.page.route("**/files", lambda route: route.abort())
    stage.send_file()
    expect(stage.page.locator(".uploads li.failed")).to_contain_text("重试")


def upload_refused(stage: Stage) -> None:
    stage.send_file("网页.html", b"<html><script>alert(1)</script>")
    expect(stage.page.locator(".uploads li.failed")).to_contain_text("这种文件我收不了")


def sent_picture(stage: Stage) -> None:
    stage.send_file()
    expect(stage.page.locator(".said .thumbnail")).to_be_visible()


def dropping(stage: Stage) -> None:
    stage.page.locator(".shell").evaluate(
        """(shell) => {
            const data = new DataTransfer();
            data.items.add(new File(['x'], 'a.jpg', {type: 'image/jpeg'}));
            shell.dispatchEvent(new DragEvent('dragover', {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )
    expect(stage.page.locator(".veil")).to_be_visible()


def unsolved(stage: Stage) -> None:
    stage.card("外观被抄了", "answer")
    stage.press("没解决")
    expect(stage.page.locator(".reasons")).to_be_visible()


def rated(stage: Stage) -> None:
    unsolved(stage)
    stage.press("看不明白")
    expect(stage.page.locator(".rating .state")).to_have_text("谢谢您告诉我们。")


def offline(stage: Stage) -> None:
    stage.card("外观被抄了", "answer")
    stage.site.stop()
    stage.say("还在吗")
    expect(stage.page.locator(".lost")).to_be_visible()
    expect(stage.page.locator(".said .state").last).to_have_text("等待发送")


def refused(stage: Stage) -> None:
    def too_long(route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=413, headers=headers, content_type="application/json", body=json.dumps({"error": "too_large", "message": "内容太长，没有收下。"}))

    stage.page.route("**/messages", lambda route: too_long(route) if route.request.method == "POST" else route.fallback())
    stage.say("太长了")
    expect(stage.page.locator(".said .state")).to_have_text("内容太长，没有收下。")


def ask_restart(stage: Stage) -> None:
    stage.card("展位", "question")
    stage.press("新对话")
    expect(stage.page.locator("dialog.ask-restart")).to_contain_text("还没有提交")


def restarted(stage: Stage) -> None:
    stage.card("外观被抄了", "answer")
    stage.press("新对话")
    stage.press("开始新对话")
    expect(stage.page.locator(".note")).to_be_visible()


def menu(stage: Stage) -> None:
    stage.press("菜单")
    expect(stage.page.locator(".menu")).to_be_visible()


def lookup(stage: Stage) -> None:
    menu(stage)
    stage.page.locator(".menu .look").click()
    expect(stage.page.locator("#lookup-number")).to_be_focused()


def lookup_fault(stage: Stage) -> None:
    lookup(stage)
    stage.page.locator("#lookup-number").fill("CC-2026-000009")
    stage.page.locator("#lookup-code").fill("AAAA2222")
    stage.press("查询")
    expect(stage.page.locator(".fault")).to_contain_text("没有查到")


def english(stage: Stage) -> None:
    menu(stage)
    stage.page.get_by_role("button", name="English").click()
    expect(stage.page.get_by_role("button", name="New talk")).to_be_visible()
    stage.card("念一遍", "summary")


Steps = Callable[[Stage], None]
TALK: dict[str, Steps] = {
    "greeting": lambda stage: None,
    "typing": typing,
    "answer folded": lambda stage: stage.card("外观被抄了", "answer"),
    "answer unfolded": unfolded,
    "markdown with a link": hostile,
    "candidates": candidates,
    "question": lambda stage: stage.card("展位", "question"),
    "question for a telephone": lambda stage: stage.card("您的电话", "question"),
    "question for an e-mail": lambda stage: stage.card("邮箱", "question"),
    "question for a day": lambda stage: stage.card("哪天", "question"),
    "summary": lambda stage: stage.card("念一遍", "summary"),
    "choice taken": taken,
    "receipt": copied,
    "state of a ticket": lambda stage: stage.card("进度", "status"),
    "upload under way": uploading,
    "upload cut off": upload_cut,
    "upload refused": upload_refused,
    "picture sent": sent_picture,
    "file hovering": dropping,
    "asked why it did not help": unsolved,
    "rated": rated,
    "offline": offline,
    "message refused": refused,
    "asked before a new talk": ask_restart,
    "new talk": restarted,
    "menu": menu,
    "lookup": lookup,
    "lookup without success": lookup_fault,
    "English": english,
}
COVERED = "file hovering"
"""Words under the veil cannot be read for as long as the file hovers: of their contrast axe can say nothing."""
STATES: list[tuple[str, str, Steps]] = [
    *[("page", name, steps) for name, steps in TALK.items()],
    *[("widget", name, steps) for name, steps in TALK.items()],
    ("closed widget", "closed", closed),
    ("closed widget", "unread", unread),
]
"""Face, name of the state, and how it is reached."""


def open_page(page: Page, site: Site, _host: Host) -> Stage:
    page.goto(site.address)
    return Stage(page, site, ":root")


def open_widget(page: Page, site: Site, host: Host) -> Stage:
    page.goto(host.address)
    return Stage(page, site, "aid-assistant")


FACES: dict[str, Callable[[Page, Site, Host], Stage]] = {"page": open_page, "widget": open_widget, "closed widget": open_widget}


@pytest.fixture
def fresh_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 2400}, reduced_motion="reduce")
    page = context.new_page()
    watch(page, [])
    yield page
    page.unroute_all(behavior="ignoreErrors")
    context.close()


def faults_of(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(RUN, TAGS)
    return found


@pytest.mark.parametrize(("face", "name", "steps"), STATES, ids=[f"{face}-{name}" for face, name, _steps in STATES])
def test_axe_finds_nothing(face: str, name: str, steps: Steps, fresh_page: Page, widget_site: Site, host: Host) -> None:
    stage = FACES[face](fresh_page, widget_site, host)
    if face in ("page", "widget"):
        ready(stage)
    steps(stage)
    fresh_page.evaluate(TALL)
    fresh_page.evaluate(UNDER)
    fresh_page.evaluate(AXE.read_text("utf-8"))
    for look, (colours, large) in LOOKS.items():
        fresh_page.emulate_media(color_scheme=colours, reduced_motion="reduce")  # type: ignore[arg-type]
        fresh_page.evaluate(LOOK, [stage.root, large])
        found = faults_of(fresh_page)
        if name == COVERED:
            found["unsure"] = []
        assert found == {"violations": [], "unsure": []}, f"{name}, {look}: {json.dumps(found, ensure_ascii=False, indent=1)}"


def test_axe_sees_into_the_widget(fresh_page: Page, widget_site: Site, host: Host) -> None:
    stage = open_widget(fresh_page, widget_site, host)
    ready(stage)
    fresh_page.locator(".topic").first.evaluate("(node) => { node.textContent = ''; node.style.color = '#ccc'; }")
    fresh_page.locator(".privacy").evaluate("(node) => { node.style.color = '#e0e8f0'; }")
    fresh_page.evaluate(AXE.read_text("utf-8"))
    found = "\n".join(faults_of(fresh_page)["violations"])
    assert "button-name" in found
    assert "color-contrast" in found

"""The knowledge desk in a real browser: axe on each page, the check beside the form, the keyboard alone; and from an edit to the live answer."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from chat_site import ROOT, InThread
from playwright.sync_api import Browser, Page, expect
from test_console import Workbench
from test_pages_axe import AXE, RUN, TAGS
from test_screenshots import Camera, camera

from aid.cli.ask import free_ports
from aid.cli.serve import running
from aid.clock import FixedClock
from aid.consultation.explain import Because, Explanation, Ranked, Weight
from aid.consultation.gaps import Gap
from aid.knowledge_desk.content import Content
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.rights import Editor
from aid.knowledge_desk.search_server import SearchServer
from aid.people.accounts import Accounts
from aid.people.passwords import Passwords
from aid.people.rights import EVERYWHERE, Grant
from aid.settings import Settings
from aid.store.engine import open_store
from serving.together import console_alone
from tests.console.desk import MORNING, PASSWORD, cheap_passwords

__all__ = ["camera"]
pytestmark = pytest.mark.browser
ENTRY = "trademark.squatted"
SHORT = "还没注册下来的，初审公告三个月内提异议；注册了的，五年内可以请求宣告无效。先把用过的证据留好。"
ALL = frozenset({Grant("supervisor", EVERYWHERE)})
SLOW = 90_000
"""Milliseconds: a check reads the whole knowledge, which takes seconds on an idle machine."""


@pytest.fixture
def workbench(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """The workbench over a copy of the knowledge; what the action server would say is said by the test."""
    knowledge = tmp_path / "knowledge"
    shutil.copytree(ROOT / "knowledge", knowledge)
    monkeypatch.setattr(SearchServer, "gaps", gaps)
    monkeypatch.setattr(SearchServer, "explain", explained)
    clock = FixedClock(MORNING.replace(month=12))
    app = console_alone(Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=knowledge), clock, cheap_passwords())
    [port] = free_ports(1)
    thread = InThread(app, port)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.set_default_timeout(SLOW)
    page, faults, address = context.new_page(), [], f"http://127.0.0.1:{port}/console/"
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" and "status of 4" not in said.text else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("request", lambda request: faults.append(request.url) if not request.url.startswith(address) else None)
    bench = Workbench(app, page, clock, address, faults)
    bench.own("wang", "王芳", "handler@main")
    bench.own("li", "李强", "supervisor@main")
    yield bench
    context.close()
    thread.stop()
    assert faults == []


def gaps(_self: SearchServer, days: int) -> list[Gap]:
    groups = [("饭店名字被人注册成商标还能用吗", "店名让人抢注了我还能接着用不"), ("预审要带什么证件去",)]
    return [Gap(questions, 7 - 2 * n, {"none": 3}, ENTRY if n == 0 else None, MORNING) for n, questions in enumerate(groups)]


def explained(_self: SearchServer, question: str, entry: Content | None = None) -> Explanation:
    because = (Because("商标被抢注了", "variant", question, 0.46, 0.93, 0.75), Because("商标被抢注怎么办", "posed", question, 0.32, 0.96, 0.74))
    ranked = (
        Ranked(ENTRY, "我用的商标被别人抢先注册", 0.98, 0.33, 0.995, because),
        Ranked("trademark.infringed", "别人用了我的商标怎么办", 0.12, 0.13, None, because[:1]),
    )
    weights = (Weight("share", 0.67, 2.48), Weight("margin_3", 0.87, -1.09))
    return Explanation(question, (question,), "answer", 0.995, 0.85, 0.05, 0.11, ranked, weights, ())


def desk(bench: Workbench) -> KnowledgeDesk:
    return KnowledgeDesk(bench.desk.store, KnowledgeFolder.of(bench.desk.settings), bench.clock)


def proposed(bench: Workbench, short: str = SHORT) -> str:
    content = desk(bench).folder.content(ENTRY)
    assert content is not None
    return desk(bench).propose(Editor("wang", ALL), {**content, "short": short}, "说得更直白").id


def at(path: str, name: str = "li") -> Callable[[Workbench], None]:
    def state(bench: Workbench) -> None:
        proposed(bench)
        bench.sign_in(name)
        expect(bench.page.get_by_role("heading", level=1)).to_be_visible()
        bench.go(path)
        expect(bench.page.get_by_role("heading", level=1)).to_be_visible()

    return state


def proposal(bench: Workbench) -> None:
    at("knowledge")(bench)
    bench.page.get_by_role("link", name="我用的商标被别人抢先注册").click()
    expect(bench.page.get_by_role("button", name="批准，马上生效")).to_be_visible()


def history(bench: Workbench) -> None:
    row = desk(bench).changes.one(proposed(bench, "可以要回来，先留好用过的证据。"))
    desk(bench).approve(Editor("li", ALL), row.id, row.digest)
    at(f"knowledge/entries/{ENTRY}")(bench)


def faulty(bench: Workbench) -> None:
    at(f"knowledge/entries/{ENTRY}/edit", "wang")(bench)
    bench.page.get_by_label("相关条目").fill("trademark.none")
    bench.page.get_by_label("为什么这样写").fill("改相关条目")
    bench.page.get_by_role("button", name="提交，请同事审批").click()
    expect(bench.page.locator(".fault[role=alert]")).to_be_visible(timeout=SLOW)


def tried(bench: Workbench) -> None:
    at("knowledge/try")(bench)
    bench.page.get_by_label("问一句").fill("商标被别人抢注了怎么办")
    bench.page.get_by_role("button", name="试一试").click()
    expect(bench.page.get_by_role("heading", name="结果：直接回答")).to_be_visible()


STATES: dict[str, Callable[[Workbench], None]] = {
    "overview": at("knowledge?q=抢注"),
    "entry": history,
    "edit": at(f"knowledge/entries/{ENTRY}/edit", "wang"),
    "faulty": faulty,
    "new": at("knowledge/new", "wang"),
    "proposal": proposal,
    "unanswered": at("knowledge/unanswered"),
    "quality": at("knowledge/quality"),
    "old": at("knowledge/old?months=1"),
    "try": tried,
}
LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.looks
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(workbench: Workbench, state: str, camera: Camera) -> None:
    STATES[state](workbench)
    for look in LOOKS:
        workbench.page.emulate_media(color_scheme=look)
        workbench.page.evaluate(AXE.read_text("utf-8"))
        assert workbench.page.evaluate(RUN, TAGS) == [], look
    workbench.page.emulate_media(color_scheme="light")
    camera.take(workbench.page, f"console-knowledge-{state}")


@pytest.mark.looks
@pytest.mark.parametrize("state", ["overview", "entry", "edit", "proposal", "quality", "try"])
def test_a_narrow_window_needs_no_scrolling_to_the_side(workbench: Workbench, state: str) -> None:
    workbench.page.set_viewport_size({"width": 400, "height": 800})
    STATES[state](workbench)
    assert workbench.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_check_follows_what_is_written(workbench: Workbench) -> None:
    at(f"knowledge/entries/{ENTRY}/edit", "wang")(workbench)
    verdict, related = workbench.page.locator("#verdict"), workbench.page.get_by_label("相关条目")
    known = related.input_value()
    related.fill("trademark.none")
    related.blur()
    expect(verdict).to_contain_text("没有相关条目 trademark.none", timeout=SLOW)
    related.fill(known)
    workbench.page.get_by_role("button", name="先检查一下").click()
    expect(verdict).to_contain_text("可以提交", timeout=SLOW)


def test_a_group_of_questions_begins_an_entry(workbench: Workbench) -> None:
    at("knowledge/unanswered", "wang")(workbench)
    workbench.page.get_by_role("button", name="由此写条目").first.click()
    variants = workbench.page.get_by_label("大家怎么问").input_value()
    assert variants == "饭店名字被人注册成商标还能用吗\n店名让人抢注了我还能接着用不"


def test_a_proposal_is_approved_by_the_keyboard_alone(workbench: Workbench) -> None:
    proposal(workbench)
    workbench.page.get_by_role("button", name="批准，马上生效").focus()
    workbench.page.keyboard.press("Enter")
    expect(workbench.page.get_by_text("已经生效。")).to_be_visible(timeout=SLOW)
    content = desk(workbench).folder.content(ENTRY)
    assert content is not None
    assert content["short"] == SHORT


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Settings]:
    """The whole running system over a copy of the knowledge, with two accounts."""
    knowledge = tmp_path / "knowledge"
    shutil.copytree(ROOT / "knowledge", knowledge)
    doors, rasa, actions = free_ports(3)
    settings = Settings(var_dir=tmp_path / "var", knowledge_dir=knowledge, port=doors, rasa_port=rasa, actions_port=actions)
    with running(settings, print):
        store = open_store(settings)
        accounts = Accounts(store, settings.clock(), Passwords(()), ["main"])
        for name, grant in (("wang", "handler@main"), ("li", "supervisor@main")):
            one_time = accounts.add(name, name.title(), [Grant.read(grant)], by="test")
            accounts.change_password(accounts.named(name).id, one_time, PASSWORD)
        store.close()
        yield settings


def signed_in(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(locale="zh-CN").new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{address}console/sign-in")
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="知识")).to_be_visible()
    return page


def asked(page: Page, question: str) -> str:
    page.locator("#say").fill(question)
    page.locator("#say").press("Enter")
    expect(page.locator(".typing")).to_be_hidden(timeout=30_000)
    expect(page.locator(".card.answer").last).to_be_visible(timeout=30_000)
    return page.locator(".card.answer").last.inner_text()


@pytest.mark.stack
@pytest.mark.timeout(300)
def test_an_edit_by_two_persons_is_what_the_next_who_asks_is_told(system: Settings, browser: Browser, built_page: Path) -> None:
    assert built_page.is_dir()
    address = f"http://{system.host}:{system.port}/"
    chat = browser.new_context(locale="zh-CN").new_page()
    chat.set_default_timeout(30_000)
    chat.goto(address)
    assert SHORT not in asked(chat, "商标被别人抢注了怎么办")
    wang, li = signed_in(browser, address, "wang"), signed_in(browser, address, "li")
    wang.goto(f"{address}console/knowledge/entries/{ENTRY}/edit")
    wang.locator("textarea[name=short]").fill(SHORT)
    wang.get_by_label("为什么这样写").fill("说得更直白")
    wang.get_by_role("button", name="提交，请同事审批").click()
    expect(wang.get_by_text("等审批")).to_be_visible()
    expect(wang.get_by_role("button", name="批准，马上生效")).to_have_count(0)
    li.goto(wang.url)
    li.get_by_role("button", name="当作已经批准，试一试").click()
    li.get_by_label("问一句").fill("商标被别人抢注了怎么办")
    li.get_by_role("button", name="试一试").click()
    expect(li.get_by_role("heading", name=re.compile("结果：直接回答"))).to_be_visible(timeout=40_000)
    li.goto(wang.url)
    li.get_by_role("button", name="批准，马上生效").click()
    expect(li.get_by_text("已经生效。")).to_be_visible()
    approved = time.monotonic()
    fresh = browser.new_context(locale="zh-CN").new_page()
    fresh.set_default_timeout(30_000)
    fresh.goto(address)
    while SHORT not in asked(fresh, "商标被别人抢注了怎么办"):
        assert time.monotonic() - approved < 20, "the approved text is not live"
        time.sleep(0.3)
    for page in (chat, wang, li, fresh):
        page.context.close()

"""The workbench's shell in a real browser: axe on every page, the keyboard alone, the strict policy, print, htmx with the guard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pyotp
import pytest
from chat_site import ROOT, InThread
from playwright.sync_api import Browser, Page, expect
from test_pages_axe import AXE, RUN, TAGS

from aid.cli.ask import free_ports
from aid.clock import FixedClock
from aid.people.rights import Grant
from aid.people.sights import Reason, Subject
from aid.settings import Settings
from console.desk import Desk
from serving.together import Together, console_alone
from tests.console.cases import house_of
from tests.console.desk import MORNING, PASSWORD, cheap_passwords

pytestmark = pytest.mark.browser
NEW = "把雨伞挂在门后第二个钩上"


@dataclass
class Workbench:
    """The workbench behind a port, and a page in front of it; ``faults``: what the browser complained of or fetched elsewhere."""

    app: Together
    page: Page
    clock: FixedClock
    address: str
    faults: list[str]

    @property
    def desk(self) -> Desk:
        assert self.app.console is not None
        desk: Desk = self.app.console.state.desk
        return desk

    def account(self, name: str, shown: str, *grants: str) -> str:
        """A new account; gives its one-time password."""
        return self.desk.accounts.add(name, shown, [Grant.read(grant) for grant in grants], by="test")

    def own(self, name: str, shown: str, *grants: str) -> None:
        """An account with a password of its own."""
        one_time = self.account(name, shown, *grants)
        self.desk.accounts.change_password(self.desk.accounts.named(name).id, one_time, PASSWORD)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.go("sign-in")
        self.page.get_by_label("登录名").fill(name)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录").click()


@pytest.fixture
def workbench(tmp_path: Path, browser: Browser) -> Iterator[Workbench]:
    clock = FixedClock(MORNING)
    app = console_alone(Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge"), clock, cheap_passwords())
    [port] = free_ports(1)
    running = InThread(app, port)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page, faults, address = context.new_page(), [], f"http://127.0.0.1:{port}/console/"
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" and "status of 4" not in said.text else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("request", lambda request: faults.append(request.url) if not request.url.startswith(address) else None)
    yield Workbench(app, page, clock, address, faults)
    context.close()
    running.stop()
    assert faults == []


def signed_in(bench: Workbench) -> None:
    bench.own("zhao", "赵敏", "administrator@*", "supervisor@*")
    bench.own("li", "李强", "handler@subcenter-1")
    bench.desk.sights.note(
        bench.desk.accounts.named("li"), "handler", "seen", Subject("t", "CC-2026-000017", "subcenter-1"), ["姓名", "电话"], Reason("own", "核对材料")
    )
    bench.sign_in("zhao")
    expect(bench.page.get_by_role("heading", level=1)).to_be_visible()


def at(path: str) -> Callable[[Workbench], None]:
    def state(bench: Workbench) -> None:
        signed_in(bench)
        bench.go(path)

    return state


def reported(path: str) -> Callable[[Workbench], None]:
    """A page over three cases, one of them concluded and one late."""

    def state(bench: Workbench) -> None:
        house = house_of(bench)  # type: ignore[arg-type]  # of a bench it takes clock and desk
        done, late = house.filed(), house.filed("aid_application")
        house.filed(event="长春国际光电博览会")
        house.does(done, "accepted", "started", "contacted", "concluded")
        house.later(days=4)
        house.does(late, "contacted")
        signed_in(bench)  # a session does not outlive these days
        bench.go(path)

    return state


def form(bench: Workbench) -> None:
    bench.go("sign-in")


def refused(bench: Workbench) -> None:
    bench.sign_in("nobody")
    expect(bench.page.locator(".fault")).to_be_visible()


def first_password(bench: Workbench) -> None:
    bench.sign_in("li", bench.account("li", "李强", "handler@subcenter-1"))
    expect(bench.page.get_by_role("heading", name="修改密码")).to_be_visible()


def person(bench: Workbench) -> None:
    signed_in(bench)
    bench.go(f"people/{bench.desk.accounts.named('li').id}")


def one_time(bench: Workbench) -> None:
    signed_in(bench)
    bench.go("people")
    bench.page.get_by_label("姓名").fill("孙莉")
    bench.page.get_by_label("登录名").fill("sunli")
    bench.page.locator("select[name=role]").select_option("handler")
    bench.page.get_by_role("button", name="建立账号").click()
    expect(bench.page.get_by_role("heading", name="孙莉的一次性密码")).to_be_visible()


def enrolling(bench: Workbench) -> None:
    signed_in(bench)
    bench.go("account")
    bench.page.get_by_role("button", name="启用动态口令").click()
    expect(bench.page.locator("svg.qr")).to_be_visible()


def totp_of(bench: Workbench) -> pyotp.TOTP:
    return pyotp.TOTP(bench.page.locator("figcaption .mono").inner_text().replace(" ", ""))


def recovery(bench: Workbench) -> None:
    enrolling(bench)
    bench.page.get_by_label("六位数字").fill(totp_of(bench).at(bench.clock.now()))
    bench.page.get_by_role("button", name="启用").click()
    expect(bench.page.locator(".codes li")).to_have_count(10)


def second(bench: Workbench) -> None:
    recovery(bench)
    bench.page.get_by_role("button", name="退出").click()
    bench.sign_in("zhao")
    expect(bench.page.get_by_role("heading", name="动态口令")).to_be_visible()


STATES: dict[str, Callable[[Workbench], None]] = {
    "sign-in": form,
    "refused": refused,
    "first password": first_password,
    "people": at("people"),
    "person": person,
    "one-time password": one_time,
    "access log": at("log"),
    "accounts' log": at("log/accounts"),
    "reports": reported("reports"),
    "bulletin": reported("reports/bulletin?expo=automobile&day=2026-11-23"),
    "cases behind a figure": reported("cases?figure=received&since=2026-11-01&until=2026-11-30"),
    "account": at("account"),
    "enrolling": enrolling,
    "recovery codes": recovery,
    "second factor": second,
    "not found": at("nothing"),
    "forbidden": at("people/x"),
}
LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.looks
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(workbench: Workbench, state: str) -> None:
    STATES[state](workbench)
    for look in LOOKS:
        workbench.page.emulate_media(color_scheme=look)
        workbench.page.evaluate(AXE.read_text("utf-8"))
        assert workbench.page.evaluate(RUN, TAGS) == [], look


@pytest.mark.looks
@pytest.mark.parametrize("state", ["people", "access log", "account", "first password"])
def test_a_narrow_window_needs_no_scrolling_to_the_side(workbench: Workbench, state: str) -> None:
    workbench.page.set_viewport_size({"width": 400, "height": 800})
    STATES[state](workbench)
    assert workbench.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_first_day_by_the_keyboard_alone(workbench: Workbench) -> None:
    """One-time password, own password, second factor, out and in again."""
    password = workbench.account("li", "李强", "administrator@*")
    keys, page = workbench.page.keyboard, workbench.page
    workbench.go("")
    expect(page.get_by_label("登录名")).to_be_focused()
    keys.type("li")
    keys.press("Tab")
    keys.type(password)
    keys.press("Enter")
    expect(page.get_by_label("现在的密码")).to_be_focused()
    for word in (password, NEW, NEW):
        keys.insert_text(word)
        keys.press("Tab")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/console/people$"))
    keys.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.get_by_role("link", name="我的账号").focus()
    keys.press("Enter")
    page.get_by_role("button", name="启用动态口令").focus()
    keys.press("Enter")
    totp = totp_of(workbench)
    expect(page.get_by_label("六位数字")).to_be_focused()
    keys.type(totp.at(workbench.clock.now()))
    keys.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    workbench.clock.advance(timedelta(minutes=1))
    page.get_by_role("button", name="退出").focus()
    keys.press("Enter")
    expect(page.get_by_label("登录名")).to_be_focused()
    keys.type("li")
    keys.press("Tab")
    keys.insert_text(NEW)
    keys.press("Enter")
    expect(page.get_by_label("手机应用上的六位数字")).to_be_focused()
    keys.type(totp.at(workbench.clock.now()))
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/console/people$"))


def test_the_browser_itself_refuses_scripts_that_are_not_ours(workbench: Workbench) -> None:
    signed_in(workbench)
    run = "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); return window.ran }"
    assert workbench.page.evaluate(run) is None
    assert workbench.page.evaluate("() => htmx.config.allowEval") is False
    assert any("Content Security Policy" in fault for fault in workbench.faults)
    workbench.faults.clear()


def test_htmx_sends_the_guard_and_a_session_that_is_over_leads_to_the_form(workbench: Workbench) -> None:
    signed_in(workbench)
    call = "(name) => htmx.ajax('POST', 'people', {values: {name, shown: '周', role: 'handler', center: 'main'}, target: '#news', swap: 'none'})"
    workbench.page.wait_for_function("() => window.htmx")
    workbench.page.evaluate(call, "zhou")
    assert workbench.desk.accounts.named("zhou").shown == "周"
    workbench.clock.advance(timedelta(hours=1))
    workbench.page.evaluate(call, "wu")
    expect(workbench.page).to_have_url(re.compile("/console/sign-in$"))
    assert [one.name for one in workbench.desk.accounts.all()] == ["li", "zhao", "zhou"]


def test_what_an_htmx_request_is_refused_with_stands_at_the_top(workbench: Workbench) -> None:
    workbench.own("li", "李强", "handler@subcenter-1")
    workbench.sign_in("li")
    expect(workbench.page.get_by_role("heading", name="案件", exact=True)).to_be_visible()
    workbench.go("account")  # a page on which nothing announces itself
    workbench.page.evaluate("() => htmx.ajax('GET', 'people', {target: '#news'})")
    expect(workbench.page.locator("#faults")).to_contain_text("您没有这项权限")
    expect(workbench.page.locator("#news")).to_be_empty()
    workbench.faults[:] = [fault for fault in workbench.faults if "403" not in fault]


def test_paper_holds_the_log_and_no_buttons(workbench: Workbench) -> None:
    STATES["access log"](workbench)
    workbench.page.emulate_media(media="print")
    expect(workbench.page.get_by_text("CC-2026-000017")).to_be_visible()
    for gone in (workbench.page.locator("nav"), workbench.page.get_by_role("button", name="退出"), workbench.page.get_by_role("button", name="筛选")):
        expect(gone).to_be_hidden()
    assert len(workbench.page.pdf()) > 5_000

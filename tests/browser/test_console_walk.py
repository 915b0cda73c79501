"""Cases from new to concluded, by staff in real browsers, with every action that the desk has; at each step just those the table of transitions allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from console_site import ConsoleSite
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from aid.cases.life import TRANSITIONS, EventKind, Role, open_to, state_of
from aid.cases.ticket import Ticket

pytestmark = pytest.mark.browser
Said = Mapping[str, str]
STAFF: dict[str, tuple[str, Role]] = {
    "cars": ("handler@subcenter-1", "handler"),
    "optics": ("handler@subcenter-2", "handler"),
    "clerk": ("intake@*", "intake"),
    "chief": ("supervisor@*", "supervisor"),
}
MOST_TABS = 150
NOT_OF_THE_DESK = {"received", "routed", "rated", "joined", "evidence_added"}
"""Events that no form of the desk brings about: the system's, the person's, and what follows from a merger or a file."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ConsoleSite]:
    site = ConsoleSite(tmp_path / "var")
    for name, (grant, _role) in STAFF.items():
        site.staff(name, grant)
    yield site
    site.close()


@pytest.fixture
def enters(browser: Browser, site: ConsoleSite) -> Iterator[Callable[[str], Walker]]:
    """Signs a member of staff in, each in a browser of his own."""
    contexts: list[BrowserContext] = []

    def enter(name: str) -> Walker:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai"))
        page = site.signed_in(contexts[-1], name)
        page.set_default_timeout(30_000)
        return Walker(site, page, name)

    yield enter
    for context in contexts:
        context.close()


class Walker:
    """A member of staff before his browser."""

    def __init__(self, site: ConsoleSite, page: Page, name: str) -> None:
        self.site, self.page, self.role = site, page, STAFF[name][1]

    def kinds(self, ticket: Ticket) -> list[EventKind]:
        """What the log of the case holds, from the database."""
        return [event.kind for event in self.site.desk.office.log.events(ticket)]

    def opens(self, ticket: Ticket) -> None:
        """Find the case by the last signs of its number and open it; what is offered is what the table allows his role."""
        self.page.goto(f"{self.site.address}cases?show=all")
        self.page.locator("#words").fill(ticket.number[-4:])
        self.page.locator("#words").press("Enter")
        self.page.locator("#queue a.open", has_text=ticket.number).click()
        expect(self.page.locator("h1")).to_contain_text(ticket.number)
        self.sees_what_is_allowed(ticket)

    def sees_what_is_allowed(self, ticket: Ticket) -> None:
        """Every action of the desk that the table allows him now has its form, and no other has."""
        allowed = set(open_to(self.kinds(ticket), self.role))
        forms = [str(one).removeprefix("do-") for one in self.page.locator("details.action[id]").evaluate_all("all => all.map((one) => one.id)")]
        assert forms == [kind for kind in self.site.desk.cases.words.actions if kind in allowed]

    def fills(self, kind: str, said: Said) -> None:
        """Open the form of an action, fill it and send it."""
        box = self.page.locator(f"#do-{kind}")
        if not box.evaluate("node => node.open"):
            box.locator("summary").first.click()
        for key, value in said.items():
            field = box.locator(f"#{kind}-{key}")
            if field.evaluate("node => node.type") == "checkbox":
                field.check()
            elif field.evaluate("node => node.localName") == "select":
                field.select_option(value)
            else:
                field.fill(value)
        box.locator("button.main").click()

    def does(self, ticket: Ticket, kind: str, **said: str) -> None:
        """Do it; the log on the page grows, the database says the same."""
        before = self.kinds(ticket)
        assert self.page.locator(".log li").count() == len(before)
        self.fills(kind, {key.removesuffix("_"): value for key, value in said.items()})
        expect(self.page.locator(".log li")).to_have_count(len(before) + 1)
        for value in said.values():
            if not value.isascii() and kind != "referred":
                expect(self.page.locator(".log li").last).to_contain_text(value)
        assert self.kinds(ticket) == [*before, kind]
        state = self.site.desk.office.labels.states[state_of(self.kinds(ticket))]
        expect(self.page.locator(".row.head")).to_contain_text(state)
        self.sees_what_is_allowed(ticket)


Enters = Callable[[str], Walker]


def test_a_case_goes_from_new_to_concluded_is_reopened_and_concluded_again(site: ConsoleSite, enters: Enters) -> None:
    ticket = site.house.filed()
    cars = enters("cars")
    cars.opens(ticket)
    cars.does(ticket, "noted", text="先看展位照片")
    cars.does(ticket, "contacted", way="电话", text="电话里说明了流程")
    cars.does(ticket, "accepted", text="材料齐了")
    cars.does(ticket, "referred", to="subcenter-2", reason="请光电分中心帮忙看灯的结构")
    cars.does(ticket, "started", text="开始核实")
    cars.does(ticket, "session", on_="2026-11-24", text="上午九点在展馆调解室")
    site.clock.advance(timedelta(days=1))  # the day of the session; nobody's sign-in lasts so long
    cars = enters("cars")
    cars.opens(ticket)
    cars.does(ticket, "session", on_="2026-11-25", text="还要再谈一次")
    cars.fills("mediated", {"on": "2026-11-25", "outcome": "双方谈成了"})
    expect(cars.page.locator("#mediated-on-fault")).to_have_text("这一天还没到。")
    expect(cars.page.locator("#mediated-outcome")).to_have_value("双方谈成了")
    assert cars.kinds(ticket)[-1] == "session"
    cars.does(ticket, "mediated", on_="2026-11-24", outcome="双方谈成了，对方当天撤下展品")
    chief = enters("chief")
    chief.opens(ticket)
    chief.does(ticket, "reopened", reason="对方第二天又摆出来了")
    cars.opens(ticket)
    cars.fills("concluded", {"outcome": "  "})
    expect(cars.page.locator("#concluded-outcome-fault")).to_have_text("请填写。")
    cars.does(ticket, "concluded", outcome="已请执法部门到场，展品撤下")
    assert cars.kinds(ticket)[2:] == [
        "noted", "contacted", "accepted", "referred", "started", "session", "session", "mediated", "reopened", "concluded",
    ]  # fmt: skip
    said = [(str(event.actor), event.kind) for event in site.desk.office.log.events(ticket)][2:]
    assert {actor for actor, kind in said if kind != "reopened"} == {"handler:cars"}
    assert ("supervisor:chief", "reopened") in said
    cars.page.goto(f"{site.address}cases?show=closed&state=concluded")
    expect(cars.page.locator("#queue a.open")).to_have_text(ticket.number)


def test_a_case_is_returned_once_answered_transferred_and_concluded_by_the_other_center(site: ConsoleSite, enters: Enters) -> None:
    ticket = site.house.filed()
    cars, optics = enters("cars"), enters("optics")
    cars.opens(ticket)
    cars.fills("returned", {"missing": "展位照片"})
    expect(cars.page.locator("#returned-complete-fault")).to_have_text("请核对后打勾。")
    expect(cars.page.locator("#returned-missing")).to_have_value("展位照片")
    cars.does(ticket, "returned", complete="1")
    expect(cars.page.locator(".log li").last).to_contain_text("展位照片")
    expect(cars.page.locator("[aria-labelledby=clocks]")).to_contain_text("补正材料")
    expect(cars.page.locator(".row.head .urgency")).to_have_text("等当事人补正")
    cars.does(ticket, "supplemented", text="当面补了照片")
    expect(cars.page.locator("#do-returned")).to_have_count(0)
    cars.fills("transferred", {"receiver": "subcenter-2", "reason": "展品是光电产品"})
    expect(cars.page).to_have_url(f"{site.address}cases")  # it is none of his any more
    expect(cars.page.locator("#queue a.open")).to_have_count(0)
    cars.page.goto(f"{site.address}cases/{ticket.number}")
    expect(cars.page.locator("main")).to_contain_text("没有这个页面，或者它不在您的权限范围内")
    optics.opens(ticket)
    expect(optics.page.locator(".log")).to_contain_text("展品是光电产品")
    optics.does(ticket, "accepted")
    optics.does(ticket, "started")
    optics.does(ticket, "concluded", outcome="对方当场撤下展品")
    assert optics.kinds(ticket)[2:] == ["returned", "supplemented", "transferred", "accepted", "started", "concluded"]


def test_a_duplicate_is_merged_into_the_case_that_goes_on(site: ConsoleSite, enters: Enters) -> None:
    ticket, again = site.house.filed(), site.house.filed()
    clerk = enters("clerk")
    clerk.opens(again)
    expect(clerk.page.locator("[aria-labelledby=alike] a")).to_have_text(ticket.number)
    clerk.fills("merged", {"into": again.number})
    expect(clerk.page.locator("#merged-into-fault")).to_have_text("不能并到自己。")
    clerk.does(again, "merged", into=ticket.number, reason="同一个人报了两次")
    clerk.opens(ticket)
    assert clerk.kinds(ticket)[-1] == "joined"
    expect(clerk.page.locator(".log")).to_contain_text(again.number)
    clerk.page.goto(f"{site.address}cases")
    expect(clerk.page.locator("#queue a.open")).to_have_text(ticket.number)


def test_a_case_is_not_accepted_reopened_and_withdrawn(site: ConsoleSite, enters: Enters) -> None:
    ticket = site.house.filed("aid_application", place="朝阳区")
    chief = enters("chief")
    chief.opens(ticket)
    chief.does(ticket, "not_accepted", reason="请向市场监管部门投诉")
    chief.does(ticket, "reopened", reason="当事人补充了新情况")
    chief.does(ticket, "withdrawn", reason="当事人来电话说不办了")
    assert chief.kinds(ticket)[-3:] == ["not_accepted", "reopened", "withdrawn"]


def tab_to(page: Page, goal: Locator) -> None:
    """Press Tab until the goal has the focus, as one does who has no mouse."""
    goal.wait_for()
    for _step in range(MOST_TABS):
        if goal.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail("the keyboard does not come to it")


def test_a_filter_is_opened_and_a_case_found_opened_and_accepted_by_keys_alone(site: ConsoleSite, enters: Enters) -> None:
    wanted, other = site.house.filed("aid_application", place="朝阳区"), site.house.filed()
    page = enters("chief").page
    page.goto(f"{site.address}cases")
    keys = page.keyboard
    tab_to(page, page.locator(".filters summary"))
    keys.press("Enter")
    tab_to(page, page.locator("input[name=kind][value=aid_application]"))
    keys.press("Space")
    keys.press("Enter")
    expect(page).to_have_url(re.compile("kind=aid_application"))
    expect(page.locator("#queue a.open")).to_have_text(wanted.number)
    keys.press("j")
    expect(page.locator("#queue a.open")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("h1")).to_contain_text(wanted.number)
    tab_to(page, page.locator("#do-accepted summary"))
    keys.press("Enter")
    tab_to(page, page.locator("#accepted-text"))
    keys.insert_text("材料齐了")
    tab_to(page, page.locator("#do-accepted button.main"))
    keys.press("Enter")
    expect(page.locator(".log li").last).to_contain_text("材料齐了")
    log = site.desk.office.log
    assert ([event.kind for event in log.events(wanted)][-1], [event.kind for event in log.events(other)][-1]) == ("accepted", "routed")


def test_the_walks_take_every_action_of_the_desk() -> None:
    """An action that the desk gets is walked too: this file names each."""
    events = {event for row in TRANSITIONS.values() for event in row} - NOT_OF_THE_DESK
    told = Path(__file__).read_text("utf-8")
    assert {event for event in events if f'"{event}"' in told.split("Enters = ", 1)[1]} == events

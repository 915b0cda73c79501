"""Every page of the workbench over demonstration data: axe finds nothing, light and dark; on paper there is the whole and no form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import pypdfium2
import pytest
from console_site import ConsoleSite, demonstration
from playwright.sync_api import Browser, Page, expect
from test_console_knowledge import ALL, ENTRY, SHORT, explained, gaps
from test_pages_axe import faults

from aid.cases.life import State
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.rights import Editor
from aid.knowledge_desk.search_server import SearchServer
from aid.people.sights import Reason, Subject
from aid.takeover.staff import Staff
from tests.console.cases import photo
from tests.console.test_permissions import ROUTES
from tests.desk.house import SUPERVISOR

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.timeout(600)]
LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WAYS: dict[State, tuple[str, ...]] = {
    "received": ("contacted",),
    "returned": ("returned",),
    "accepted": ("accepted",),
    "referred": ("referred",),
    "in_progress": ("accepted", "started", "session"),
    "mediated": ("accepted", "started", "session", "mediated"),
    "concluded": ("accepted", "started", "concluded"),
    "withdrawn": ("withdrawn",),
    "not_accepted": ("not_accepted",),
}
NO_PAGES = {
    "/health": "says ok to the watcher",
    "/healthz": "says ok to the watcher",
    "/readyz": "says ok to the operator",
    "/": "leads to the first place",
    "/cases/news": "a stream",
    "/talks/news": "a stream",
    "/talks/{id}/stream": "a stream",
    "/talks/list": "a piece of the page of talks",
    "/talks/{id}/lines": "a piece of the page of a talk",
    "/cases/{number}/files/{file}/preview": "a picture",
    "/reports/xlsx": "a file",
    "/reports/docx": "a file",
    "/reports/bulletin/docx": "a file",
}
ELSEWHERE = {
    "/sign-in": "test_console.py: nobody who is signed in sees it",
    "/second": "test_console.py: between the password and the workbench",
}


@dataclass
class Demonstration:
    """A workbench where everything has happened, and where each page is. ``pages``: by the route, addresses that show it in its states."""

    site: ConsoleSite
    cases: dict[str, str] = field(default_factory=dict)
    pages: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SearchServer, "gaps", gaps)
        patch.setattr(SearchServer, "explain", explained)
        shown = Demonstration(demonstration(tmp_path_factory.mktemp("demonstration"), 60))
        shown.site.staff("li", "handler@main", shown="李强")
        shown.site.staff("zhao", "supervisor@*", "administrator@*", shown="赵敏")
        happened(shown)
        yield shown
        shown.site.close()


def happened(shown: Demonstration) -> None:
    """Cases in every state, talks that wait and that are somebody's, an entry that waits for its approval, a sight in the log."""
    house, desk = shown.site.house, shown.site.desk
    for state, events in WAYS.items():
        ticket = house.filed()
        if state == "in_progress":
            photo(house, ticket)
        house.does(ticket, *events)
        shown.cases[state] = ticket.number
    merged, into = house.filed(), house.filed()
    house.office.log.add(merged, "merged", SUPERVISOR, {"into": into.number})
    shown.cases |= {"merged": merged.number, "joined": into.number}
    waiting, taken = (house.messages.open_conversation("web").id for _ in range(2))
    for conversation in (waiting, taken):
        house.messages.add_inbound(conversation, f"said-{conversation}", "转人工，我的电话是13900007001")
        desk.service.attendance.here("zhao")
        desk.service.waiting.ask(conversation)
    zhao = desk.accounts.named("zhao")
    desk.service.takeovers.take(taken, Staff("zhao", "main"))
    desk.service.takeovers.say(taken, Staff("zhao", "main"), "您好，请讲。")
    knowledge = KnowledgeDesk(desk.store, KnowledgeFolder.of(desk.settings), desk.clock)
    content = knowledge.folder.content(ENTRY)
    assert content is not None
    proposal = knowledge.propose(Editor("li", ALL), {**content, "short": SHORT}, "说得更直白").id
    desk.sights.note(desk.accounts.named("li"), "handler", "seen", Subject("t", "CC-2026-000017", "main"), ["name"], Reason("own", "核对材料"))
    shown.pages = {
        "/account": ["account"],
        "/password": ["password"],
        "/talks": ["talks"],
        "/talks/{id}": [f"talks/{waiting}", f"talks/{taken}"],
        "/people": ["people"],
        "/people/{id}": [f"people/{zhao.id}"],
        "/log": ["log"],
        "/log/accounts": ["log/accounts"],
        "/cases": ["cases", "cases?show=all&words=车灯&state=returned", "cases?words=nothing", "cases?figure=received&since=2026-11-01&until=2026-11-30"],
        "/cases/{number}": [f"cases/{number}" for number in shown.cases.values()],
        "/knowledge": ["knowledge?q=商标"],
        "/knowledge/entries/{id}": [f"knowledge/entries/{ENTRY}"],
        "/knowledge/unanswered": ["knowledge/unanswered"],
        "/knowledge/quality": ["knowledge/quality"],
        "/knowledge/old": ["knowledge/old?months=1"],
        "/knowledge/try": ["knowledge/try"],
        "/knowledge/proposals/{id}": [f"knowledge/proposals/{proposal}"],
        "/knowledge/new": ["knowledge/new"],
        "/knowledge/entries/{id}/edit": [f"knowledge/entries/{ENTRY}/edit"],
        "/knowledge/proposals/{id}/edit": [],  # for who wrote it: below
        "/reports": ["reports?what=year&year=2026", "reports?what=event&expo=automobile", "reports?what=day&day=1999-01-01"],
        "/reports/bulletin": ["reports/bulletin?expo=automobile&day=2026-07-17"],
    }
    shown.pages["of li"] = [f"knowledge/proposals/{proposal}/edit", "knowledge", "cases", "account"]


@pytest.fixture(params=["zhao", "li"])
def page(request: pytest.FixtureRequest, browser: Browser, shown: Demonstration) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai", bypass_csp=True)
    page = shown.site.signed_in(context, request.param)
    page.set_default_timeout(60_000)
    yield page
    context.close()


def test_the_table_of_routes_and_these_pages_are_the_same(shown: Demonstration) -> None:
    routes = {path for method, path in ROUTES if method == "GET"}
    assert routes == {*shown.pages, *NO_PAGES, *ELSEWHERE} - {"of li"}


@pytest.mark.parametrize("page", ["zhao"], indirect=True)
def test_axe_finds_nothing_on_any_page_light_or_dark(shown: Demonstration, page: Page) -> None:
    found = axe(shown, page, [address for key, addresses in shown.pages.items() if key != "of li" for address in addresses])
    assert found == {}


@pytest.mark.parametrize("page", ["li"], indirect=True)
def test_axe_finds_nothing_on_the_pages_of_who_wrote_a_proposal(shown: Demonstration, page: Page) -> None:
    assert axe(shown, page, shown.pages["of li"]) == {}


def axe(shown: Demonstration, page: Page, addresses: list[str]) -> dict[str, list[str]]:
    """What axe finds at each address, every fold of it open."""
    found = {}
    for address in addresses:
        page.goto(f"{shown.site.address}{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true })")
        for look in LOOKS:
            page.emulate_media(color_scheme=look)
            if faulty := faults(page):
                found[f"{address} {look}"] = faulty
    return found


NO_FORMS = "nav:visible, form:visible, button:visible, input:visible, select:visible, textarea:visible, .noprint:visible"


def paper(page: Page) -> str:
    """The words of the printed page, as a reader of PDF finds them, without blanks."""
    document = pypdfium2.PdfDocument(page.pdf(format="A4"))
    return re.sub(r"\s+", "", "".join(sheet.get_textpage().get_text_range() for sheet in document))


def said(page: Page, what: str) -> list[str]:
    """The words of each of these on the page, without blanks."""
    return [told for text in page.locator(what).all_text_contents() if (told := re.sub(r"\s+", "", text))]


@pytest.mark.parametrize("page", ["zhao"], indirect=True)
def test_a_case_on_paper_is_whole_and_has_no_forms(shown: Demonstration, page: Page) -> None:
    page.goto(f"{shown.site.address}cases/{shown.cases['in_progress']}")
    parts = partial(said, page)
    wanted = [*parts("h1"), *parts("dl dd"), *parts(".log li b"), *parts("[aria-labelledby=clocks] td"), *parts(".talk li b"), *parts("main h2")]
    assert len(parts(".talk li")) > 2
    wanted.remove("可以做的")
    page.emulate_media(media="print")
    assert page.locator(NO_FORMS).count() == 0
    for place in page.locator(".talk li, .log li, dl dd").all():
        expect(place).to_be_visible()
    printed = paper(page)
    assert [told for told in wanted if told not in printed] == []
    assert "我要投诉" in printed


@pytest.mark.parametrize("page", ["zhao"], indirect=True)
def test_a_report_on_paper_is_whole_and_has_no_forms(shown: Demonstration, page: Page) -> None:
    page.goto(f"{shown.site.address}reports?what=year&year=2026")
    wanted = [told for what in ("h1", "h2", ".sentence", "tbody th", "tbody td.number", ".onlyprint p b") for told in said(page, what)]
    page.emulate_media(media="print")
    assert page.locator(NO_FORMS).count() == 0
    expect(page.locator(".chart svg").first).to_be_visible()
    expect(page.locator(".onlyprint")).to_be_visible()
    printed = paper(page)
    assert [told for told in wanted if told not in printed] == []
    assert "演示数据" in printed


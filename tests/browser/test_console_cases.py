"""The queue and a case in a real browser: the keyboard alone, news without reload, two people on one case, ready-made words, axe, print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_site import ConsoleSite
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_pages_axe import faults

from console.routes import cases
from tests.console.cases import photo

pytestmark = [pytest.mark.browser, pytest.mark.looks]


@pytest.fixture
def workbench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ConsoleSite]:
    monkeypatch.setattr(cases, "NEWS_SECONDS", 0.2)
    site = ConsoleSite(tmp_path / "var")
    site.staff("cars", "handler@subcenter-1")
    site.staff("chief", "supervisor@*")
    yield site
    site.close()


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    made = [browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True) for _ in range(2)]
    yield made
    for context in made:
        context.close()


FITS = "document.documentElement.scrollWidth <= innerWidth"


def complaints_of(page: Page) -> list[str]:
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_a_new_case_announces_itself_without_reload_and_counts_in_the_title(workbench: ConsoleSite, contexts: list[BrowserContext]) -> None:
    page = workbench.signed_in(contexts[0], "cars")
    complaints = complaints_of(page)
    page.goto(f"{workbench.address}cases")
    expect(page.locator("#fresh")).to_be_hidden()
    ticket = workbench.house.filed(leaves_on="2026-11-24")
    expect(page.locator("#fresh")).to_contain_text("有新的案件")
    expect(page).to_have_title(re.compile(r"^\(2\) 案件"))
    expect(page.locator("#tally-leaving")).to_have_text("1")
    page.locator("#fresh a").click()
    expect(page.locator("#queue a.open")).to_have_text(ticket.number)
    assert complaints == []


def test_the_keyboard_alone_works_the_queue(workbench: ConsoleSite, contexts: list[BrowserContext]) -> None:
    tickets = [workbench.house.filed() for _ in range(3)]
    page = workbench.signed_in(contexts[0], "cars")
    page.goto(f"{workbench.address}cases")
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    keys.press("j")
    keys.press("k")
    expect(page.locator("#queue a.open").nth(1)).to_be_focused()
    keys.press("/")
    expect(page.locator("#words")).to_be_focused()
    keys.type("jk")
    expect(page.locator("#words")).to_have_value("jk")
    page.locator("#words").fill(tickets[2].number[-3:])
    keys.press("Enter")
    expect(page.locator("#queue a.open")).to_have_count(1)
    keys.press("j")
    keys.press("Enter")
    expect(page.locator("h1")).to_contain_text(tickets[2].number)
    page.locator("#do-accepted summary").focus()
    keys.press("Enter")
    page.locator("#do-accepted button.main").focus()
    keys.press("Enter")
    expect(page.locator(".log")).to_contain_text("受理")
    assert [event.kind for event in workbench.desk.office.log.events(tickets[2])][-1] == "accepted"


def test_two_people_are_told_of_each_other_and_the_slower_one_loses_nothing(workbench: ConsoleSite, contexts: list[BrowserContext]) -> None:
    ticket = workbench.house.filed()
    slow, fast = workbench.signed_in(contexts[0], "cars"), workbench.signed_in(contexts[1], "chief")
    slow.goto(f"{workbench.address}cases/{ticket.number}")
    expect(slow.locator("#here")).to_be_attached()
    slow.wait_for_timeout(500)  # its first beat
    fast.goto(f"{workbench.address}cases/{ticket.number}")
    expect(fast.locator("#here")).to_contain_text("Cars 也开着这件案子")
    slow.locator("#do-not_accepted summary").click()
    slow.locator("#do-not_accepted button[data-into]").first.click()
    field = slow.locator("#not_accepted-reason")
    expect(field).to_have_value(re.compile("12345"))
    field.fill("写了很久的理由")
    fast.locator("#do-contacted summary").click()
    fast.locator("#contacted-way").select_option("电话")
    fast.locator("#contacted-text").fill("已经联系过")
    fast.locator("#do-contacted button.main").click()
    expect(fast.locator(".log")).to_contain_text("已经联系过")
    slow.locator("#do-not_accepted button.main").click()
    expect(slow.locator("#refused")).to_contain_text("已经有了变动")
    expect(slow.locator("#refused")).to_contain_text("已经联系过")
    expect(slow.locator("#not_accepted-reason")).to_have_value("写了很久的理由")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_queue_and_the_case(workbench: ConsoleSite, browser: Browser, scheme: str) -> None:
    house = workbench.house
    ticket = house.filed(leaves_on="2026-11-24")
    photo(house, ticket)
    house.does(house.filed("aid_application"), "returned")
    house.later(days=3)
    house.filed()
    for width in (1280, 400):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
        page = workbench.signed_in(context, "chief")
        page.goto(f"{workbench.address}cases?show=all&kind=expo_complaint&kind=aid_application")
        assert faults(page) == []
        assert page.evaluate(FITS), width
        page.goto(f"{workbench.address}cases/{ticket.number}")
        assert page.evaluate(FITS), width
        page.evaluate("document.querySelectorAll('details').forEach((node) => { node.open = true })")
        assert faults(page) == []
        page.locator("section[aria-labelledby=parties] select[name=reason]").select_option("verify")
        page.locator("section[aria-labelledby=parties] button").click()
        expect(page.locator(".evidence img")).to_be_visible()
        page.wait_for_function("document.querySelector('.evidence img').naturalWidth > 0")
        assert faults(page) == []
        context.close()


def test_a_case_prints_without_forms_and_with_its_log(workbench: ConsoleSite, contexts: list[BrowserContext]) -> None:
    ticket = workbench.house.filed()
    page = workbench.signed_in(contexts[0], "cars")
    page.goto(f"{workbench.address}cases/{ticket.number}")
    page.emulate_media(media="print")
    expect(page.locator("#do-accepted")).to_be_hidden()
    expect(page.locator("nav").first).to_be_hidden()
    expect(page.locator(".log")).to_be_visible()
    assert page.pdf()[:4] == b"%PDF"

"""axe finds nothing in any state of the plain pages: light, dark and 大字. Scripts are on for axe alone; the pages have none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from chat_site import ROOT, Site
from playwright.sync_api import Browser, Page, expect
from test_pages import Plain, plain_in

from tests.channels.tickets import filed

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [pytest.mark.browser, pytest.mark.looks]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
DRAWN = """(node) => {
    const text = document.querySelector(node.target[0]);
    if (text.localName !== 'text') return false;
    const box = text.getBoundingClientRect();
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const lies = ({left, right, top, bottom}) => left < box.right && right > box.left && top < box.bottom && bottom > box.top;
    const painted = [...text.ownerSVGElement.querySelectorAll('rect, circle, path, polygon')].filter((shape) => !shape.closest('defs'));
    if (painted.some((shape) => lies(shape.getBoundingClientRect()))) return false;
    let ground = text.parentElement;
    while (ground && (parts(getComputedStyle(ground).backgroundColor)[3] ?? 1) < 1) ground = ground.parentElement;
    const light = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    if (!ground) return false;
    const [low, high] = [light(getComputedStyle(text).fill), light(getComputedStyle(ground).backgroundColor)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05) >= 4.5;
}"""
"""Whether a word in a chart has contrast enough: axe looks no further than the SVG around it. One that lies over a shape counts as faulty."""
RUN = """(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations', 'incomplete']}).then(({violations, incomplete}) => {
    const drawn = DRAWN;
    const unsure = incomplete.filter((rule) => rule.id === 'color-contrast');
    unsure.forEach((rule) => { rule.nodes = rule.nodes.filter((node) => !drawn(node)); });
    return [...violations, ...unsure].flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
})""".replace("DRAWN", DRAWN)
LOOKS: dict[str, tuple[Literal["light", "dark"], bool]] = {"light": ("light", False), "dark": ("dark", False), "large": ("light", True)}


def told(name: str) -> Callable[[Plain], None]:
    def state(seen: Plain) -> None:
        seen.page.goto(f"{seen.site.address}{name}")

    return state


def all_cards(seen: Plain) -> None:
    for text in ("外观", "展位", "坏话", "编号", "进度", "不清楚", "核对"):
        seen.say(text)
    for node in seen.page.locator("details").all():
        node.evaluate("node => node.open = true")


def open_question(seen: Plain) -> None:
    seen.say("展位")


def rated(seen: Plain) -> None:
    seen.say("外观")
    seen.page.get_by_role("button", name="没解决").click()


def nothing_said(seen: Plain) -> None:
    seen.say("甲")
    seen.page.get_by_role("button", name="发送").click()
    expect(seen.page.get_by_role("alert")).to_be_visible()


def ended(seen: Plain) -> None:
    seen.say("甲")
    seen.page.get_by_text("结束对话，或者开始新的对话").click()
    seen.page.get_by_role("button", name="结束对话").click()
    expect(seen.page.get_by_text("这次对话已经结束了")).to_be_visible()


def photo(seen: Plain) -> None:
    from tests.evidence.made import picture

    seen.page.get_by_text("发照片或文件").click()
    seen.page.get_by_label("选一个文件").set_input_files({"name": "摊位.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    seen.page.get_by_role("button", name="发这个文件").click()
    expect(seen.page.locator("img.preview")).to_be_visible()


def not_found(seen: Plain) -> None:
    seen.page.goto(seen.site.address + "lookup")
    seen.page.get_by_label("受理编号").fill("CC-2026-999999")
    seen.page.get_by_label("查询码").fill("WRONG234")
    seen.page.get_by_role("button", name="查询").click()
    expect(seen.page.get_by_role("alert")).to_be_visible()


def found(seen: Plain) -> None:
    [ticket] = filed(seen.site.settings.var_dir.parent)
    seen.page.goto(f"{seen.site.address}lookup?number={ticket.number}")
    seen.page.get_by_label("查询码").fill(ticket.lookup_code)
    seen.page.get_by_role("button", name="查询").click()
    expect(seen.page.locator(".card.status")).to_contain_text(ticket.number)
    seen.shot("lookup-found")


def refused(seen: Plain) -> None:
    seen.page.goto(seen.site.address + "talk-file?id=nothing")
    expect(seen.page.get_by_role("alert")).to_be_visible()


STATES = {
    "talk": told("talk"),
    "lookup": told("lookup"),
    "centers": told("centers"),
    "privacy": told("privacy"),
    "accessibility": told("accessibility"),
    **{state.__name__: state for state in (all_cards, open_question, rated, nothing_said, ended, photo, not_found, found, refused)},
}


@pytest.fixture(params=LOOKS)
def seen(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Plain]:
    scheme, large = LOOKS[request.param]
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True)
    plain = plain_in(context, site)
    plain.page.goto(f"{site.address}talk?large={int(large)}")
    yield plain
    context.close()


def faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN, TAGS)
    return found


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(seen: Plain, state: str) -> None:
    STATES[state](seen)
    expect(seen.page).to_have_title(re.compile("小援"))
    assert faults(seen.page) == []


def test_axe_sees_a_fault_where_there_is_one(seen: Plain) -> None:
    seen.page.locator("#say").evaluate("node => node.labels[0].remove()")
    seen.page.locator("#say").evaluate("node => node.removeAttribute('placeholder')")
    assert any(fault.startswith("label") for fault in faults(seen.page))

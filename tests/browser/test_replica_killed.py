"""One of two replicas is killed in the middle of a complaint, and who sits before the page does not notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_site import REPLICAS
from playwright.sync_api import Browser, Page, expect

from tests.replicas.doors import House
from tests.replicas.test_killed import STEPS, house

__all__ = ["house"]
pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]


SHOWN = """() => {
    window.lost = 0;
    setInterval(() => { const sign = document.querySelector('.lost'); if (sign && !sign.hidden) window.lost += 1; }, 20);
}"""


def conversation_of(page: Page) -> str:
    """The conversation that the page holds, once it has begun one."""
    while not (found := page.evaluate("JSON.parse(localStorage.getItem('aid.session') ?? '{}')?.conversation")):
        page.wait_for_timeout(20)
    return str(found)


@pytest.mark.browser
@pytest.mark.skipif(not REPLICAS, reason="of the step with two replicas")
def test_in_a_browser_the_killing_of_a_replica_in_the_middle_of_a_complaint_is_not_seen(
    house: House, browser: Browser, built_page: Path
) -> None:
    house.revive()
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(45_000)
    page.goto(house.address)
    page.evaluate(SHOWN)
    for number, words in enumerate(STEPS, 1):
        page.locator("#say").fill(words)
        page.locator("#say").press("Enter")
        expect(page.locator(".item.said")).to_have_count(number)
        conversation = conversation_of(page)
        taker = house.taker(conversation, number)
        if number in (1, 4, len(STEPS)):
            house.replicas[taker].kill()
        expect(page.locator(".item.reply").nth(number - 1)).to_be_visible(timeout=45_000)
        expect(page.locator(".typing")).to_be_hidden(timeout=45_000)
        house.revive()
    expect(page.locator(".card.receipt")).to_be_visible(timeout=45_000)
    [ticket] = house.tickets(conversation)
    assert ticket.parties == {"name": "王强", "phone": "13900007012"}
    assert page.locator(".card.receipt dl.big dd").first.inner_text() == ticket.number
    assert page.evaluate("window.lost") == 0
    assert complaints == []
    context.close()

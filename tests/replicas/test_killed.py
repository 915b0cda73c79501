"""Two real replicas behind nginx with one Rasa and one action server; one replica is killed at each step of a complaint, and nobody notices.

The client is plainer than any page: it sends everything once, and every answer must be a good one (``tests.replicas.doors``).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from aid.cli.ask import free_ports
from aid.cli.processes import processes
from aid.cli.serve import prepare
from aid.cli.supervisor import Supervisor
from aid.cli.ticket import office
from aid.cli.train import train
from aid.settings import Settings
from tests.browser.chat_site import REPLICAS, browser, built_page
from tests.postgres import ENGINE
from tests.replicas.doors import House, Plain, two_replicas
from tests.servers import NoServer

__all__ = ["browser", "built_page"]
pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]
log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var = tmp_path_factory.mktemp("replicas")
    rasa, actions, *doors = free_ports(4)
    settings = Settings(var_dir=var, rasa_port=rasa, actions_port=actions, port=doors[0])
    model = train(settings, print)
    prepare(settings)
    behind = Supervisor([one for one in processes(settings, model) if one.name != "doors"], var / "log", print)
    try:
        behind.start()
        with two_replicas(settings, doors) as made:
            behind.wait_until_well(120)
            for replica in made.replicas.values():
                replica.wait_until_well()
            yield made
    except NoServer as fault:
        pytest.skip(str(fault))
    finally:
        behind.stop()


STEPS = ["我要投诉光博会A1馆B12仿冒我的车灯外观专利", "跳过", "跳过", "跳过", "同意", "王强", "13900007012", "确认"]


def test_the_replica_that_took_the_message_is_killed_at_each_step_and_one_whole_ticket_is_filed(house: House) -> None:
    with Plain(house) as person:
        for words in STEPS:
            person.tell(words)
            house.replicas[person.taker].kill()
            seen = person.all_of_it()
            house.revive()
        said, replies = seen["said"], seen["replies"]
        assert [one["text"] for one in said] == STEPS
        assert [reply["number"] for reply in replies] == list(range(1, len(replies) + 1))
        answered = list(dict.fromkeys(reply["inbound_id"] for reply in replies))
        assert answered == [one["inbound_id"] for one in said]
        cards = [reply["card"] for reply in replies if (reply["card"] or {}).get("kind") == "receipt"]
        [ticket] = house.tickets(person.conversation)
        assert [card["number"] for card in cards] == [ticket.number]
        assert ticket.facts["booth"] == "A1馆B12"
        assert ticket.parties == {"name": "王强", "phone": "13900007012"}
        assert max(person.waits) < 30, person.waits
        log.info("%s: answers after %s s", ENGINE, ", ".join(f"{wait:.1f}" for wait in person.waits))


def test_the_replica_that_did_not_take_the_message_is_killed_and_started_again_and_the_turn_is_not_run_twice(house: House) -> None:
    with Plain(house) as person:
        for words in STEPS[:2]:
            person.tell(words)
            other = "b" if person.taker == "a" else "a"
            house.replicas[other].kill()
            house.revive()
            person.all_of_it()
        with office(house.settings) as desk:
            assert desk.drafts.current(person.conversation) is not None


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

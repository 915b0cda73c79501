"""Two real replicas behind nginx with one Rasa and one action server; one replica is killed at each step of a complaint, and nobody notices.

The client is plainer than any page: it sends everything once, and every answer must be a good one.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from aid.cases.ticket import Ticket
from aid.cli.ask import free_ports
from aid.cli.processes import Process, processes
from aid.cli.serve import prepare
from aid.cli.supervisor import Supervisor
from aid.cli.ticket import office
from aid.cli.train import train
from aid.settings import PROJECT, Settings
from tests.browser.chat_site import REPLICAS, browser, built_page
from tests.postgres import ENGINE
from tests.servers import NoServer, Running, running_nginx, running_redis

__all__ = ["browser", "built_page"]
pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]
WELL_SECONDS = 60.0
log = logging.getLogger(__name__)


@dataclass
class Replica:
    """One door as a process of its own, which the test may kill and start again."""

    process: Process
    log: Path
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, **self.process.environment}
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self.process.command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_well(self) -> None:
        end = time.monotonic() + WELL_SECONDS
        while time.monotonic() < end:
            try:
                if httpx.get(self.process.health, timeout=2, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"a replica did not come up: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        assert self.child
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def end(self) -> None:
        if self.child and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass
class House:
    settings: Settings
    proxy: Running
    replicas: dict[str, Replica] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}/assist/"

    def revive(self) -> None:
        """Start whoever is dead, and let nginx try it again."""
        for replica in self.replicas.values():
            if replica.child is None or replica.child.poll() is not None:
                replica.start()
                replica.wait_until_well()
                time.sleep(2.1)

    def tickets(self, conversation: str) -> list[Ticket]:
        with office(self.settings) as desk:
            return desk.tickets.of(conversation)

    def last_asked(self, words: str) -> str:
        """Who answered the newest request in whose line these words stand."""
        lines = [line for line in (self.proxy.folder / "access.log").read_text("utf-8").splitlines() if words in line]
        port = int(lines[-1].split("|")[0].split(", ")[-1].rpartition(":")[2])
        return next(name for name, replica in self.replicas.items() if replica.process.port == port)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var = tmp_path_factory.mktemp("replicas")
    rasa, actions, *doors = free_ports(4)
    with ExitStack() as stack:
        try:
            proxy, redis = stack.enter_context(running_nginx(doors)), stack.enter_context(running_redis())
        except NoServer as fault:
            pytest.skip(str(fault))
        settings = Settings(var_dir=var, rasa_port=rasa, actions_port=actions, port=doors[0], redis=f"redis://127.0.0.1:{redis.port}/0")
        model = train(settings, print)
        prepare(settings)
        behind = Supervisor([one for one in processes(settings, model) if one.name != "doors"], var / "log", print)
        stack.callback(behind.stop)
        behind.start()
        made = House(settings, proxy)
        for name, port in zip("ab", doors, strict=True):
            own = settings.model_copy(update={"port": port, "replica": name})
            made.replicas[name] = Replica(processes(own, model)[-1], var / "log" / f"{name}.log")
            stack.callback(made.replicas[name].end)
            made.replicas[name].start()
        behind.wait_until_well(120)
        for replica in made.replicas.values():
            replica.wait_until_well()
        yield made


class Plain:
    """Sends everything once and takes nothing but good answers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.http = httpx.Client(base_url=house.address, timeout=40, trust_env=False)
        opened = self.good(self.http.post("v1/conversations", json={"door": "web"}))
        self.conversation, self.headers = opened["conversation"], {"Authorization": f"Bearer {opened['token']}"}
        self.path = f"v1/conversations/{self.conversation}/messages"
        self.sent: list[str] = []
        self.taker = ""
        self.waits: list[float] = []

    def good(self, response: httpx.Response) -> dict[str, Any]:
        assert response.status_code < 300, response.text
        self.taker = response.headers["X-Aid-Replica"]
        found: dict[str, Any] = response.json()
        return found

    def tell(self, text: str) -> None:
        """Send, and give nothing for an answer yet."""
        self.sent.append(text)
        self.good(self.http.post(self.path, json={"client_id": f"step-{len(self.sent):04}", "text": text}, headers=self.headers))

    def all_of_it(self) -> dict[str, Any]:
        """Both sides, once nothing is pending."""
        begun = time.monotonic()
        while (seen := self.good(self.http.get(self.path, headers=self.headers)))["pending"]:
            assert time.monotonic() - begun < 60, "no answer"
            time.sleep(0.05)
        self.waits.append(time.monotonic() - begun)
        return seen


STEPS = ["我要投诉光博会A1馆B12仿冒我的车灯外观专利", "跳过", "跳过", "跳过", "同意", "王强", "13900007012", "确认"]


def test_the_replica_that_took_the_message_is_killed_at_each_step_and_one_whole_ticket_is_filed(house: House) -> None:
    person = Plain(house)
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
    person = Plain(house)
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
        expect(page.locator(".said .state").last).not_to_have_text("等待发送")
        if number in (1, 4, len(STEPS)):
            conversation = page.evaluate("JSON.parse(localStorage.getItem('aid.session')).conversation")
            house.replicas[house.last_asked(f"POST /assist/v1/conversations/{conversation}/messages")].kill()
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

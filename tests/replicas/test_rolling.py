"""Two real Rasa servers, two action servers, two doors: each is restarted in turn while people file complaints. Nothing is lost, nothing doubled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from aid.cli.ask import free_ports
from aid.cli.processes import processes
from aid.cli.serve import prepare
from aid.cli.train import train
from aid.settings import Settings
from tests.postgres import ENGINE, Server
from tests.replicas.doors import House, Plain, Replica, two_replicas
from tests.replicas.test_killed import STEPS
from tests.servers import NoServer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
log = logging.getLogger(__name__)
RASA_SECONDS = 180.0


@dataclass
class Fleet:
    """``behind``: rasa-a, rasa-b, actions-a, actions-b. ``trackers``: the database that the Rasa servers share."""

    house: House
    behind: dict[str, Replica]
    trackers: str


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], str], postgresql: Server) -> Iterator[Fleet]:
    var = tmp_path_factory.mktemp("rolling")
    trackers = postgresql.address(postgresql.empty())
    ports = free_ports(6)
    settings = Settings(
        var_dir=var,
        database_url=own_database(),
        rasa_addresses=",".join(f"http://127.0.0.1:{port}" for port in ports[:2]),
        actions_addresses=",".join(f"http://127.0.0.1:{port}" for port in ports[2:4]),
        rasa_trackers=trackers,
    )
    model = train(settings, print)
    prepare(settings)
    (var / "log").mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        behind = {}
        for index, name in enumerate("ab"):
            own = settings.model_copy(update={"rasa_port": ports[index], "actions_port": ports[2 + index]})
            for process in processes(own, model)[:2]:
                made = Replica(process, var / "log" / f"{process.name}-{name}.log")
                behind[f"{process.name}-{name}"] = made
                stack.callback(made.end)
                made.start()
        try:
            house = stack.enter_context(two_replicas(settings, ports[4:]))
        except NoServer as fault:
            pytest.skip(str(fault))
        for replica in [*behind.values(), *house.replicas.values()]:
            replica.wait_until_well(RASA_SECONDS)
        yield Fleet(house, behind, trackers)


def whole_complaint(house: House) -> tuple[Plain, dict[str, Any]]:
    """One person's talk from the wish to the receipt; each message is sent once."""
    with Plain(house) as person:
        for words in STEPS:
            person.tell(words)
            seen = person.all_of_it()
        return person, seen


def until(house: House, over: threading.Event) -> list[tuple[Plain, dict[str, Any]]]:
    talks = []
    while not over.is_set():
        talks.append(whole_complaint(house))
    return talks


def hold_to_account(house: House, person: Plain, seen: dict[str, Any]) -> None:
    said, replies = seen["said"], seen["replies"]
    assert [one["text"] for one in said] == STEPS
    assert [reply["number"] for reply in replies] == list(range(1, len(replies) + 1))
    assert list(dict.fromkeys(reply["inbound_id"] for reply in replies)) == [one["inbound_id"] for one in said]
    assert not [reply["text"] for reply in replies if "再试一次" in reply["text"]]
    cards = [reply["card"] for reply in replies if (reply["card"] or {}).get("kind") == "receipt"]
    [ticket] = house.tickets(person.conversation)
    assert [card["number"] for card in cards] == [ticket.number]
    assert ticket.parties == {"name": "王强", "phone": "13900007012"}


def test_each_process_is_restarted_in_turn_while_people_file_complaints(fleet: Fleet) -> None:
    over = threading.Event()
    restarted: dict[str, float] = {}
    with ThreadPoolExecutor(3) as people:
        running = [people.submit(until, fleet.house, over) for _ in range(3)]
        try:
            for name, replica in [*fleet.behind.items(), *fleet.house.replicas.items()]:
                time.sleep(3)  # longer than nginx leaves the one before alone
                begun = time.monotonic()
                replica.end()
                replica.start()
                replica.wait_until_well(RASA_SECONDS)
                restarted[name] = round(time.monotonic() - begun, 1)
        finally:
            over.set()
        talks = [talk for one in running for talk in one.result()]
    assert len(talks) >= 3
    for person, seen in talks:
        hold_to_account(fleet.house, person, seen)
    waits = sorted(wait for person, _seen in talks for wait in person.waits)
    assert waits[-1] < 30, waits[-5:]
    log.info("%s: %d complaints, longest wait %.1f s, restarts %s", ENGINE, len(talks), waits[-1], restarted)


def test_a_tracker_lies_in_the_database_that_both_share_and_holds_no_words(fleet: Fleet) -> None:
    person, seen = whole_complaint(fleet.house)
    hold_to_account(fleet.house, person, seen)
    with psycopg.connect(fleet.trackers) as connection:
        rows = [str(row) for row in connection.execute("SELECT name, events FROM rasa_tracker")]
    assert any(person.conversation in row for row in rows)
    assert [row for row in rows if "王强" in row or "13900007012" in row or "B12" in row] == []


def test_a_killed_rasa_and_a_killed_action_server_cost_a_wait_and_no_turn(fleet: Fleet) -> None:
    with Plain(fleet.house) as person:
        for number, words in enumerate(STEPS):
            person.tell(words)
            name = ["rasa-a", "actions-a", "rasa-b", "actions-b"][number % 4]
            fleet.behind[name].kill()
            seen = person.all_of_it()
            fleet.behind[name].start()
            fleet.behind[name].wait_until_well(RASA_SECONDS)
        hold_to_account(fleet.house, person, seen)
        assert max(person.waits) < 30, person.waits

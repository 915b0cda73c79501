"""Two real replicas behind nginx with one Rasa and one action server; one replica is killed at each step of a complaint, and nobody notices.

The client is plainer than any page: it sends everything once, and every answer must be a good one (``tests.replicas.doors``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from aid.cli.ask import free_ports
from aid.cli.processes import processes
from aid.cli.serve import prepare
from aid.cli.supervisor import Supervisor
from aid.cli.ticket import office
from aid.cli.train import train
from aid.settings import Settings
from tests.postgres import ENGINE
from tests.replicas.doors import House, Plain, two_replicas
from tests.servers import NoServer

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]
log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], str]) -> Iterator[House]:
    var = tmp_path_factory.mktemp("replicas")
    rasa, actions, *doors = free_ports(4)
    settings = Settings(var_dir=var, database_url=own_database(), rasa_port=rasa, actions_port=actions, port=doors[0])
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

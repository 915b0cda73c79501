"""Two real doors behind nginx, killed again and again; in Rasa's place somebody who says the same to everybody. test_killed.py has the real one."""

from __future__ import annotations

import http.server
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aid.cli.ask import free_ports
from aid.cli.serve import prepare
from aid.settings import Settings
from aid.store import open_store
from aid.store.engine import Store
from aid.store.leases import Leases
from tests.replicas.doors import House, Plain, two_replicas
from tests.servers import NoServer

pytestmark = pytest.mark.timeout(300)
TURN_SECONDS = 0.4


class Echo(http.server.ThreadingHTTPServer):
    """Rasa's REST channel: answers every message after a while, and knows what it was told."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        self.told: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", port), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Echo

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((said["sender"], said["message"]))
        time.sleep(TURN_SECONDS)
        self._answer([{"text": f"答：{said['message']}"}, {"custom": {"turn": "done"}}])

    def _answer(self, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, OSError):  # who asked was killed
            self.close_connection = True

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def echo_port() -> Iterator[tuple[Echo, int]]:
    [port] = free_ports(1)
    server = Echo(port)
    yield server, port
    server.shutdown()
    server.server_close()


@pytest.fixture
def house(tmp_path: Path, echo_port: tuple[Echo, int]) -> Iterator[House]:
    actions, *doors = free_ports(3)
    address = os.environ.get("AID_DATABASE_URL", "")
    settings = Settings(_env_file=None, var_dir=tmp_path, rasa_port=echo_port[1], actions_port=actions, port=doors[0], database_url=address)
    prepare(settings)
    try:
        with two_replicas(settings, doors) as made:
            for replica in made.replicas.values():
                replica.wait_until_well()
            yield made
    except NoServer as fault:
        pytest.skip(str(fault))


def holds(settings: Settings) -> list[Any]:
    store: Store = open_store(settings)
    try:
        return Leases(store).waiting()
    finally:
        store.close()


def test_a_killed_door_is_never_noticed_by_who_sends_everything_once(house: House, echo_port: tuple[Echo, int]) -> None:
    """Killed: who took the message, at any moment of its turn, three times without a start in between being waited for."""
    chance = random.Random(5)
    with Plain(house) as person:
        for number in range(6):
            person.tell(f"第{number}句")
            time.sleep(chance.random() * TURN_SECONDS)
            house.replicas[person.taker].kill()
            person.tell(f"再说第{number}句")
            seen = person.all_of_it()
            house.revive()
        assert [one["text"] for one in seen["said"]] == person.sent
        assert [reply["text"] for reply in seen["replies"]] == [f"答：{text}" for text in person.sent]
        assert [reply["number"] for reply in seen["replies"]] == list(range(1, 13))
        # Whoever took over began afresh, and no message came before an earlier one.
        order = [text for _sender, text in echo_port[0].told]
        assert list(dict.fromkeys(order)) == person.sent
        assert [order.index(text) for text in person.sent] == sorted(order.index(text) for text in person.sent)
        assert len({sender for sender, _text in echo_port[0].told}) > 1
        assert max(person.waits) < 25, person.waits
        assert holds(house.settings) == []


def test_a_door_that_is_started_again_takes_nothing_from_the_one_that_runs(house: House, echo_port: tuple[Echo, int]) -> None:
    with Plain(house) as person:
        person.tell("甲")
        other = "b" if person.taker == "a" else "a"
        person.all_of_it()
        for number in range(2):
            house.replicas[other].kill()
            house.replicas[other].start()
            person.tell(f"第{number}句")
            person.all_of_it()
        house.revive()
        assert [text for _sender, text in echo_port[0].told] == person.sent
        assert len({sender for sender, _text in echo_port[0].told}) == 1

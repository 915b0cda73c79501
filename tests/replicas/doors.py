"""Doors as processes of their own behind nginx, which a test may kill and start again, and a client plainer than any page."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from aid.cases.ticket import Ticket
from aid.cli.processes import Process, processes
from aid.cli.ticket import office
from aid.settings import PROJECT, Settings
from tests.servers import Running, running_nginx, running_redis

WELL_SECONDS = 60.0


@dataclass
class Replica:
    """One door as a process of its own, which the test may kill and start again."""

    process: Process
    log: Path
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = self.process.surroundings()
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self.process.command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_well(self, seconds: float = WELL_SECONDS) -> None:
        end = time.monotonic() + seconds
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

    def taker(self, conversation: str, count: int) -> str:
        """Who took the conversation's message of this number; waits until nginx has seen it."""
        end = time.monotonic() + 20
        asked: list[str] = []
        while len(asked) < count:
            assert time.monotonic() < end, f"{len(asked)} of {count} messages came"
            time.sleep(0.02)
            lines = (self.proxy.folder / "access.log").read_text("utf-8").splitlines()
            asked = [line for line in lines if f"POST /assist/v1/conversations/{conversation}/messages" in line]
        port = int(asked[count - 1].split("|")[0].split(", ")[-1].rpartition(":")[2])
        return next(name for name, replica in self.replicas.items() if replica.process.port == port)


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

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.http.close()

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


@contextmanager
def two_replicas(settings: Settings, ports: list[int]) -> Iterator[House]:
    """Two doors with these settings but for port and name, a Redis and an nginx; not yet waited for. Raises ``NoServer``."""
    with ExitStack() as stack:
        proxy, redis = stack.enter_context(running_nginx(ports)), stack.enter_context(running_redis())
        made = House(settings, proxy)
        (settings.var_dir / "log").mkdir(parents=True, exist_ok=True)
        for name, port in zip("ab", ports, strict=True):
            own = settings.model_copy(update={"port": port, "replica": name, "redis": f"redis://127.0.0.1:{redis.port}/0"})
            made.replicas[name] = Replica(processes(own, Path())[-1], settings.var_dir / "log" / f"{name}.log")
            stack.callback(made.replicas[name].end)
            made.replicas[name].start()
        yield made

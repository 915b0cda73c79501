"""The real workbench on a port of its own, for a real browser; a clock that stands still, cases that are filed beside it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from playwright.sync_api import BrowserContext, Page
from uvicorn import Config

from aid.clock import CHANGCHUN, FixedClock
from aid.demo.fill import fill
from aid.people.rights import Grant
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import open_store
from aid.store.messages import Messages
from channels.server import Server
from console.desk import Desk
from serving.together import console_alone
from tests.console.desk import MORNING, PASSWORD, cheap_passwords
from tests.desk.house import House

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
START_SECONDS = 30.0
AFTERNOON = datetime(2026, 11, 30, 15, 30, tzinfo=CHANGCHUN)
"""Of a demonstration: a working day, and none before the last that an entry was checked on."""


class ConsoleSite:
    """A running workbench."""

    def __init__(self, folder: Path, before: Callable[[Settings, FixedClock], None] | None = None, now: datetime = MORNING) -> None:
        """``before``: what is done to the record before the workbench opens it. ``now``: where the clock stands."""
        self.clock, settings = FixedClock(now), Settings(_env_file=None, var_dir=folder, knowledge_dir=KNOWLEDGE)
        if before is not None:
            before(settings, self.clock)
        self._app = console_alone(settings, self.clock, cheap_passwords())
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}/console/"
        config = Config(self._app, log_config=None, access_log=False, timeout_graceful_shutdown=5)
        self._server = Server(config, self._app.end_streams)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            assert time.monotonic() < deadline, "the workbench did not start"
            time.sleep(0.05)

    @property
    def desk(self) -> Desk:
        """What its routes share."""
        assert self._app.console is not None
        desk: Desk = self._app.console.state.desk
        return desk

    @property
    def house(self) -> House:
        """What files cases."""
        desk = self.desk
        return House(desk.settings, desk.store, desk.vault, self.clock, desk.office, desk.cases, Messages(desk.store, desk.vault, self.clock))

    def staff(self, name: str, *grants: str, shown: str = "") -> None:
        """An account with the tests' password."""
        accounts = self.desk.accounts
        one_time = accounts.add(name, shown or name.title(), [Grant.read(grant) for grant in grants], by="test")
        accounts.change_password(accounts.named(name).id, one_time, PASSWORD)

    def signed_in(self, context: BrowserContext, name: str) -> Page:
        """A page of one who has signed in."""
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{self.address}sign-in")
        page.locator("input[name=name]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda address: "sign-in" not in address)
        return page

    def close(self) -> None:
        """End it."""
        self._server.should_exit = True
        self._thread.join(15)
        self._socket.close()


def demonstration(folder: Path, many: int) -> ConsoleSite:
    """A workbench over ``many`` invented cases of the year that ends now."""

    def filled(settings: Settings, clock: FixedClock) -> None:
        store = open_store(settings)
        store.migrate()
        fill(settings, store, open_vault(settings), clock, many, 7, lambda _line: None)
        store.close()

    return ConsoleSite(folder, filled, AFTERNOON)

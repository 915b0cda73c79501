"""The workbench for tests: through HTTP, with cheap passwords and a clock that stands still.

with workbench(tmp_path) as bench:
bench.staff("wang", "handler@subcenter-1")
browser = bench.browser("wang")          # signed in, like a browser: cookies, Origin, guard
page = browser.get("people")
browser.post("people", {"name": "li"})   # sends the guard of the session along
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from httpx import ASGITransport, AsyncClient, Response

from aid.clock import CHANGCHUN, FixedClock
from aid.people.accounts import Person
from aid.people.passwords import Passwords
from aid.people.rights import Grant
from aid.settings import Settings
from console.desk import Desk
from serving.together import Together, console_alone

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
SITE = "http://testserver"
PASSWORD = "坐在窗边喝一杯热茶再出门"
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=CHANGCHUN)
_GUARD = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_ONE_TIME = re.compile(r"[a-z2-9]{5}(?:-[a-z2-9]{5}){3}")


def cheap_passwords(denied: Sequence[str] = ()) -> Passwords:
    """As dear as a test can afford."""
    return Passwords(denied, time_cost=1, memory_kib=8, lanes=1)


@dataclass
class Browser:
    """A browser at the workbench; paths are below /console."""

    client: AsyncClient
    portal: BlockingPortal
    site: str = SITE
    guard: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: Any) -> Response:
        """Fetch a page, without following; learns the guard that stands in it."""
        return self.ask("GET", path, headers={**self.headers, **(headers or {})}, **({"params": query} if query else {}))

    def post(self, path: str, data: Mapping[str, Any] | None = None, *, guard: str | None = None, **headers: str) -> Response:
        """Send a form with the guard (``guard=""``: without); ``Origin`` is the site's own unless given."""
        guard = self.guard if guard is None else guard
        said = {**(data or {}), **({"csrf": guard} if guard else {})}
        sent = {"Origin": self.site, **self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.ask("POST", path, data=said, headers={name: value for name, value in sent.items() if value})

    def ask(self, method: str, path: str, **more: Any) -> Response:
        """Any request, without following."""
        response = self.portal.call(partial(self.client.request, method, f"{self.site}/console/{path}", **more))
        return self._learnt(response)

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> Response:
        """Fill in the form of the sign-in page, and go on to where it leads."""
        self.get("sign-in")
        response = self.post("sign-in", {"name": name, "password": password, **more})
        if response.status_code == 303 and not response.headers["location"].startswith("/console/second"):
            self.get("account")
        return response

    def _learnt(self, response: Response) -> Response:
        if found := _GUARD.search(response.text):
            self.guard = found[1]
        return response


@dataclass
class Bench:
    """A running workbench."""

    app: Together
    portal: BlockingPortal
    clock: FixedClock

    @property
    def desk(self) -> Desk:
        """What its routes share."""
        assert self.app.console is not None
        desk: Desk = self.app.console.state.desk
        return desk

    def staff(self, name: str, *grants: str, password: str = PASSWORD) -> Person:
        """Make an account that has its own password already."""
        accounts = self.desk.accounts
        one_time = accounts.add(name, name.title(), [Grant.read(grant) for grant in grants], by="test")
        person = accounts.named(name)
        accounts.change_password(person.id, one_time, password)
        return accounts.by_id(person.id)

    def browser(self, name: str | None = None, *, address: str = "192.0.2.7", site: str = SITE) -> Browser:
        """A new browser; signed in where a name is given."""
        transport = ASGITransport(self.app, raise_app_exceptions=False, client=(address, 50000))
        browser = Browser(AsyncClient(transport=transport), self.portal, site)
        if name is not None:
            response = browser.sign_in(name)
            assert response.status_code == 303, response.text
        return browser


@contextmanager
def workbench(folder: Path, **settings: Any) -> Iterator[Bench]:
    """The workbench over a database of its own, without doors."""
    clock = FixedClock(MORNING)
    app = console_alone(Settings(var_dir=folder, knowledge_dir=KNOWLEDGE, **settings), clock, cheap_passwords())
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.life()):
        yield Bench(app, portal, clock)


def one_time_password(response: Response) -> str:
    """The one-time password that stands in a page."""
    found = _ONE_TIME.search(response.text)
    assert found, response.text
    return found[0]

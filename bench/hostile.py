"""Hostile inputs over all doors and the workbench of a running system: ``python -m bench hostile --count N``.

Counted is what must not be: an answer of 500 or more, none at all, a trace in an answer or a log, and memory that grows. The system is one of
its own, with free ports and an empty folder; the session at the workbench is one of a supervisor who is administrator too.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
from fastapi.routing import iter_route_contexts

from aid.cases.tables import load_tables
from aid.cli.serve import running
from aid.people.accounts import Accounts
from aid.people.passwords import Passwords
from aid.people.rights import Grant
from aid.settings import Settings
from aid.store.engine import open_store
from bench.hostile_inputs import Input, inputs
from bench.memory import proportional_mb, with_children
from bench.report import Table
from bench.wechat import own_settings
from channels.wechat.simulate import account_of, serving
from channels.wechat.standin import Platform
from console.app import create_console

FULL_RUN = 100_000
MARKS, AT_ONCE, SECONDS = 10, 8, 60.0
MOST_IN_A_TALK = 25
"""Messages of one conversation; a minute takes thirty."""
GROWTH = 0.10
NAME, PASSWORD = "hostile", "坐在窗边喝一杯热茶再出门"
LEFT_OUT = {("POST", "/sign-out"), ("POST", "/password"), ("POST", "/account/second/confirm")}
"""What would end the session by right."""
_TRACE = re.compile(r"Traceback \(most recent call last\)|File \"/[^\"]+\", line \d+")
_GUARD = re.compile(r'name="csrf" value="([0-9a-f]+)"')
Say = Callable[[str], None]
__all__ = ["FULL_RUN", "arguments", "is_clean", "measure", "own_settings"]


@dataclass
class Tally:
    """What came of the inputs: by kind and class of status, what was wrong, and the memory of each process at each mark, in MB."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: list[dict[str, float]] = field(default_factory=list)

    def judge(self, one: Input, status: int, text: str) -> None:
        """Count an answer; a refusal for the moment (503 with its sentence) is one of 500 and more too."""
        self.statuses[one.kind, status // 100] += 1
        if status >= 500:
            self.wrong.append(f"{one.kind}: {one.method} {one.path[:120]!r}: {status}")
        if _TRACE.search(text):
            self.wrong.append(f"{one.kind}: {one.method} {one.path[:120]!r}: a trace in the answer")


@dataclass
class Sender:
    """Sends inputs, with a talk and a session of its own."""

    client: httpx.AsyncClient
    tally: Tally
    conversation: str = ""
    token: str = ""
    said: int = 0
    guard: str = ""

    async def send(self, one: Input) -> None:
        """Send it; an answer that never ends is left after its first part."""
        headers, path = dict(one.headers), one.path
        if one.talk:
            await self._talk()
            path = path.replace("{conversation}", self.conversation)
            headers["Authorization"] = f"Bearer {self.token}"
        if one.staff:
            await self._signed_in()
            headers |= {"Origin": str(self.client.base_url).rstrip("/"), "X-CSRF-Token": self.guard}
        try:
            sent = [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in headers.items()]
            request = self.client.build_request(one.method, path, headers=sent, content=one.body)
        except (ValueError, UnicodeError, httpx.InvalidURL):
            self.tally.statuses[one.kind, 0] += 1  # no client can send it
            return
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self.client.send(request, stream=True)
                try:
                    endless = "event-stream" in answer.headers.get("content-type", "")
                    text = "" if endless else (await answer.aread()).decode("utf-8", "replace")
                finally:
                    await answer.aclose()
        except httpx.LocalProtocolError:
            self.tally.statuses[one.kind, 0] += 1  # nor this
        except (httpx.HTTPError, TimeoutError) as fault:
            self.tally.wrong.append(f"{one.kind}: {one.method} {path[:120]!r}: no answer ({type(fault).__name__})")
        else:
            self.tally.judge(one, answer.status_code, text)
            if one.staff and answer.status_code in (303, 401, 403):
                self.guard = ""  # perhaps the session has ended: look again
            if one.talk and answer.status_code == 401:
                self.conversation = ""

    async def _talk(self) -> None:
        self.said += 1
        if not self.conversation or self.said % MOST_IN_A_TALK == 0:
            begun = (await self.client.post("/v1/conversations", json={})).json()
            self.conversation, self.token = begun["conversation"], begun["token"]

    async def _signed_in(self) -> None:
        if self.guard:
            return
        page = await self.client.get("/console/account")
        if page.status_code != 200:
            found = _GUARD.search((await self.client.get("/console/sign-in")).text)
            form = {"name": NAME, "password": PASSWORD, "csrf": found[1] if found else ""}
            await self.client.post("/console/sign-in", data=form, headers={"Origin": str(self.client.base_url).rstrip("/")})
            page = await self.client.get("/console/account")
        found = _GUARD.search(page.text)
        self.guard = found[1] if found else ""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser(prog="python -m bench hostile", description="Hostile inputs over all doors and the workbench.")
    parser.add_argument("--count", type=int, default=FULL_RUN, metavar="N", help="inputs in all")
    parser.add_argument("--seed", type=int, default=2026)
    return parser.parse_args(given)


def measure(settings: Settings, count: int, seed: int, say: Say) -> Table:
    """Start the system, send the inputs, count; a row for each kind. ``settings``: of a system of its own."""
    with running(settings, say) as supervisor:
        _add_staff(settings)
        address = f"http://127.0.0.1:{settings.port}"
        description = httpx.get(f"{address}/v1/openapi.json", timeout=30, trust_env=False).json()
        say("making inputs")
        made = inputs(count, seed, description, _routes(settings))
        tally = asyncio.run(_beside_the_platform(settings, _sent(address, made, count, supervisor.pids, say)))
        tally.wrong += _traces(settings.var_dir / "log")  # before it is stopped: a turn cut short by that leaves one by right
    return _table(tally, count, seed)


def is_clean(table: Table) -> bool:
    """Whether nothing was wrong."""
    return not any(note.startswith("WRONG") for note in table.notes)


async def _beside_the_platform(settings: Settings, sent: Awaitable[Tally]) -> Tally:
    """With a stand-in of WeChat's platform, whose codes a door gives on: without it that door says by right that it is busy."""
    async with serving(Platform(account_of(settings), settings.clock()), int(settings.wechat_api_base.rsplit(":", 1)[1])):
        return await sent


async def _sent(address: str, made: Iterator[Input], count: int, pids: Callable[[], dict[str, int]], say: Say) -> Tally:
    tally, limits, started = Tally(), httpx.Limits(max_connections=AT_ONCE), pids()
    clients = [httpx.AsyncClient(base_url=address, timeout=SECONDS, trust_env=False, limits=limits) for _ in range(AT_ONCE)]
    senders = [Sender(client, tally) for client in clients]
    try:
        for mark in range(1, MARKS + 1):
            part = islice(made, count * mark // MARKS - count * (mark - 1) // MARKS)
            await asyncio.gather(*(_one_after_another(sender, part) for sender in senders))
            tally.memory.append({name: proportional_mb(with_children([pid])) for name, pid in pids().items()})
            say(f"{sum(tally.statuses.values())} inputs, {len(tally.wrong)} wrong, {_shown(tally.memory[-1])}")
    finally:
        for client in clients:
            await client.aclose()
    tally.wrong += [f"{name} died and was started again" for name, pid in pids().items() if started[name] != pid]
    return tally


async def _one_after_another(sender: Sender, part: Iterator[Input]) -> None:
    for one in part:
        await sender.send(one)


def _add_staff(settings: Settings) -> None:
    store = open_store(settings)
    try:
        passwords, centers = Passwords([]), [center.id for center in load_tables(settings.knowledge_dir).centers.centers]
        accounts = Accounts(store, settings.clock(), passwords, centers)
        grants = [Grant.read(text) for text in ("supervisor@*", "auditor@*", "administrator@*")]
        one_time = accounts.add(NAME, NAME, grants, by="bench")
        accounts.change_password(accounts.named(NAME).id, one_time, PASSWORD)
    finally:
        store.close()


def _routes(settings: Settings) -> list[tuple[str, str]]:
    found = iter_route_contexts(create_console(settings).routes)
    routes = {(method, str(route.path)) for route in found for method in route.methods or () if method != "HEAD"}
    return sorted(routes - LEFT_OUT)


def _traces(folder: Path) -> list[str]:
    """Logs in which a trace stands. Rasa writes its own as JSON."""
    found = []
    for path in sorted(folder.glob("*.log*")):
        text = path.read_text("utf-8", "replace")
        count = len(_TRACE.findall(text)) + text.count('"exc_type"')
        if count:
            found.append(f"{path.name}: {count} lines of a trace")
    return found


def _table(tally: Tally, count: int, seed: int) -> Table:
    kinds = sorted({kind for kind, _status in tally.statuses})
    rows: list[list[str]] = []
    for kind in [*kinds, "all"]:
        of = [sum(n for (k, s), n in tally.statuses.items() if kind in (k, "all") and s == status) for status in (2, 3, 4, 5, 0)]
        rows.append([kind, str(sum(of)), *map(str, of)])
    warm, last = tally.memory[1 if len(tally.memory) > 1 else 0], tally.memory[-1]
    grown: dict[str, Any] = {name: last[name] / warm[name] - 1 for name in last if warm.get(name)}
    notes = [
        f"{count} inputs, seed {seed}, {AT_ONCE} at once, over a loopback line to the whole system; 'not sent': what no HTTP client can send",
        f"answers of 500 or more, none at all, traces in answers or logs, processes that died: {len(tally.wrong)}",
        *(f"MB {name} at the ten marks: {', '.join(f'{mark.get(name, 0):.0f}' for mark in tally.memory)}" for name in last),
        f"from the second mark to the last: {', '.join(f'{name} {share:+.1%}' for name, share in grown.items())}",
        *(f"WRONG: {line}" for line in tally.wrong[:20]),
    ]
    if count >= FULL_RUN:
        notes += [f"WRONG: {name} has grown by more than {GROWTH:.0%}" for name, share in grown.items() if share > GROWTH]
    return Table("Does hostile input at any door or the workbench do harm?", ["input", "sent", "2xx", "3xx", "4xx", "5xx", "not sent"], rows, notes)


def _shown(memory: dict[str, float]) -> str:
    return ", ".join(f"{name} {mb:.0f} MB" for name, mb in memory.items())

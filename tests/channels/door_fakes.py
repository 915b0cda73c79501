"""A bot that does as it is told, and the ways to stand a door up around it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from uvicorn import Config

from aid.clock import FixedClock
from aid.privacy.vault import open_vault
from aid.replies import Choice, Reply
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Messages
from channels.history import History
from channels.hub import Hub
from channels.server import Server
from channels.turns import Patience
from channels.wording import Wording, read_wording
from tests.channels.contract import Contract

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"
HURRY = Patience(away=0.3, broken=0.2, first_pause=0.01, longest_pause=0.05)


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings that touch nothing outside ``folder``."""
    return Settings(_env_file=None, var_dir=folder / "var", knowledge_dir=KNOWLEDGE, **more)


def echo(text: str) -> list[Reply]:
    """What the bot answers where nothing else is said."""
    return [Reply(text=f"答：{text}", choices=[Choice(label="是", payload={"act": "affirm"})])]


@dataclass
class FakeBot:
    """Answers each message by an echo. ``faults`` are raised first, one for each call; ``hold`` keeps turns waiting."""

    faults: list[Exception] = field(default_factory=list)
    always: Exception | None = None
    answer: Callable[[str], list[Reply]] = echo
    hold: asyncio.Event | None = None
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    running: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0
    overlapped: bool = False
    prepared: list[str] = field(default_factory=list)

    def prepare(self, text: str) -> None:
        self.prepared.append(text)

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        self.calls.append((sender, text, metadata))
        conversation = metadata["conversation"]
        self.running[conversation] = self.running.get(conversation, 0) + 1
        self.overlapped |= self.running[conversation] > 1
        self.most_at_once = max(self.most_at_once, sum(self.running.values()))
        try:
            await (self.hold.wait() if self.hold else asyncio.sleep(0.005))
            if self.always:
                raise self.always
            if self.faults:
                raise self.faults.pop(0)
            return self.answer(text)
        finally:
            self.running[conversation] -= 1

    def texts(self) -> list[str]:
        return [text for _sender, text, _metadata in self.calls]


@dataclass
class House:
    """A hub on a real database, with what is around it."""

    hub: Hub
    messages: Messages
    bot: FakeBot
    store: Store
    clock: FixedClock
    wording: Wording

    async def replies(self, conversation: str) -> list[str]:
        """The texts of all replies, once nothing is running any more."""
        await asyncio.wait_for(self.hub.idle(), 10)
        return [reply.body["text"] for reply in self.messages.replies_after(conversation, 0)]


def fixed_clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 10, 0))


def build(folder: Path, bot: FakeBot, patience: Patience = HURRY, **among: Any) -> House:
    """A house on the database in ``folder``; a second one there is what a new start of the program finds, or ``among`` others a replica."""
    settings, clock, wording = settings_in(folder), fixed_clock(), read_wording(KNOWLEDGE)
    store, vault = open_store(settings), open_vault(settings)
    store.migrate()
    messages = Messages(store, vault, clock)
    hub = Hub(messages, History(store, vault, messages), bot, wording, patience, **among)
    return House(hub, messages, bot, store, clock, wording)


@asynccontextmanager
async def house(folder: Path, bot: FakeBot | None = None, patience: Patience = HURRY) -> AsyncIterator[House]:
    built = build(folder, bot or FakeBot(), patience)
    try:
        yield built
    finally:
        if built.bot.hold:
            built.bot.hold.set()
        await built.hub.stop()
        built.store.close()


def held_to(app: FastAPI) -> dict[str, list[Any]]:
    """Hooks of a client that hold every answer against the app's own description."""
    return {"response": [Contract(app)]}


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The app without a network; for everything but streams."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://door", event_hooks=held_to(app)) as client:
            yield client


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The app behind a real server on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(Config(app, log_config=None, timeout_graceful_shutdown=5))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=base, timeout=10, trust_env=False, event_hooks=held_to(app)) as client:
                yield client
        finally:
            server.should_exit = True
            await asyncio.wait_for(task, 15)

"""Whether the doors can do their work: the record, the Rasa server with its model, the action server; and the routes that say so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import TypeVar

import aiohttp
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from aid.cases.tables import load_tables
from aid.clock import Clock
from aid.operations.figures import DoorFigures
from aid.operations.readiness import Ask, Readiness, RecordProbe, Word, lives
from aid.operations.record_figures import RecordFigures
from aid.settings import Settings
from aid.store import Store
from channels import wire
from channels.turns import Bot

EVERY_SECONDS = 15.0
"""So often it is looked for the figures, though nobody asks."""
MOST_BYTES = 4096
CALL_SECONDS = 1.5
Told = TypeVar("Told")

router = APIRouter()


@router.get("/healthz", response_model=wire.Health)
async def health() -> wire.Health:
    """The process lives. Whether it can do its work is asked at ``/readyz``."""
    return wire.Health(status="ok")


@router.get("/readyz", include_in_schema=False)
async def ready(request: Request) -> JSONResponse:
    """A word for each part; 503 while one is not well. For those who operate it, not for front ends."""
    readiness: Readiness = request.app.state.readiness
    report = await readiness.report()
    return JSONResponse(report.public(), report.status)


class BotProbe:
    """Asks the Rasa servers for their model, and the action servers for a sign of life; one of each is enough. Needs a running loop."""

    PARTS = ("bot", "model")

    def __init__(self, rasas: Sequence[str], actions: Sequence[str], figures: DoorFigures) -> None:
        """Take the addresses, at least one of each (``http://127.0.0.1:5005``)."""
        self._rasas, self._actions, self._figures = rasas, actions, figures
        timeout, jar = aiohttp.ClientTimeout(total=CALL_SECONDS), aiohttp.DummyCookieJar()
        # A new connection each time: a kept one would say how the server was.
        self._client = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar, connector=aiohttp.TCPConnector(force_close=True))

    async def model(self) -> Mapping[str, Word]:
        """Whether a server answers and has a model."""
        found = await _told([self._model(rasa) for rasa in self._rasas])
        return max(found, key=lambda words: words["model"] == "ok")

    async def actions(self) -> bool:
        """Whether an action server lives."""
        return any(await _told([self._lives(server) for server in self._actions]))

    async def _model(self, rasa: str) -> Mapping[str, Word]:
        async with self._client.get(f"{rasa}/webhooks/ready/") as answer:
            if answer.status not in (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE):
                return {"bot": "ok", "model": "missing"}
            told = await answer.json() if (answer.content_length or 0) <= MOST_BYTES else {}
        name, trained_at = (told.get("model"), told.get("trained_at")) if isinstance(told, dict) else (None, None)
        self._figures.model(name if isinstance(name, str) else None, trained_at if isinstance(trained_at, float) else None)
        return {"bot": "ok", "model": "ok" if name else "missing"}

    async def _lives(self, server: str) -> bool:
        async with self._client.get(f"{server}/healthz") as answer:
            return answer.status == HTTPStatus.OK

    async def close(self) -> None:
        """End the connections."""
        await self._client.close()


@asynccontextmanager
async def looked_after(
    app: FastAPI, settings: Settings, bot: Bot | None, store: Store, clock: Clock, figures: DoorFigures
) -> AsyncIterator[None]:
    """Looks whether all is well, as long as the app runs; and counts in the record, where anybody reads the figures.

    ``bot``: one of a test's own, which has no servers behind it.
    """
    record = RecordProbe(store)
    servers = None if bot else BotProbe(settings.rasas, settings.actions, figures)
    alive: Callable[[], Awaitable[bool]] = getattr(bot, "alive", _always)
    app.state.readiness = readiness_of(record, servers or alive, figures)
    counted = looking = None
    if settings.metrics_port:
        centers = [center.id for center in load_tables(settings.knowledge_dir).centers.centers]
        figures.registry.register(counted := RecordFigures(store, clock, centers))
        looking = asyncio.create_task(keep_looking(app.state.readiness))
    try:
        yield
    finally:
        if looking:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        if counted:
            figures.registry.unregister(counted)
            counted.close()
        record.close()
        if servers:
            await servers.close()


async def _told(asked: Sequence[Awaitable[Told]]) -> list[Told]:
    """What those say that answer. Raises what befell the first one, where none does."""
    found = await asyncio.gather(*asked, return_exceptions=True)
    told = [one for one in found if not isinstance(one, BaseException)]
    if not told and isinstance(found[0], BaseException):
        raise found[0]
    return told


async def _always() -> bool:
    return True


def readiness_of(record: RecordProbe, bot: BotProbe | Callable[[], Awaitable[bool]], figures: DoorFigures) -> Readiness:
    """What the doors ask."""
    servers: dict[tuple[str, ...], Ask]
    servers = {BotProbe.PARTS: bot.model, **lives("actions", bot.actions)} if isinstance(bot, BotProbe) else lives("bot", bot)
    return Readiness({RecordProbe.PARTS: record.ask, **servers}, seen=figures.looked)


async def keep_looking(readiness: Readiness, seconds: float = EVERY_SECONDS) -> None:
    """Look again and again, so that the figures say how it stands; until cancelled."""
    while True:
        with suppress(OSError):
            await readiness.report()
        await asyncio.sleep(seconds)

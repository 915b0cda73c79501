"""The web door as it is met from outside, and what a refusal must not tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from aid.clock import FixedClock
from channels.web import create_app
from tests.channels.door_fakes import HURRY, FakeBot, fixed_clock, held_to, settings_in

STRANGER, NEIGHBOUR = "203.0.113.7", "198.51.100.9"


def app_in(folder: Path, bot: FakeBot | None = None, clock: FixedClock | None = None, **settings: Any) -> FastAPI:
    made = settings_in(folder, **settings)
    return create_app(made, bot=bot or FakeBot(), clock=clock or fixed_clock(), patience=HURRY, page=Path("no-such-folder"))


@asynccontextmanager
async def from_outside(app: FastAPI, address: str = STRANGER) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://door", event_hooks=held_to(app)) as client:
            yield client


async def begin(client: httpx.AsyncClient) -> tuple[str, str]:
    session = (await client.post("/v1/conversations", json={})).json()
    return session["conversation"], session["token"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def settled(client: httpx.AsyncClient, conversation: str, token: str) -> dict[str, Any]:
    for _ in range(400):
        seen: dict[str, Any] = (await client.get(f"/v1/conversations/{conversation}/messages", headers=bearer(token))).json()
        if not seen["pending"]:
            return seen
        await asyncio.sleep(0.01)
    raise AssertionError("the turn did not end")


def tells_nothing(answer: httpx.Response, *secret: str) -> str:
    """The code of a refusal; its body holds a code and a Chinese sentence, no part of the request and no word of the machine."""
    body = answer.json()
    assert set(body) == {"error", "message"}
    for word in (*secret, "Traceback", "sqlite", "pydantic", "itsdangerous", "SELECT", "/", "\\", "Error", "0x"):
        assert word not in answer.text, word
    return str(body["error"])


async def refused_everywhere(client: httpx.AsyncClient, conversation: str, token: str) -> set[tuple[int, str]]:
    """Status and code of every way into a conversation."""
    path, headers = f"/v1/conversations/{conversation}", bearer(token)
    answers = [
        await client.get(f"{path}/messages", headers=headers),
        await client.get(f"{path}/stream", headers=headers),
        await client.post(f"{path}/messages", headers=headers, json={"client_id": "client-1", "text": "x"}),
    ]
    return {(answer.status_code, tells_nothing(answer, token)) for answer in answers}

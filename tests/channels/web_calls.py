"""The web door without a network, and the calls that every test of it makes."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from door_fakes import HURRY, FakeBot, fixed_clock, settings_in
from fastapi import FastAPI

from channels.web import create_app

NO_PAGE = Path("no-such-folder")


def app_in(folder: Path, bot: FakeBot | None = None, **more: Any) -> FastAPI:
    more = {"clock": fixed_clock(), "patience": HURRY, "page": NO_PAGE, **more}
    return create_app(settings_in(folder), bot=bot or FakeBot(), **more)


async def begin(client: httpx.AsyncClient, **asked: Any) -> tuple[str, dict[str, str]]:
    answer = await client.post("/v1/conversations", json={"door": "web", **asked})
    assert answer.status_code == 201
    session = answer.json()
    return session["conversation"], {"Authorization": f"Bearer {session['token']}"}


async def say(client: httpx.AsyncClient, conversation: str, token: dict[str, str], **message: Any) -> httpx.Response:
    return await client.post(f"/v1/conversations/{conversation}/messages", json=message, headers=token)


async def settled(
    client: httpx.AsyncClient, conversation: str, token: dict[str, str], after: int = 0
) -> dict[str, Any]:
    """What the conversation holds, once nothing is pending."""
    for _ in range(400):
        seen: dict[str, Any] = (
            await client.get(f"/v1/conversations/{conversation}/messages?after={after}", headers=token)
        ).json()
        if not seen["pending"]:
            return seen
        await asyncio.sleep(0.01)
    raise AssertionError("the turn did not end")


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, which must bring a Chinese sentence and nothing else."""
    body = answer.json()
    assert set(body) == {"error", "message"}
    assert any("\u4e00" <= c <= "\u9fff" for c in body["message"])
    return answer.status_code, body["error"]

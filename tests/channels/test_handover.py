"""A phone that loses the answer to its hand-over asks again; nobody else gets anything for a used code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from door_fakes import HURRY, FakeBot, fixed_clock, running, settings_in

from aid.clock import FixedClock
from channels.web import create_app

pytestmark = pytest.mark.anyio
MINE, ANOTHERS = "m" * 36, "a" * 36


@dataclass
class Hall:
    """A kiosk that has offered its talk, and the line to the doors."""

    client: httpx.AsyncClient
    clock: FixedClock
    path: str
    kiosk: dict[str, str]
    code: str

    async def take(self, device: str | None = MINE) -> httpx.Response:
        return await self.client.post("/v1/handover", json={"code": self.code} | ({"device": device} if device else {}))

    async def token(self) -> dict[str, str]:
        """That of a phone that takes the talk over."""
        answer = await self.take()
        assert answer.status_code == 201
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    async def opens(self, token: dict[str, str]) -> int:
        return (await self.client.get(f"{self.path}/messages", headers=token)).status_code


@asynccontextmanager
async def hall_in(folder: Path) -> AsyncIterator[Hall]:
    clock = fixed_clock()
    app = create_app(settings_in(folder), bot=FakeBot(), clock=clock, patience=HURRY, page=Path("no-such-folder"))
    async with running(app) as client:
        session = (await client.post("/v1/conversations", json={"door": "kiosk"})).json()
        path, token = f"/v1/conversations/{session['conversation']}", {"Authorization": f"Bearer {session['token']}"}
        code = (await client.post(f"{path}/handover", headers=token)).json()["code"]
        yield Hall(client, clock, path, token, code)


def refused(answer: httpx.Response) -> bool:
    """As any code that opens nothing; not a word of why."""
    return (answer.status_code, answer.json()["error"]) == (404, "handover_gone")


async def test_the_same_phone_asks_again_and_gets_the_same_talk(tmp_path: Path) -> None:
    async with hall_in(tmp_path) as hall:
        first, again = await hall.token(), await hall.token()
        assert [await hall.opens(token) for token in (first, again, hall.kiosk)] == [200, 200, 401]
        hall.clock.advance(timedelta(minutes=4, seconds=59))
        assert await hall.opens(await hall.token()) == 200


@pytest.mark.parametrize("device", [ANOTHERS, None, MINE[:-1] + "n"])
async def test_another_gets_nothing_for_a_used_code_and_the_phone_keeps_its_talk(tmp_path: Path, device: str | None) -> None:
    async with hall_in(tmp_path) as hall:
        mine = await hall.token()
        assert refused(await hall.take(device))
        assert await hall.opens(mine) == 200
        assert await hall.opens(await hall.token()) == 200


async def test_who_gave_no_secret_cannot_ask_again_not_even_with_one(tmp_path: Path) -> None:
    async with hall_in(tmp_path) as hall:
        assert (await hall.take(None)).status_code == 201
        for device in (None, MINE):
            assert refused(await hall.take(device))


async def after_five_minutes(hall: Hall, _phone: dict[str, str]) -> None:
    hall.clock.advance(timedelta(minutes=5))


async def after_the_end(hall: Hall, phone: dict[str, str]) -> None:
    assert (await hall.client.post(f"{hall.path}/end", headers=phone)).status_code == 204


async def after_a_further_hand_over(hall: Hall, phone: dict[str, str]) -> None:
    further = (await hall.client.post(f"{hall.path}/handover", headers=phone)).json()["code"]
    assert (await hall.client.post("/v1/handover", json={"code": further, "device": ANOTHERS})).status_code == 201


@pytest.mark.parametrize("too_late", [after_five_minutes, after_the_end, after_a_further_hand_over])
async def test_the_same_phone_too_gets_nothing_when_the_time_or_the_talk_is_over_or_the_talk_went_on(
    tmp_path: Path, too_late: Callable[[Hall, dict[str, str]], Awaitable[None]]
) -> None:
    async with hall_in(tmp_path) as hall:
        await too_late(hall, await hall.token())
        assert refused(await hall.take())


async def test_of_many_phones_at_once_one_gets_the_talk_and_its_own_repeats_too(tmp_path: Path) -> None:
    async with hall_in(tmp_path) as hall:
        devices = [f"{n}" * 36 for n in range(5)] * 2
        answers = await asyncio.gather(*(hall.take(device) for device in devices))
        took = {device for device, answer in zip(devices, answers, strict=True) if answer.status_code == 201}
        assert len(took) == 1
        assert all(refused(answer) for device, answer in zip(devices, answers, strict=True) if device not in took)
        assert sum(answer.status_code == 201 for answer in answers) == 2


@pytest.mark.parametrize("device", ["short", "x" * 65, "x" * 31 + " ", 7])
async def test_a_secret_of_another_form_is_refused_and_uses_nothing(tmp_path: Path, device: object) -> None:
    async with hall_in(tmp_path) as hall:
        answer = await hall.client.post("/v1/handover", json={"code": hall.code, "device": device})
        assert (answer.status_code, answer.json()["error"]) == (422, "bad_request")
        assert await hall.opens(await hall.token()) == 200

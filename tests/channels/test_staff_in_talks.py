"""People of the center in a talk as the doors show them: over the API, on the stream, and on the pages without scripts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import HURRY, FakeBot, running, served, settings_in
from fastapi import FastAPI
from test_pages_talk import Browser

from aid.clock import FixedClock
from aid.takeover.desk import Desk
from aid.takeover.staff import Staff
from channels.web import create_app

pytestmark = pytest.mark.anyio
WANG = Staff("wang", "main", "工号 012")
CENTER = "长春知识产权保护中心"
BOT = {"state": "bot", "place": None, "since": None, "waited": None, "name": None}
STAFF = {"state": "staff", "place": None, "since": "2026-11-23T10:00:00+08:00", "waited": 0, "name": CENTER}


def app_in(folder: Path, **more: Any) -> FastAPI:
    clock = FixedClock(datetime(2026, 11, 23, 10, 0))
    return create_app(settings_in(folder), **{"bot": FakeBot(), "clock": clock, "patience": HURRY, "page": Path("none"), "page_waits": 1.0, **more})


async def begun(client: httpx.AsyncClient, door: str = "web") -> tuple[str, dict[str, str]]:
    session = (await client.post("/v1/conversations", json={"door": door})).json()
    path, token = f"/v1/conversations/{session['conversation']}", {"Authorization": f"Bearer {session['token']}"}
    await say(client, path, token, "你好")
    return path, token


async def say(client: httpx.AsyncClient, path: str, token: dict[str, str], text: str) -> dict[str, Any]:
    sent = {"client_id": f"client-{abs(hash(text))}", "text": text}
    assert (await client.post(f"{path}/messages", json=sent, headers=token)).status_code == 202
    return await seen(client, path, token)


async def seen(client: httpx.AsyncClient, path: str, token: dict[str, str], after: int = 0) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = (await client.get(f"{path}/messages?after={after}", headers=token)).json()
        if not found["pending"]:
            return found
        await asyncio.sleep(0.01)


def desk_of(app: FastAPI) -> Desk:
    return app.state.door.desk  # type: ignore[no-any-return]


async def test_a_front_end_sees_who_waits_and_who_speaks(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:
        desk, (path, token) = desk_of(app), await begun(client)
        conversation = path.rsplit("/", 1)[1]
        assert (await seen(client, path, token))["service"] == BOT
        desk.attendance.here("wang")
        desk.waiting.ask(conversation)
        waiting = {"state": "waiting", "place": 1, "since": "2026-11-23T10:00:00+08:00", "waited": 0, "name": None}
        assert (await seen(client, path, token))["service"] == waiting
        desk.takeovers.take(conversation, WANG)
        desk.takeovers.say(conversation, WANG, "我看到了 <b>")
        found = await say(client, path, token, "在吗")
        assert found["service"] == STAFF
        assert [(reply["author"] or {"kind": "bot"})["kind"] for reply in found["replies"]] == ["bot", "system", "staff"]
        assert found["replies"][2]["author"] == {"kind": "staff", "name": f"{CENTER} · 工号 012"}
        assert (found["replies"][2]["text"], found["pending"]) == ("我看到了 <b>", False)
        desk.takeovers.hand_back(conversation, WANG)
        assert (await say(client, path, token, "谢谢"))["service"] == BOT


async def test_what_was_said_to_staff_is_not_told_again_once_they_have_answered(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:
        desk, (path, token) = desk_of(app), await begun(client)
        conversation = path.rsplit("/", 1)[1]
        desk.takeovers.take(conversation, WANG)
        for text in ("甲", "乙"):
            await say(client, path, token, text)
        assert [said["text"] for said in (await seen(client, path, token, 2))["said"]] == ["甲", "乙"]
        number = desk.takeovers.say(conversation, WANG, "好").number
        assert [said["text"] for said in (await seen(client, path, token, 2))["said"]] == ["甲", "乙"]
        assert (await seen(client, path, token, number))["said"] == []
        assert [said["text"] for said in (await say(client, path, token, "丙"))["said"]] == ["你好", "甲", "乙", "丙"]


async def test_who_waits_no_more_is_told_so_once(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:
        desk, (path, token) = desk_of(app), await begun(client)
        desk.attendance.here("wang")
        desk.waiting.ask(path.rsplit("/", 1)[1])
        for _ in range(2):
            assert (await client.delete(f"{path}/waiting", headers=token)).status_code == 204
        found = await seen(client, path, token)
        assert found["service"] == BOT
        assert [reply["text"] for reply in found["replies"][1:]] == [desk.words.say.stopped]
        assert (await client.delete(f"{path}/waiting")).json()["error"] == "no_token"
        other, others_token = await begun(client)
        assert (await client.delete(f"{path}/waiting", headers=others_token)).json()["error"] == "not_yours"
        await client.post(f"{other}/end", headers=others_token)
        assert (await client.delete(f"{other}/waiting", headers=others_token)).json()["error"] == "conversation_closed"


async def test_a_stream_tells_who_speaks_when_that_changes(tmp_path: Path) -> None:
    app = app_in(tmp_path, beat_seconds=0.2)
    async with served(app) as client:
        desk, (path, token) = desk_of(app), await begun(client)
        conversation = path.rsplit("/", 1)[1]
        async with client.stream("GET", f"{path}/stream?after=1", headers=token) as stream:
            lines = stream.aiter_lines()
            assert await anext(event(lines)) == ("typing", {"pending": False})
            desk.attendance.here("wang")
            desk.waiting.ask(conversation)
            # Nothing was written into the talk: the place is looked at with a beat, once something else has shown that one waits.
            desk.takeovers.take(conversation, WANG)
            told = [await anext(event(lines)) for _ in range(3)]
            assert [name for name, _data in told] == ["reply", "typing", "service"]
            assert told[2][1] == STAFF
            desk.takeovers.end(conversation, WANG)
            told = [await anext(event(lines)) for _ in range(3)]
            assert (told[0][1]["text"], told[2][1]) == (desk.words.say.ended, BOT)


async def event(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
    async with asyncio.timeout(5):
        async for line in lines:
            if line.startswith("event: "):
                yield line[7:], json.loads((await anext(lines))[6:])


async def test_a_kiosk_that_is_wiped_in_the_middle_leaves_staff_with_an_ended_talk(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:
        desk, (path, token) = desk_of(app), await begun(client, "kiosk")
        conversation = path.rsplit("/", 1)[1]
        desk.takeovers.take(conversation, WANG)
        assert (await client.post(f"{path}/end", headers=token)).status_code == 204
        assert not desk.talks.seen(conversation).is_open
        assert desk.talks.taken() == []


async def test_a_phone_goes_on_with_a_talk_that_staff_have(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:
        desk, (path, token) = desk_of(app), await begun(client, "kiosk")
        conversation = path.rsplit("/", 1)[1]
        desk.takeovers.take(conversation, WANG)
        code = (await client.post(f"{path}/handover", headers=token)).json()["code"]
        phone = {"Authorization": f"Bearer {(await client.post('/v1/handover', json={'code': code})).json()['token']}"}
        desk.takeovers.say(conversation, WANG, "请拍一张照片")
        found = await seen(client, path, phone)
        assert (found["service"], found["replies"][-1]["text"]) == (STAFF, "请拍一张照片")
        assert (await client.get(f"{path}/messages", headers=token)).json()["error"] == "conversation_closed"


@asynccontextmanager
async def browser(app: FastAPI) -> AsyncIterator[tuple[Browser, Desk, str]]:
    async with running(app) as client:
        page = Browser(client)
        await page.open()
        await page.say("你好")
        [talk] = desk_of(app).talks.going_on()
        yield page, desk_of(app), talk.conversation_id


async def test_the_page_without_scripts_shows_the_wait_and_its_end(tmp_path: Path) -> None:
    async with browser(app_in(tmp_path)) as (seen_page, desk, conversation):
        desk.attendance.here("wang")
        desk.waiting.ask(conversation)
        page = await seen_page.open()
        assert "正在等工作人员，下一位就是您。" in page.text
        assert not page.is_waiting, "words could be lost"
        page = await seen_page.open("/talk?look=1")
        assert page.is_waiting == "talk?look=2#newest"
        page = await seen_page.press("不等了")
        assert desk.words.say.stopped in page.text
        assert "正在等工作人员" not in page.text


async def test_the_page_without_scripts_shows_staff_by_their_sign_and_waits_for_their_word(tmp_path: Path) -> None:
    async with browser(app_in(tmp_path)) as (seen_page, desk, conversation):
        desk.takeovers.take(conversation, WANG)
        page = await seen_page.say("在吗")
        assert f"现在和您谈的是{CENTER}的工作人员" in page.text
        assert page.is_waiting, "it shows by itself what staff say"
        looking = asyncio.create_task(seen_page.open("/talk?look=2"))
        await asyncio.sleep(0.1)
        desk.takeovers.say(conversation, WANG, "在的 [点这里](javascript:alert(1)) [官网](https://www.cnipa.gov.cn/)")
        page = await looking
        assert not page.is_waiting
        assert f"工作人员（{CENTER} · 工号 012）说" in page.text
        hrefs = [link.attributes["href"] for link in page.all("a")]
        assert "https://www.cnipa.gov.cn/" in hrefs
        assert not any(href and href.startswith("javascript") for href in hrefs)


async def test_a_person_who_follows_keeps_his_place_and_one_who_is_gone_loses_it(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 23, 10, 0))
    app = app_in(tmp_path, clock=clock)
    async with running(app) as client:
        desk, (path, token) = desk_of(app), await begun(client)
        desk.attendance.here("wang")
        desk.waiting.ask(path.rsplit("/", 1)[1])
        for _ in range(3):
            clock.advance(timedelta(seconds=60))
            assert (await seen(client, path, token))["service"]["state"] == "waiting"
            assert desk.waiting.sweep() == []
        clock.advance(timedelta(seconds=100))
        assert len(desk.waiting.sweep()) == 1
        assert (await seen(client, path, token))["replies"][-1]["text"] == desk.words.say.left

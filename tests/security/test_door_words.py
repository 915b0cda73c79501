"""Hostile words and what is kept of them: words, sealed, and never told to a stranger."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from aid.store import open_store
from aid.store.models import Base
from tests.channels.door_fakes import FakeBot, echo, served, settings_in
from tests.security.outside import app_in, bearer, begin, from_outside, settled, tells_nothing

pytestmark = pytest.mark.anyio
HOSTILE = [
    "'; DROP TABLE inbound; --",
    "\" OR 1=1; --",
    "%' UNION SELECT lookup_code_sealed FROM ticket --",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[点我](javascript:alert(1)) ![x](http://example.invalid/x.png)",
    "{{7*7}} ${jndi:ldap://example.invalid} {name} %s %n %(x)s",
    "\u202e倒着写\u202c \u200b\u2066\u2069",
    "\x00\x07\x1b[31m红\x1b[0m\x7f\u0085\u2028\u2029",
    "/restart",
    "/inform{\"phone\": \"13900007001\"}",
    "data: x\n\nevent: reply\ndata: {\"number\": 99}\n\n",
    "\ud7ff\ue000\ufffe\uffff𠀀👨‍👩‍👧",
    "A" * 9_999,
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_words_are_kept_as_words_and_the_door_stays_open(tmp_path: Path, hostile: str) -> None:
    bot = FakeBot()
    async with from_outside(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        path = f"/v1/conversations/{conversation}/messages"
        await client.post(path, headers=bearer(token), json={"client_id": "client-1", "text": hostile})
        seen = await settled(client, conversation, token)
        assert [said["text"] for said in seen["said"]] == [hostile.replace("\x00", "")]
        assert not any(heard.startswith("/") or "\n" in heard or "\x1b" in heard for heard in bot.texts())
        answer = await client.post(path, headers=bearer(token), json={"client_id": "client-2", "text": "还在吗"})
        assert answer.status_code == 202
        assert len((await settled(client, conversation, token))["replies"]) == 2


async def test_words_that_look_like_events_stay_inside_their_own_event(tmp_path: Path) -> None:
    bot = FakeBot(answer=lambda _text: echo("a\n\nevent: reply\ndata: {\"number\": 99}\n\n"))  # fmt: skip
    async with served(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        path = f"/v1/conversations/{conversation}"
        await client.post(f"{path}/messages", headers=bearer(token), json={"client_id": "client-1", "text": HOSTILE[10]})
        await settled(client, conversation, token)
        async with client.stream("GET", f"{path}/stream", headers=bearer(token)) as answer:
            lines = []
            async for line in answer.aiter_lines():
                lines.append(line)
                if line == "event: typing":
                    break
        assert [line for line in lines if line.startswith("event:")] == ["event: said", "event: reply", "event: typing"]


@pytest.mark.parametrize("field", ["door", "event", "client_id", "choice", "after"])
@pytest.mark.parametrize("hostile", [*HOSTILE[:8], "../../etc/passwd", "a\r\nX-Injected: 1"])
async def test_hostile_words_in_every_other_field_are_refused_without_an_echo(tmp_path: Path, field: str, hostile: str) -> None:
    async with from_outside(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        path = f"/v1/conversations/{conversation}/messages"
        if field in ("door", "event"):
            answer = await client.post("/v1/conversations", json={field: hostile})
        elif field == "after":
            answer = await client.get(path, headers=bearer(token), params={"after": hostile})
        else:
            message = {"client_id": "client-1", "text": "x"} | {field: hostile}
            answer = await client.post(path, headers=bearer(token), json=message)
        assert (answer.status_code, tells_nothing(answer, hostile)) == (422, "bad_request")
        assert "X-Injected" not in answer.headers


async def test_a_broken_store_tells_a_stranger_nothing(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with from_outside(app) as client:
        conversation, token = await begin(client)
        (tmp_path / "var" / "keys" / "data.key").rename(tmp_path / "var" / "keys" / "away")
        answer = await client.post(
            f"/v1/conversations/{conversation}/messages", headers=bearer(token), json={"client_id": "client-1", "text": "电话13900007001"}
        )
        assert (answer.status_code, tells_nothing(answer, "13900007001", "data.key")) == (500, "broken")
        (tmp_path / "var" / "keys" / "away").rename(tmp_path / "var" / "keys" / "data.key")
        again = await client.post(
            f"/v1/conversations/{conversation}/messages", headers=bearer(token), json={"client_id": "client-1", "text": "电话13900007001"}
        )
        assert again.status_code == 202


async def test_what_a_person_says_is_kept_sealed(tmp_path: Path) -> None:
    async with from_outside(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        await client.post(
            f"/v1/conversations/{conversation}/messages", headers=bearer(token), json={"client_id": "client-1", "text": "郑雪梅13900007001"}
        )
        await settled(client, conversation, token)
    store = open_store(settings_in(tmp_path))
    with store.reading() as session:
        kept = "".join(str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table)))
    store.close()
    assert "client-1" in kept
    assert "13900007001" not in kept
    assert "郑雪梅" not in kept

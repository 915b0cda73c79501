"""The web door from outside: forged tokens, guessed conversations, hostile words, floods; and answers that tell a stranger nothing."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from itsdangerous import URLSafeSerializer
from sqlalchemy import select, text

from aid.clock import FixedClock
from aid.privacy.vault import open_vault
from aid.store import open_store
from aid.store.messages import Messages, new_id
from aid.store.models import Base
from channels.errors import TooManyFromHere
from channels.limits import AddressLimit, network_of
from channels.tokens import IDLE, Tokens, token_key
from channels.web import create_app
from tests.channels.door_fakes import HURRY, FakeBot, echo, fixed_clock, held_to, served, settings_in

pytestmark = pytest.mark.anyio
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


async def test_tokens_forged_cut_or_signed_by_another_way_open_nothing(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with from_outside(app) as client:
        conversation, token = await begin(client)
        body, _, mark = token.rpartition(".")
        payload = json.dumps([conversation, 9_999_999_999]).encode()

        def jwt(header: dict[str, str], sign: bytes) -> str:
            parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, {"conversation": conversation})]
            return b".".join([*parts, sign]).decode()

        key = token_key(settings_in(tmp_path))
        another_key = URLSafeSerializer("k" * 48, salt="aid session 1", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"})
        sha1 = URLSafeSerializer(key, salt="aid session 1", signer_kwargs={"digest_method": hashlib.sha1, "key_derivation": "hmac"})
        unsalted = URLSafeSerializer(key, salt="another purpose", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"})
        none_derived = URLSafeSerializer(key, salt="aid session 1", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "none"})
        content = [conversation, int(fixed_clock().now().timestamp())]
        forged = [
            token[:-1], token[1:], body, f"{body}.", f".{mark}", mark, f"{token}.", f"{token}{mark}", f"{body}.{mark[::-1]}",
            f"{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}.{mark}",
            f"{base64.urlsafe_b64encode(payload).decode()}.{hmac.new(b'', payload, hashlib.sha256).hexdigest()}",
            jwt({"alg": "none"}, b""), jwt({"alg": "HS256"}, b"x" * 43), jwt({"alg": "RS256"}, b"x" * 43),
            *(str(way.dumps(content)) for way in (another_key, sha1, unsalted, none_derived)),
            conversation, "null", "[]", "." * 50, "a" * 5000,
        ]  # fmt: skip
        for attempt in forged:
            assert await refused_everywhere(client, conversation, attempt) == {(401, "token_wrong")}, attempt
        signed_nonsense = Tokens(key, fixed_clock())._serializer
        for content_of_ours in (None, [], [conversation], [1, 2], [conversation, "1"], {"c": conversation}, [conversation, 1.5]):
            signed = str(signed_nonsense.dumps(content_of_ours))
            assert await refused_everywhere(client, conversation, signed) == {(401, "token_wrong")}
        assert (await client.get(f"/v1/conversations/{conversation}/messages", headers=bearer(token))).status_code == 200


async def test_an_expired_token_stays_expired_and_is_not_renewed(tmp_path: Path) -> None:
    clock = fixed_clock()
    async with from_outside(app_in(tmp_path, clock=clock)) as client:
        conversation, token = await begin(client)
        clock.advance(IDLE + timedelta(seconds=1))
        assert await refused_everywhere(client, conversation, token) == {(401, "token_expired")}
        answer = await client.get(f"/v1/conversations/{conversation}/messages", headers=bearer(token))
        assert "X-Session-Token" not in answer.headers


async def test_a_token_opens_no_other_conversation_and_guessed_ids_none(tmp_path: Path) -> None:
    async with from_outside(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        other, others_token = await begin(client)
        await client.post(f"/v1/conversations/{other}/messages", headers=bearer(others_token), json={"client_id": "client-1", "text": "机密"})
        await settled(client, other, others_token)
        guesses = [other, other[::-1], new_id(), "%00" * 5, "1", "%2e%2e%2f" + conversation, "'%20OR%20'1'='1", conversation.swapcase()]
        for guess in guesses:
            for path in ("messages", "stream"):
                answer = await client.get(f"/v1/conversations/{guess}/{path}", headers=bearer(token))
                assert (answer.status_code, tells_nothing(answer, "机密")) in {(403, "not_yours"), (404, "not_found")}, guess


async def test_an_unknown_conversation_and_anothers_are_refused_alike(tmp_path: Path) -> None:
    """Nobody learns which conversations there are."""
    async with from_outside(app_in(tmp_path)) as client:
        _mine, token = await begin(client)
        other, _ = await begin(client)
        answers = [await client.get(f"/v1/conversations/{id_}/messages", headers=bearer(token)) for id_ in (other, new_id())]
        assert answers[0].content == answers[1].content


async def test_a_token_of_a_deleted_conversation_opens_nothing(tmp_path: Path) -> None:
    app = app_in(tmp_path)
    async with from_outside(app) as client:
        conversation, token = await begin(client)
        store = open_store(settings_in(tmp_path))
        with store.session() as session:
            session.execute(text("DELETE FROM conversation"))
        store.close()
        answer = await client.post(
            f"/v1/conversations/{conversation}/messages", headers=bearer(token), json={"client_id": "client-1", "text": "x"}
        )
        assert (answer.status_code, tells_nothing(answer)) == (401, "token_expired")
        read = await client.get(f"/v1/conversations/{conversation}/messages", headers=bearer(token))
        assert (read.status_code, tells_nothing(read)) == (401, "token_expired")


async def test_a_choice_of_another_conversation_is_unknown(tmp_path: Path) -> None:
    async with from_outside(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        await client.post(f"/v1/conversations/{conversation}/messages", headers=bearer(token), json={"client_id": "client-1", "text": "你好"})
        choice = (await settled(client, conversation, token))["replies"][0]["choices"][0]["id"]
        other, others_token = await begin(client)
        path = f"/v1/conversations/{other}/messages"
        for attempt in (choice, "A" * 22):
            answer = await client.post(path, headers=bearer(others_token), json={"client_id": f"client-{attempt[:4]}", "choice": attempt})
            assert (answer.status_code, tells_nothing(answer, choice)) == (404, "choice_unknown")


async def test_a_client_id_that_comes_again_with_other_words_changes_and_adds_nothing(tmp_path: Path) -> None:
    bot = FakeBot()
    async with from_outside(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        path = f"/v1/conversations/{conversation}/messages"
        first = await client.post(path, headers=bearer(token), json={"client_id": "client-1", "text": "第一句"})
        await settled(client, conversation, token)
        for other in ({"text": "换一句"}, {"text": ""}, {"text": "确认"}):
            again = await client.post(path, headers=bearer(token), json={"client_id": "client-1", **other})
            assert again.json() == first.json()
        seen = await settled(client, conversation, token)
        assert [said["text"] for said in seen["said"]] == ["第一句"]
        assert bot.texts() == ["第一句"]
        other_talk, others_token = await begin(client)
        elsewhere = await client.post(
            f"/v1/conversations/{other_talk}/messages", headers=bearer(others_token), json={"client_id": "client-1", "text": "别人"}
        )
        assert elsewhere.json()["inbound"] != first.json()["inbound"]


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


async def test_one_address_opens_only_so_many_conversations_and_others_go_on(tmp_path: Path) -> None:
    app = app_in(tmp_path, address_openings_per_minute=3)
    async with from_outside(app) as client:
        assert [(await client.post("/v1/conversations", json={})).status_code for _ in range(3)] == [201] * 3
        answer = await client.post("/v1/conversations", json={})
        assert (answer.status_code, tells_nothing(answer, STRANGER)) == (429, "too_many_here")
        assert "12345" in answer.text
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        neighbour = httpx.ASGITransport(app=app, client=(NEIGHBOUR, 40000))
        async with httpx.AsyncClient(transport=neighbour, base_url="http://door") as other:
            assert (await other.post("/v1/conversations", json={})).status_code == 201


async def test_many_conversations_of_one_address_share_its_messages(tmp_path: Path) -> None:
    """Who guesses codes gains nothing by beginning new talks."""
    async with from_outside(app_in(tmp_path, address_messages_per_minute=4)) as client:
        statuses = []
        for n in range(6):
            conversation, token = await begin(client)
            message = {"client_id": f"client-{n}", "text": "CC-2026-000001 WRONG234"}
            answer = await client.post(f"/v1/conversations/{conversation}/messages", headers=bearer(token), json=message)
            statuses.append(answer.status_code)
        assert statuses == [202] * 4 + [429] * 2
        assert tells_nothing(answer) == "too_many_here"


async def test_behind_a_proxy_of_this_machine_the_visitors_address_counts_and_a_claimed_one_does_not(tmp_path: Path) -> None:
    async with served(app_in(tmp_path, address_openings_per_minute=2)) as client:

        async def opens(forwarded: str | None) -> int:
            headers = {"X-Forwarded-For": forwarded} if forwarded else {}
            return (await client.post("/v1/conversations", json={}, headers=headers)).status_code

        assert [await opens(None) for _ in range(5)] == [201] * 5, "this machine itself is not counted"
        assert [await opens(f"192.0.2.{n}, {STRANGER}") for n in range(3)] == [201, 201, 429], "what the visitor claims stands before the proxy's word"
        assert await opens(NEIGHBOUR) == 201


async def test_the_addresses_limit_refills_evenly_and_remembers_a_bounded_number() -> None:
    now = [0.0]
    limit = AddressLimit(2, seconds=lambda: now[0], kept=3)
    for _ in range(2):
        limit.take(STRANGER)
    with pytest.raises(TooManyFromHere) as refused:
        limit.take(STRANGER)
    assert refused.value.retry_after == 30
    now[0] = 29.9
    with pytest.raises(TooManyFromHere):
        limit.take(STRANGER)
    now[0] = 30.0
    limit.take(STRANGER)
    for n in range(1000):
        limit.take(f"198.51.{n // 250}.{n % 250}")
    assert len(limit._left) == 3


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", None),
        ("127.8.8.8", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("", None),
        (None, None),
        ("unix:", "unix:"),
    ],
)
async def test_one_sender_is_an_address_or_a_households_network(address: str | None, counted: str | None) -> None:
    assert network_of(address) == counted


async def test_guessing_ids_is_hopeless() -> None:
    ids = {new_id() for _ in range(2000)}
    assert len(ids) == 2000
    assert all(len(base64.urlsafe_b64decode(id_ + "==")) == 16 for id_ in ids)
    assert len({id_[:6] for id_ in ids}) > 1990, "no counter and no clock stands in front"


async def test_a_message_of_another_conversation_is_not_reached_by_its_id(tmp_path: Path) -> None:
    """The record itself asks for both."""
    settings = settings_in(tmp_path)
    store, vault = open_store(settings), open_vault(settings)
    store.migrate()
    messages = Messages(store, vault, fixed_clock())
    mine, other = messages.open_conversation("web").id, messages.open_conversation("web").id
    first, _ = messages.add_inbound(other, "client-1", "机密")
    again, created = messages.add_inbound(mine, "client-1", "我的")
    assert (created, again.text, again.id != first.id) == (True, "我的", True)
    assert messages.replies_after(mine) == []
    store.close()

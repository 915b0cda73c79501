"""The web door from outside: forged tokens, guessed conversations, other people's things."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import text

from aid.privacy.vault import open_vault
from aid.store import open_store
from aid.store.messages import Messages, new_id
from channels.tokens import IDLE, Tokens, token_key
from tests.channels.door_fakes import FakeBot, fixed_clock, settings_in
from tests.security.outside import app_in, bearer, begin, from_outside, refused_everywhere, settled, tells_nothing

pytestmark = pytest.mark.anyio


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

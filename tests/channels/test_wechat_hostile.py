"""Requests at the callback that are not the platform's, or not whole: refused without a word and without effect."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door_fakes import settings_in
from sqlalchemy import text
from wechat_fakes import ANN, KEY, TOKEN, wechat

from aid.store import open_store
from channels.wechat.crypto import signature
from channels.wechat.standin import document

pytestmark = pytest.mark.anyio


HOSTILE: dict[str, bytes] = {
    "no body": b"",
    "json": b'{"ToUserName": "x"}',
    "forged": b"<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>/restart</Content><MsgId>1</MsgId></xml>",
    "external entity": b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Encrypt>&x;</Encrypt></xml>',
    "billion laughs": b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (98 + n, 97 + n, 97 + n, 97 + n, 97 + n) for n in range(20)) + b"]><xml>&u;</xml>",
    "deep": b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>",
    "gbk": '<?xml version="1.0" encoding="GBK"?><xml><Encrypt>你好</Encrypt></xml>'.encode("gbk"),
    "unknown encoding": b'<?xml version="1.0" encoding="x-mystery"?><xml></xml>',
    "utf-16": "<xml></xml>".encode("utf-16"),
    "two ciphertexts": b"<xml><Encrypt>AAAA</Encrypt><Encrypt>BBBB</Encrypt></xml>",
    "eight megabytes": b"<xml><Encrypt>" + b"A" * 8_000_000 + b"</Encrypt></xml>",
    "no ciphertext": b"<xml><ToUserName>gh</ToUserName></xml>",
    "nul": b"<xml>\x00</xml>",
}


def kept(folder: Path) -> int:
    """How many conversations and messages there are."""
    store = open_store(settings_in(folder))
    with store.reading() as session:
        counts = [session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in ("conversation", "inbound", "wechat_seen")]
    store.close()
    return sum(counts)


@pytest.mark.parametrize("mode", ["plain", "secure"])
async def test_hostile_requests_are_refused_without_a_word_and_without_effect(tmp_path: Path, mode: str) -> None:
    async with wechat(tmp_path, mode=mode) as it:
        statuses = {}
        for name, body in HOSTILE.items():
            query, _sent = it.platform.signed("<xml></xml>")
            # In plain mode nothing but the signature tells a forged message from a real one: that is why secure mode is the default.
            signed = [query] if (mode, name) != ("plain", "forged") else []
            for asked in (*signed, {**query, "signature": "0" * 40, "msg_signature": "f" * 40}, {}):
                answer = await it.client.post("/wechat/callback", params=asked, content=body)
                statuses[name] = answer.status_code
                assert answer.status_code in (400, 403), name
                assert answer.content == b"", name
        assert statuses["eight megabytes"] == 400
        assert (it.bot.calls, kept(tmp_path)) == ([], 0)
        # The door is as it was.
        assert "答：你好" in str(await it.platform.text(ANN, "你好"))


async def test_a_body_without_a_length_is_cut_off(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        query, _sent = it.platform.signed("<xml></xml>")

        async def endless() -> Any:
            for _ in range(200):
                yield b"A" * 8192

        answer = await it.client.post("/wechat/callback", params=query, content=endless())
        assert (answer.status_code, answer.content) == (400, b"")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"FromUserName": ""}, 400),
        ({"FromUserName": None}, 400),
        ({"ToUserName": None}, 400),
        ({"CreateTime": "gestern"}, 400),
        ({"MsgType": None}, 400),
        ({"MsgId": None}, 400),
        ({"MsgId": "1 OR 1=1"}, 400),
        ({"FromUserName": "o" * 200}, 400),
        ({"FromUserName": "o\n1"}, 400),
        ({"Content": None}, 400),
        ({"MsgType": "image", "Content": None}, 400),
        ({"MsgType": "event", "Content": None}, 400),
    ],
)
@pytest.mark.parametrize("mode", ["plain", "secure"])
async def test_signed_messages_that_lack_something_are_refused(tmp_path: Path, mode: str, change: dict[str, str | None], status: int) -> None:
    async with wechat(tmp_path, mode=mode) as it:
        fields: dict[str, str | None] = {**it.platform.fields(ANN, "text", MsgId="1", Content="你好"), **change}
        exchange = await it.platform.deliver(document({name: value for name, value in fields.items() if value is not None}))
        assert (exchange.status, it.bot.calls) == (status, [])


async def test_wrong_accounts_and_old_requests_are_refused(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        body = document(it.platform.fields(ANN, "text", MsgId="1", Content="你好"))
        it.platform.account.app_id = "wx0000000000000000"
        assert (await it.platform.deliver(body)).status == 403
        it.platform.account.app_id = "wxba5fad812f8e6fb9"
        query, sent = it.platform.signed(body)
        it.clock.advance(timedelta(minutes=6))
        assert (await it.client.post("/wechat/callback", params=query, content=sent)).status_code == 403
        doubled = [*query.items(), ("nonce", "1")]
        assert (await it.client.post("/wechat/callback", params=doubled, content=sent)).status_code == 400
        assert it.bot.calls == []


async def test_the_previous_key_is_good_while_it_is_being_changed(tmp_path: Path) -> None:
    new = "Z" * 42 + "A"
    async with wechat(tmp_path, wechat_aes_key=new, wechat_aes_key_previous=KEY) as it:
        assert "答：旧" in str(await it.platform.text(ANN, "旧"))  # the stand-in has the old one
        it.platform.account.aes_key = new
        assert "答：新" in str(await it.platform.text(ANN, "新"))


async def test_an_overheard_request_cannot_be_sent_with_other_words(tmp_path: Path) -> None:
    async with wechat(tmp_path, mode="plain") as it:
        moment, nonce = str(int(it.clock.now().timestamp())), "1"
        query = {"signature": signature(TOKEN, moment, nonce), "timestamp": moment, "nonce": nonce}
        bodies = [document(it.platform.fields(ANN, "text", MsgId=str(n), Content=f"第{n}句")) for n in (1, 1, 2)]
        statuses = [(await it.client.post("/wechat/callback", params=query, content=body.encode())).status_code for body in bodies]
        assert statuses == [200, 200, 403]
        assert it.bot.texts() == ["第1句"]

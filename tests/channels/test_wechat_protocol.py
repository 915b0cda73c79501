"""Signing, encryption and parsing at the callback, held against the platform's worked example and against wechatpy."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import wechatpy.crypto as peer
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from door_fakes import fixed_clock, settings_in
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.utils import check_signature

from aid.clock import CHANGCHUN, FixedClock
from aid.errors import SettingsError
from channels.wechat.crypto import Crypto, is_signed, signature
from channels.wechat.errors import CallbackForged, CallbackMalformed, CallbackRefused
from channels.wechat.gatekeeper import Gatekeeper, Mode, gatekeeper_of
from channels.wechat.parsing import MOST_BYTES, parse
from channels.wechat.passive import sealed_reply, text_reply

# The platform's page "message push" (developers.weixin.qq.com), read in a stored copy: the same in all account kinds.
TOKEN, KEY, APP = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
PUSHED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+"
    "tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VI"
    "YnSeOBrebufAlr7F9mFUPAJGj04="
)
# Sample.py of the platform's package cryptoDemo, for official accounts: an XML text message.
SAMPLE_TOKEN, SAMPLE_KEY, SAMPLE_APP = "spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx2c2769f8efd9abc2"
SAMPLE = (
    "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuP"
    "E328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZb"
    "Gpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9G"
    "hglF2PE="
)
NOW = int(fixed_clock().now().timestamp())
OTHER_KEY = SAMPLE_KEY


def frame(key: str, raw: bytes) -> str:
    """Whatever bytes, encrypted as they are."""
    secret = base64.b64decode(key + "=")
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(cipher.update(raw) + cipher.finalize()).decode()


def padded(content: bytes) -> bytes:
    count = 32 - len(content) % 32
    return content + bytes([count]) * count


def whole(message: bytes, app: str = APP, length: int | None = None) -> bytes:
    return b"r" * 16 + struct.pack(">I", len(message) if length is None else length) + message + app.encode()


def keeper(mode: Mode = "secure", keys: tuple[str, ...] = (KEY,), clock: FixedClock | None = None) -> Gatekeeper:
    return Gatekeeper(TOKEN, APP, mode, [Crypto(key, APP) for key in keys], clock or fixed_clock())


def plain_query(**more: str) -> list[tuple[str, str]]:
    asked = {"timestamp": str(NOW), "nonce": "415670741", **more}
    return list({"signature": signature(TOKEN, asked["timestamp"], asked["nonce"]), **asked}.items())


def sealed_query(sealed: str, **more: str) -> list[tuple[str, str]]:
    asked = {"timestamp": str(NOW), "nonce": "415670741", "encrypt_type": "aes", "signature": "0" * 40, **more}
    return list({"msg_signature": signature(TOKEN, asked["timestamp"], asked["nonce"], sealed), **asked}.items())


def enclosed(sealed: str) -> bytes:
    return f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


def test_the_platforms_worked_example_is_opened_to_the_letter() -> None:
    assert is_signed("f464b24fc39322e44b38aa78f5edd27bd1441696", "AAAAA", "1714036504", "1514711492")
    assert is_signed("899cf89e464efb63f54ddac96b0a0a235f53aa78", "AAAAA", "1714037059", "486452656")
    assert is_signed("046e02f8204d34f8ba5fa3b1db94908f3df2e9b3", "AAAAA", "1714112445", "415670741", PUSHED)
    told = Crypto(KEY, APP).decrypt(PUSHED).decode()
    assert told == (
        '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event",'
        '"Event":"debug_demo","debug_str":"hello world"}'
    )


def test_the_platforms_worked_answer_is_made_to_the_letter() -> None:
    sealed = Crypto(KEY, APP).encrypt(b'{"demo_resp":"good luck"}', b"707722b803182950")
    assert sealed == "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert signature("AAAAA", "1713424427", "415670741", sealed) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


def test_the_platforms_sample_program_for_official_accounts_is_opened() -> None:
    assert is_signed("5d197aaffba7e9b25a30732f161a50dee96bd5fa", SAMPLE_TOKEN, "1409735669", "1320562132", SAMPLE)
    clock = FixedClock(datetime.fromtimestamp(1409735700, CHANGCHUN))
    gate = Gatekeeper(SAMPLE_TOKEN, SAMPLE_APP, "secure", [Crypto(SAMPLE_KEY, SAMPLE_APP)], clock)
    query = {"timestamp": "1409735669", "nonce": "1320562132", "encrypt_type": "aes", "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa"}
    fields = gate.admit(list(query.items()), enclosed(SAMPLE)).fields
    assert (fields["Content"], fields["MsgId"], fields["FromUserName"]) == ("abcdteT", "6054768590064713728", "oyORnuP8q7ou2gfYjqLzSIWZf0rs")


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.binary(min_size=16, max_size=16))
def test_what_we_encrypt_wechatpy_opens_and_the_other_way_round(words: str, random: bytes) -> None:
    theirs = peer.PrpCrypto(base64.b64decode(SAMPLE_KEY + "="))
    ours = Crypto(SAMPLE_KEY, APP)
    assert theirs.decrypt(ours.encrypt(words.encode(), random), APP) == words
    assert ours.decrypt(theirs.encrypt(words, APP).decode()) == words.encode()


def test_wechatpy_checks_our_signatures() -> None:
    check_signature(TOKEN, signature(TOKEN, "1714036504", "1514711492"), "1714036504", "1514711492")


@pytest.mark.parametrize("content", ["您好", "a]]>b<c>&d", "]]>", "表情😀\n第二行", "控制\x00符\x0b号"])
def test_wechatpy_reads_our_answers_in_both_forms(content: str) -> None:
    from wechatpy import parse_message

    now, kept = fixed_clock().now(), "".join(sign for sign in content if sign not in "\x00\x0b")
    document = text_reply("openid", "gh_1", content, now)
    read = parse_message(document)
    assert (read.content, read.source, read.target, read.type) == (kept, "gh_1", "openid", "text")
    sealed = sealed_reply(document, Crypto(KEY, APP), TOKEN, "nonce", now)
    fields = parse(sealed.encode())
    assert set(fields) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    opened = peer.WeChatCrypto(TOKEN, KEY, APP).decrypt_message(sealed, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
    assert opened == document


def test_the_previous_key_opens_and_seals_while_it_is_being_changed() -> None:
    gate = keeper(keys=(KEY, OTHER_KEY))
    for key in (KEY, OTHER_KEY):
        sealed = Crypto(key, APP).encrypt(b"<xml><Content>x</Content></xml>")
        admitted = gate.admit(sealed_query(sealed), enclosed(sealed))
        answer = gate.seal("<xml><A>1</A></xml>", admitted)
        assert Crypto(key, APP).decrypt(parse(answer.encode())["Encrypt"]) == b"<xml><A>1</A></xml>"


def broken_frames() -> dict[str, str]:
    good = padded(whole(b"<xml></xml>"))
    return {
        "another account": Crypto(KEY, "wx0000000000000000").encrypt(b"<xml></xml>"),
        "a longer app id": Crypto(KEY, APP + "0").encrypt(b"<xml></xml>"),
        "no app id": Crypto(KEY, "").encrypt(b"<xml></xml>"),
        "another key": Crypto(OTHER_KEY, APP).encrypt(b"<xml></xml>"),
        "padding of nought": frame(KEY, good[:-1] + b"\x00"),
        "padding beyond a block": frame(KEY, good[:-1] + b"\x21"),
        "padding that differs": frame(KEY, good[:-2] + bytes([good[-1] ^ 1]) + good[-1:]),
        "all padding": frame(KEY, b"\x20" * 32),
        "a length beyond the end": frame(KEY, padded(whole(b"<xml></xml>", length=10_000))),
        "a length of four gigabytes": frame(KEY, padded(whole(b"<xml></xml>", length=2**32 - 1))),
        "half a block": base64.b64encode(b"x" * 16).decode(),
        "no base64": "!!!!",
        "padding of base64 inside": "AA=A",
        "base64 of a wrong length": "A",
        "not ASCII": "密文密文",
    }


@pytest.mark.parametrize("what", sorted(broken_frames()))
def test_a_frame_that_the_key_did_not_make_is_refused_although_it_is_signed(what: str) -> None:
    sealed = broken_frames()[what]
    with pytest.raises(CallbackForged) as refused:
        keeper().admit(sealed_query(sealed), enclosed(sealed))
    assert refused.value.status == 403


def test_only_the_signature_of_the_ciphertext_counts_in_secure_mode() -> None:
    sealed = Crypto(KEY, APP).encrypt(b"<xml><Content>x</Content></xml>")
    good = dict(sealed_query(sealed))
    assert keeper().admit(list(good.items()), enclosed(sealed)).fields == {"Content": "x"}
    right = signature(TOKEN, good["timestamp"], good["nonce"])
    for wrong in (good["msg_signature"][::-1], right):
        with pytest.raises(CallbackForged):
            keeper().admit(list({**good, "signature": right, "msg_signature": wrong}.items()), enclosed(sealed))
    other = Crypto(KEY, APP).encrypt(b"<xml><Content>y</Content></xml>")
    with pytest.raises(CallbackForged):
        keeper().admit(list(good.items()), enclosed(other))


def test_secure_mode_takes_no_open_message_and_plain_mode_needs_no_key() -> None:
    body = b"<xml><Content>x</Content></xml>"
    with pytest.raises(CallbackForged):
        keeper("secure").admit(plain_query(), body)
    assert keeper("compatible").admit(plain_query(), body).fields == {"Content": "x"}
    assert keeper("plain", keys=()).admit(plain_query(encrypt_type="raw"), body).fields == {"Content": "x"}
    sealed = Crypto(KEY, APP).encrypt(body)
    assert keeper("compatible").admit(sealed_query(sealed), enclosed(sealed)).crypto is not None
    with pytest.raises(CallbackForged):
        keeper("plain", keys=()).admit(sealed_query(sealed), enclosed(sealed))


def test_an_overheard_signature_opens_the_same_message_only() -> None:
    gate, body = keeper("plain"), b"<xml><Content>x</Content></xml>"
    for _ in range(3):  # the platform's own repetitions
        assert gate.admit(plain_query(), body).fields == {"Content": "x"}
    with pytest.raises(CallbackForged):
        gate.admit(plain_query(), b"<xml><Content>y</Content></xml>")
    assert gate.admit(plain_query(nonce="2"), b"<xml><Content>y</Content></xml>").fields == {"Content": "y"}


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 10**11])
def test_what_is_too_old_or_from_the_future_is_refused(seconds: int) -> None:
    moment = str(NOW + seconds)
    with pytest.raises(CallbackForged):
        keeper("plain").admit(plain_query(timestamp=moment), b"<xml></xml>")
    with pytest.raises(CallbackForged):
        keeper().echo(plain_query(timestamp=moment, echostr="1"))


def test_the_word_asked_back_is_given_unchanged() -> None:
    assert keeper().echo(plain_query(echostr="4375120948345356249")) == "4375120948345356249"
    with pytest.raises(CallbackForged):
        keeper().echo([("echostr", "1"), *((n, v if n != "signature" else "0" * 40) for n, v in plain_query())])


@pytest.mark.parametrize(
    "change",
    [
        lambda q: [p for p in q if p[0] != "timestamp"],
        lambda q: [p for p in q if p[0] != "nonce"],
        lambda q: [p for p in q if p[0] != "signature"],
        lambda q: [*q, ("timestamp", str(NOW))],
        lambda q: [*q, ("encrypt_type", "des")],
        lambda q: [(n, "1e9" if n == "timestamp" else v) for n, v in q],
        lambda q: [(n, "一二三" if n == "timestamp" else v) for n, v in q],
        lambda q: [(n, "x" * 200 if n == "nonce" else v) for n, v in q],
        lambda q: [(n, "ABC" if n == "signature" else v) for n, v in q],
    ],
)
def test_missing_doubled_and_senseless_parameters_are_malformed(change: Callable[[list[tuple[str, str]]], Any]) -> None:
    with pytest.raises(CallbackMalformed) as refused:
        keeper("plain").admit(change(plain_query()), b"<xml></xml>")
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"{}",
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<html></html>",
        b"\xc4\xe3\xba\xc3",
        '<?xml version="1.0" encoding="GBK"?><xml><Content>你好</Content></xml>'.encode("gbk"),
        b"<xml><Content>\xff\xfe</Content></xml>",
        "<xml></xml>".encode("utf-16"),
        b"<xml a='1'></xml>",
        b"<xml><Content a='1'>x</Content></xml>",
        b"<xml><MsgId>1</MsgId><MsgId>2</MsgId></xml>",
        b"<xml><a><b><c><d><e><f></f></e></d></c></b></a></xml>",
        b"<xml>" + b"<a>" * 8000 + b"</a>" * 8000 + b"</xml>",
        b"<!DOCTYPE xml><xml></xml>",
        b'<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Content>&x;</Content></xml>',
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>',
        b"<xml><Content>&x;</Content></xml>",
        b'<?xml-stylesheet href="http://x"?><xml></xml>',
        b"<xml><Content>\x00</Content></xml>",
        b"<xml><Content>&#0;</Content></xml>",
        b"<xml>" + b" " * MOST_BYTES + b"</xml>",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_the_platform_never_sends_is_malformed(body: bytes) -> None:
    with pytest.raises(CallbackMalformed):
        parse(body)


@pytest.mark.parametrize("encoding", ["GBK", "UTF-16", "utf-8", "no-such-thing", "ISO-8859-1"])
def test_whatever_encoding_is_declared_it_is_read_as_utf_8(encoding: str) -> None:
    assert parse(f'<?xml version="1.0" encoding="{encoding}"?><xml><Content>你好</Content></xml>'.encode()) == {"Content": "你好"}
    assert parse(b"\xef\xbb\xbf<xml><Content>1</Content></xml>") == {"Content": "1"}


def test_nested_parts_of_events_are_passed_over() -> None:
    body = (
        "<xml><Event>pic_weixin</Event><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>5a75</PicMd5Sum></item></PicList></SendPicsInfo>"
        "<EventKey>k</EventKey></xml>"
    )
    assert parse(body.encode()) == {"Event": "pic_weixin", "EventKey": "k"}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text("<xml>/!&;[]CDATA ab\"'=-?", max_size=120).map(lambda text: f"<xml>{text}</xml>".encode()))
def test_any_body_is_fields_or_malformed(body: bytes) -> None:
    try:
        fields = parse(body)
    except CallbackRefused:
        return
    assert all(isinstance(value, str) for value in fields.values())


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=300).map(lambda raw: base64.b64encode(raw).decode()))
def test_any_ciphertext_is_opened_or_forged(sealed: str) -> None:
    with pytest.raises(CallbackForged):
        Crypto(KEY, APP).decrypt(sealed)


def test_settings_that_do_not_go_together_name_themselves(tmp_path: Path) -> None:
    def with_(**more: Any) -> Gatekeeper:
        return gatekeeper_of(settings_in(tmp_path, wechat_token="t", **more), fixed_clock())

    with pytest.raises(SettingsError, match="AID_WECHAT_APP_ID"):
        with_()
    with pytest.raises(SettingsError, match="AID_WECHAT_AES_KEY is missing"):
        with_(wechat_app_id=APP)
    with pytest.raises(SettingsError, match="AID_WECHAT_AES_KEY_PREVIOUS"):
        with_(wechat_app_id=APP, wechat_aes_key=KEY, wechat_aes_key_previous="short")
    assert with_(wechat_app_id=APP, wechat_mode="plain").mode == "plain"
    assert with_(wechat_app_id=APP, wechat_aes_key=KEY).mode == "secure"

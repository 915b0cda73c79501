"""Hostile requests to the WeChat callback, made by chance: no messages at all, forged ones, and ones that are signed but broken inside."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from channels.wechat.crypto import Crypto, signature
from channels.wechat.standin import document

TOKEN, APP, KEY = "token", "wx0000000000000001", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_PARAMETERS = ("timestamp", "nonce", "signature", "msg_signature", "encrypt_type")
_INSERTED = (b"<", b">", b"]]>", b"&x;", b"<!DOCTYPE a>", b"\x00", b"\xff", b"<a b='c'>", b"<?x?>", b"<MsgType>text</MsgType>")
_DECLARED = '<?xml version="1.0" encoding="GBK"?><xml><Content>你好</Content></xml>'
_LARGE = (131_100, 200_000, 1_000_000)


@dataclass
class Hostile:
    """One request: what it is, query, body, and whether it may be taken (``success``) instead of refused."""

    name: str
    query: list[tuple[str, str]]
    body: bytes
    may_be_taken: bool = False


def hostile(count: int, seed: int, mode: str) -> Iterator[Hostile]:
    """Requests of every kind in turn, made by chance."""
    chance, makers = random.Random(seed), list(_MAKERS.items())
    for number in range(count):
        name, make = makers[number % len(makers)]
        yield make(name, chance, mode)


def _query(chance: random.Random, sealed: str | None, moment: float | None = None) -> list[tuple[str, str]]:
    stamp, nonce = str(int(time.time() if moment is None else moment)), str(chance.randrange(10**10))
    query = [("timestamp", stamp), ("nonce", nonce), ("signature", signature(TOKEN, stamp, nonce))]
    if sealed is not None:
        query += [("encrypt_type", "aes"), ("msg_signature", signature(TOKEN, stamp, nonce, sealed))]
    return query


def _sealed(name: str, chance: random.Random, body: bytes, *, key: str = KEY, app: str = APP, taken: bool = False) -> Hostile:
    sealed = Crypto(key, app).encrypt(body)
    return Hostile(name, _query(chance, sealed), _around(sealed), taken)


def _around(sealed: str) -> bytes:
    return document({"ToUserName": "gh_1", "Encrypt": sealed}).encode()


def _event(chance: random.Random) -> bytes:
    fields = {"ToUserName": "gh_1", "FromUserName": f"o{chance.randrange(10**9)}", "CreateTime": str(int(time.time())), "MsgType": "event"}
    return document({**fields, "Event": "VIEW", "EventKey": "https://x.example"}).encode()


def _noise(chance: random.Random, most: int) -> bytes:
    return chance.randbytes(chance.randrange(most))


def _mutated(chance: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randrange(1, 12)]
            case 2:
                changed[at:at] = chance.choice(_INSERTED)
            case _:
                changed[at:at] = changed[at : at + chance.randrange(1, 40)]
        if not changed:
            changed += b"<"
    return bytes(changed)


def _laughs(depth: int) -> bytes:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(depth))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><xml><Encrypt>&e{depth};</Encrypt></xml>'.encode()


def _wrong_padding(name: str, chance: random.Random, _mode: str) -> Hostile:
    sealed = base64.b64encode(chance.randbytes(32 * chance.randrange(1, 12))).decode()
    return Hostile(name, _query(chance, sealed), _around(sealed))


def _wrong_signature(name: str, chance: random.Random, _mode: str) -> Hostile:
    good = _sealed(name, chance, _event(chance))
    query = [(key, f"{chance.getrandbits(160):040x}" if "signature" in key else value) for key, value in good.query]
    return Hostile(name, query, good.body)


def _changed_after_signing(name: str, chance: random.Random, mode: str) -> Hostile:
    good = _sealed(name, chance, _event(chance))
    return Hostile(name, good.query, _mutated(chance, good.body), may_be_taken=True)  # where the change is beside the ciphertext


def _old(name: str, chance: random.Random, _mode: str) -> Hostile:
    sealed = Crypto(KEY, APP).encrypt(_event(chance))
    return Hostile(name, _query(chance, sealed, time.time() + chance.choice([-1, 1]) * chance.randrange(400, 10**9)), _around(sealed))


def _doubled(name: str, chance: random.Random, _mode: str) -> Hostile:
    good = _sealed(name, chance, _event(chance))
    if chance.random() < 0.5:
        return Hostile(name, [*good.query, chance.choice(good.query)], good.body)
    return Hostile(name, good.query, good.body.replace(b"<xml>", b"<xml><Encrypt>x</Encrypt>", 1))


def _missing(name: str, chance: random.Random, _mode: str) -> Hostile:
    good = _sealed(name, chance, _event(chance))
    gone = chance.choice(["timestamp", "nonce", "msg_signature"])
    return Hostile(name, [pair for pair in good.query if pair[0] != gone], good.body)


def _open(name: str, chance: random.Random, mode: str) -> Hostile:
    return Hostile(name, _query(chance, None), _event(chance), may_be_taken=mode != "secure")


_MAKERS: dict[str, Callable[[str, random.Random, str], Hostile]] = {
    "noise": lambda name, chance, _mode: Hostile(name, _query(chance, "x"), _noise(chance, 4000)),
    "noise in the query": lambda name, chance, _mode: Hostile(
        name, [(chance.choice(_PARAMETERS), _noise(chance, 40).decode("latin-1")) for _ in range(5)], _event(chance)
    ),
    "wrong signature": _wrong_signature,
    "too old, or from the future": _old,
    "changed after signing": _changed_after_signing,
    "signed noise as ciphertext": _wrong_padding,
    "another account's": lambda name, chance, _mode: _sealed(name, chance, _event(chance), app=f"wx{chance.randrange(10**16):016}"),
    "sealed with another key": lambda name, chance, _mode: _sealed(name, chance, _event(chance), key="z" * 42 + "A"),
    "sealed noise": lambda name, chance, _mode: _sealed(name, chance, _noise(chance, 2000)),
    "sealed and broken inside": lambda name, chance, _mode: _sealed(name, chance, _mutated(chance, _event(chance)), taken=True),
    "external entity": lambda name, chance, _mode: Hostile(
        name, _query(chance, "x"), b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Encrypt>&x;</Encrypt></xml>'
    ),
    "billion laughs": lambda name, chance, _mode: Hostile(name, _query(chance, "x"), _laughs(chance.randrange(3, 30))),
    "sealed laughs": lambda name, chance, _mode: _sealed(name, chance, _laughs(chance.randrange(3, 30))),
    "deep": lambda name, chance, _mode: _sealed(name, chance, b"<xml>" + b"<a>" * (depth := chance.randrange(6, 9000)) + b"</a>" * depth + b"</xml>"),
    "other encodings": lambda name, chance, _mode: _sealed(
        name, chance, _DECLARED.encode(chance.choice(["gbk", "utf-16", "big5", "utf-7"]))
    ),
    "missing": _missing,
    "doubled": _doubled,
    "large": lambda name, chance, _mode: Hostile(name, _query(chance, "x"), b"<xml>" + b"A" * chance.choice(_LARGE) + b"</xml>"),
    "not encrypted": _open,
    "an event that asks for nothing": lambda name, chance, _mode: _sealed(name, chance, _event(chance), taken=True),
}

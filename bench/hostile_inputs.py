"""Hostile inputs of every kind, made by chance: for the API by schemathesis out of its own description, for the rest by small grammars."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bench.wechat_inputs import hostile as wechat_requests

SIGNS = (
    "\x00", "\ud83d", "\u202e", "\u200b", "\ufeff", "🙂" * 20, "Ａ１", "龘", "\r\n", "\t", "%00", "%n%s%x", "{{7*7}}", "${jndi:ldap://x}",
    "' OR 1=1 --",
    '"; DROP TABLE ticket; --', "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "../../var/keys/data.key",
    "data: x\n\nevent: reply\n\n", "=cmd|' /C calc'!A0", "/restart", "/session_start", "EXTERNAL: x", "]]>", "&lt;", "\\u0000", "NaN",
    "1e309", "-1", "٣",
    "(a+)+$", "a" * 3000, "字" * 2500, "١٢٣٤", "0" * 400, "[[", "{}", "null",
)  # fmt: skip
WORDS = (
    "我要投诉", "展会上有人仿冒我的外观专利", "A3馆B12", "车灯", "专利号ZL202130123456.7", "商标被抢注了怎么办", "查进度",
    "CC-2026-000001", "转人工", "算了", "取消",
    "是", "不是", "跳过", "确认", "13900007001", "王小强", "昨天下午", "三万块", "我想调解", "你好", "谢谢", "没解决", "1", "2", "改电话",
    "同意", "依据是什么", "要多少钱",
)  # fmt: skip
PATHS = (
    "/", "/talk", "/lookup", "/centers", "/privacy", "/accessibility", "/kiosk", "/healthz", "/v1/openapi.json", "/v1/greeting", "/console/",
    "/.env",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
KINDS = ("application/json", "multipart/form-data; boundary=b", "text/plain", "application/x-www-form-urlencoded",
    "", 'x; charset="', "application/xml")
FIELDS = (
    "text", "choice", "client_id", "csrf", "guard", "number", "code", "event", "reason", "words", "seen", "key", "role", "center", "name",
    "shown", "q", "after", "what",
    "day", "month", "year", "since", "until", "before", "who", "act", "sign", "sending", "state", "kind", "expo", "first", "last", "note",
    "receiver", "body", "variants",
)  # fmt: skip
"""Names of fields and parameters of forms, true ones."""


@dataclass
class Input:
    """One request. ``{conversation}`` in its path, and its token, are filled in when it is sent (``talk``); ``staff``: with a session."""

    kind: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    talk: bool = False
    staff: bool = False


def inputs(count: int, seed: int, description: dict[str, Any], console: Sequence[tuple[str, str]]) -> Iterator[Input]:
    """``count`` requests of all kinds, mixed: the API (3 of 10), talks (3), workbench (2), WeChat, pages and addresses (2)."""
    chance = random.Random(seed)
    api = iter(_of_the_api(count * 3 // 10 + 1, seed, description))
    callback = iter(wechat_requests(count, seed, "secure"))
    for number in range(count):
        match number % 10:
            case 0 | 3 | 6:
                yield next(api, None) or _say(chance)
            case 1 | 4 | 7:
                yield _say(chance)
            case 2 | 8:
                yield _at_the_workbench(chance, console)
            case 5:
                one = next(callback)
                query = "&".join(f"{quote(name)}={quote(value)}" for name, value in one.query)
                yield Input("WeChat", "POST", f"/wechat/callback?{query}", body=one.body)
            case _:
                yield _page(chance) if chance.random() < 0.5 else _address(chance)


def words(chance: random.Random) -> str:
    """What somebody might say in a talk: phrases of ours, cut, doubled, turned and mixed with signs that hurt."""
    said = ""
    for _ in range(chance.randrange(1, 6)):
        piece = chance.choice(WORDS if chance.random() < 0.6 else SIGNS)
        match chance.randrange(6):
            case 0:
                piece = piece[: chance.randrange(len(piece) + 1)]
            case 1:
                piece = piece[::-1]
            case 2:
                piece = piece * chance.randrange(1, 4)
            case 3:
                piece = "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(8)))
        said += piece + chance.choice(["", "，", " ", "\n", "。"])
    return said


def _say(chance: random.Random) -> Input:
    said: dict[str, Any] = {"client_id": f"{chance.getrandbits(64):016x}", "text": words(chance)}
    if chance.random() < 0.1:
        said["text"] = chance.choice([None, 1, [], {}, True, "x" * 60_000, {"text": "x"}])
    if chance.random() < 0.1:
        said[chance.choice(["choice", "client_id", "door", "__proto__"])] = chance.choice(["", "x", None, 1, "A" * 22, chance.choice(SIGNS)])
    # In ASCII, so that halves of characters can be sent too.
    body = json.dumps(said).encode()
    return Input("talk", "POST", "/v1/conversations/{conversation}/messages", {"Content-Type": "application/json"}, body, talk=True)


def _form(chance: random.Random) -> bytes:
    names = [*chance.sample(FIELDS, chance.randrange(1, 7)), *([_value(chance)] if chance.random() < 0.1 else [])]
    return "&".join(f"{_quoted(name)}={_quoted(_value(chance))}" for name in names).encode()


def _value(chance: random.Random) -> str:
    number, day = str(chance.randrange(-5, 10**9)), f"2026-{chance.randrange(99)}-01"
    return chance.choice([words(chance), chance.choice(SIGNS), chance.choice(WORDS), number, day, ""])


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


def _at_the_workbench(chance: random.Random, routes: Sequence[tuple[str, str]]) -> Input:
    method, path = chance.choice(routes)
    places = ("CC-2026-000001", "CC-2026-999999", "x", "noted", "accepted", "%2e%2e", "0", _quoted(chance.choice(SIGNS))[:300])
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + chance.choice(places) + rest.partition("}")[2]
    query = f"?{_form(chance).decode()}" if chance.random() < 0.5 else ""
    body = _form(chance) if method != "GET" else b""
    headers = {"Content-Type": "application/x-www-form-urlencoded" if chance.random() < 0.9 else chance.choice(KINDS)} if body else {}
    if chance.random() < 0.2:
        headers["HX-Request"] = "true"
    return Input("console", method, f"/console{path}{query}", headers, body, staff=True)


def _page(chance: random.Random) -> Input:
    path = chance.choice(("/talk", "/lookup", "/talk/file", "/talk/end", "/talk/new"))
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": chance.choice(["same-origin", "cross-site", "none"])}
    return Input("page", "POST", path, form, _form(chance))


def _address(chance: random.Random) -> Input:
    more = chance.choice(["", "/", "?", "/../", "//", "/%2e%2e/"]) + _quoted(_value(chance))[:2000]
    path = chance.choice(PATHS) + ("" if chance.random() < 0.3 else more)
    headers = {"Content-Type": chance.choice(KINDS), "Range": chance.choice(["", "bytes=0-", "bytes=9-1", "x"]), "Accept-Encoding": "identity"}
    if chance.random() < 0.3:
        headers |= {"Origin": chance.choice(["null", "https://evil.example", "x"]), "Host": chance.choice(["evil.example", "x:99999", "[::1"])}
    headers["Cookie"] = chance.choice(["", "aid-talk=x", "aid-console=" + "A" * 200, "a=b; =; ;;", 'x="\\'])
    kept = {name: value for name, value in headers.items() if value}
    return Input("address", chance.choice(METHODS), path, kept, chance.randbytes(chance.randrange(40)))


def _of_the_api(count: int, seed: int, description: dict[str, Any]) -> list[Input]:
    """Right and wrong requests to every operation, by schemathesis."""
    import schemathesis
    from schemathesis.generation import GenerationMode

    operations = [found.ok() for found in schemathesis.openapi.from_dict(description).get_all_operations()]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    each = count // (len(operations) * len(modes)) + 1
    made = [one for operation in operations for mode in modes for one in _of_one(operation, mode, each, seed)]
    random.Random(seed).shuffle(made)
    return made


def _of_one(operation: Any, mode: Any, count: int, seed: int) -> list[Input]:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    made: list[Input] = []
    own = "{conversation}" in operation.path

    @seeded(seed)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def keep(case: Any) -> None:
        if one := _ready(case, own):
            made.append(one)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            keep()
        except Exception as fault:  # there may be nothing wrong to say to an operation that takes nothing
            if "Unsatisfiable" not in type(fault).__name__:
                raise
    return made


def _ready(case: Any, own: bool) -> Input | None:
    """As it goes over the line; ``None`` for what no client can send. ``own``: inside a conversation, whose real id takes the made one's place."""
    import requests

    raw = case.as_transport_kwargs(base_url="http://x")
    known = {name: raw[name] for name in ("method", "url", "headers", "params", "json", "data", "files", "cookies") if name in raw}
    try:
        ready = requests.Request(**known).prepare()
    except (ValueError, requests.RequestException, UnicodeError):
        return None
    body = ready.body.encode("utf-8", "surrogatepass") if isinstance(ready.body, str) else ready.body or b""
    path = ready.path_url
    if own:
        parts = path.split("/")
        parts[3] = "{conversation}" + "".join(parts[3].partition("?")[1:])
        path = "/".join(parts)
    headers = {str(name): str(value) for name, value in ready.headers.items() if str(name).lower() not in ("content-length", "host")}
    return Input("API", str(ready.method), path, headers, body, talk=own) if isinstance(body, bytes) else None

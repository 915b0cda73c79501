"""A stand-in for the platform, to try the whole door without an account: it sends callbacks as the platform does, and answers the API.

It keeps the platform's rules: five seconds, three tries, one token at a time, 5 messages after a message and 3 after a tap, 2,048 bytes.
What goes wrong on purpose is set by ``faults`` (error codes by path, one for each call) and ``slow`` (seconds by path).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aid.clock import Clock
from channels.wechat.crypto import Crypto, signature
from channels.wechat.parsing import parse

PATIENCE_SECONDS, TRIES = 5.0, 3
MOST_BYTES = 2048
TOKEN_SECONDS = 7200
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^&"]*)&msgmenuid=([^"]*)">')
BROKEN = "该公众号暂时无法提供服务，请稍后再试"
"""What the platform shows when an account answers nonsense or not at all."""
ACCOUNT = "gh_0123456789ab"


@dataclass
class Account:
    """What the platform knows of the account."""

    app_id: str
    secret: str
    token: str
    callback: str
    aes_key: str = ""
    is_secure: bool = True


@dataclass
class Phone:
    """A follower: what stands on his screen, and what his acts still allow."""

    openid: str
    seen: list[str] = field(default_factory=list)
    pushed: int = 0
    typing: int = 0
    message_end: Any = None
    message_left: int = 0
    tap_end: Any = None
    tap_left: int = 0
    follows: bool = True
    taps: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Exchange:
    """One try to deliver a message: status, body (opened), and the seconds that it took."""

    status: int
    content: str | None
    seconds: float


class Platform:
    """The stand-in. ``app`` is its API; ``exchanges`` are all callbacks that were answered."""

    def __init__(self, account: Account, clock: Clock) -> None:
        self.account, self._clock = account, clock
        self.phones: dict[str, Phone] = {}
        self.exchanges: list[Exchange] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, list[int]] = defaultdict(list)
        self.slow: dict[str, float] = {}
        self.forbidden: set[str] = set()
        self.has_menus = True
        self.media: dict[str, bytes | str] = {}
        self.menu: dict[str, Any] | None = None
        self.tokens_given = 0
        self.patience = PATIENCE_SECONDS
        self._token, self._token_end = "", clock.now()
        self._numbers = itertools.count(int(clock.now().timestamp() * 1000))
        self.app = Starlette(routes=[Route("/{path:path}", self._asked, methods=["GET", "POST"])])

    def phone(self, openid: str) -> Phone:
        """The phone of a follower."""
        return self.phones.setdefault(openid, Phone(openid))

    def expire_token(self) -> None:
        """Let the token in use be refused from now on (42001)."""
        self._token_end = self._clock.now()

    def keep_media(self, content: bytes | str) -> str:
        """Keep a file (or the address of a video) as if a follower had sent it; gives its id."""
        media_id = secrets.token_urlsafe(12)
        self.media[media_id] = content
        return media_id

    # The callback's side.

    async def text(self, openid: str, words: str, menu_id: str = "") -> str | None:
        """A follower types; gives what is answered in the same connection."""
        self.allow(openid, is_tap=bool(menu_id))
        return await self.message(openid, "text", Content=words, **({"bizmsgmenuid": menu_id} if menu_id else {}))

    async def photo(self, openid: str, content: bytes) -> str | None:
        """A follower sends a picture."""
        self.allow(openid)
        return await self.message(openid, "image", PicUrl="http://mmbiz.qpic.cn/x", MediaId=self.keep_media(content))

    async def event(self, openid: str, event: str, **fields: str) -> str | None:
        """A follower follows, leaves, scans, clicks."""
        if event == "unsubscribe":
            self.phone(openid).follows = False
        elif event in ("subscribe", "SCAN", "CLICK"):
            self.phone(openid).follows = True
            self.allow(openid, is_tap=True)
        return await self.push(openid, self.fields(openid, "event", Event=event, **fields))

    async def message(self, openid: str, kind: str, **fields: str) -> str | None:
        """Any message."""
        return await self.push(openid, self.fields(openid, kind, MsgId=str(next(self._numbers)), **fields))

    def fields(self, openid: str, kind: str, **more: str) -> dict[str, str]:
        """The fields that each push has, and ``more``."""
        now = str(int(self._clock.now().timestamp()))
        return {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": now, "MsgType": kind, **more}

    async def push(self, openid: str, fields: Mapping[str, str]) -> str | None:
        """Deliver as the platform does: three tries of five seconds each; what is answered appears on the phone."""
        body = document(fields)
        for _attempt in range(TRIES):
            try:
                exchange = await self.deliver(body)
            except (httpx.HTTPError, TimeoutError):
                continue
            content = exchange.content if exchange.status == 200 else BROKEN
            if content is not None:
                self.phone(openid).seen.append(content)
                self.phone(openid).taps = []
            return content
        self.phone(openid).seen.append(BROKEN)
        return BROKEN

    async def deliver(self, body: str) -> Exchange:
        """One try. Raises ``TimeoutError``, ``httpx.HTTPError``."""
        loop = asyncio.get_running_loop()
        query, sent = self.signed(body)
        begun = loop.time()
        async with asyncio.timeout(self.patience), httpx.AsyncClient(timeout=None, trust_env=False, verify=False) as http:
            answer = await http.post(self.account.callback, params=query, content=sent.encode(), headers={"Content-Type": "text/xml"})
        exchange = Exchange(answer.status_code, self._answered(answer, query["nonce"]), loop.time() - begun)
        self.exchanges.append(exchange)
        return exchange

    def signed(self, body: str) -> tuple[dict[str, str], str]:
        """The query and the body as they go over the wire."""
        moment, nonce = str(int(self._clock.now().timestamp())), str(secrets.randbelow(10**10))
        query = {"signature": signature(self.account.token, moment, nonce), "timestamp": moment, "nonce": nonce}
        if not self.account.is_secure:
            return query, body
        sealed = self.seal(body)
        query |= {"encrypt_type": "aes", "msg_signature": signature(self.account.token, moment, nonce, sealed)}
        return query, document({"ToUserName": ACCOUNT, "Encrypt": sealed})

    def seal(self, body: str) -> str:
        """The body as ciphertext."""
        return Crypto(self.account.aes_key, self.account.app_id).encrypt(body.encode())

    def open(self, answer: str, nonce: str) -> str:
        """An encrypted answer, opened. Raises ``ValueError`` for one that the platform would not show."""
        fields = parse(answer.encode())
        expected = signature(self.account.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
        if fields["MsgSignature"] != expected or fields["Nonce"] != nonce:
            raise ValueError("the answer is not signed")
        return Crypto(self.account.aes_key, self.account.app_id).decrypt(fields["Encrypt"]).decode()

    def _answered(self, answer: httpx.Response, nonce: str) -> str | None:
        if answer.status_code != 200 or answer.text in ("", "success"):
            return None
        opened = self.open(answer.text, nonce) if self.account.is_secure else answer.text
        content = parse(opened.encode())["Content"]
        return content if len(content.encode()) <= MOST_BYTES else BROKEN

    def links(self, openid: str) -> list[tuple[str, str]]:
        """The links of the newest message that has some: what a tap sends, and its id."""
        if self.phone(openid).taps:
            return self.phone(openid).taps
        for words in reversed(self.phone(openid).seen):
            if found := _LINK.findall(words):
                return [(unquote(content), unquote(menu_id)) for content, menu_id in found]
        return []

    def allow(self, openid: str, is_tap: bool = False) -> None:
        """Note an act of the follower's, which allows messages."""
        phone, now = self.phone(openid), self._clock.now()
        if is_tap:
            phone.tap_end, phone.tap_left = now + timedelta(minutes=1), 3
        else:
            phone.message_end, phone.message_left = now + timedelta(hours=48), 5

    # The API's side.

    async def _asked(self, request: Request) -> Response:
        path, body = request.url.path, await request.body()
        said: dict[str, Any] = json.loads(body) if body else dict(request.query_params)
        self.calls.append((path, said))
        if path in self.slow:
            await asyncio.sleep(self.slow[path])
        if b"\\u" in body:
            return _error(40033)
        if self.faults[path]:
            code = self.faults[path].pop(0)
            return Response(status_code=-code) if code < 0 else _error(code)
        if path in self.forbidden:
            return _error(48001)
        if path == "/cgi-bin/stable_token":
            return self._new_token(said)
        if request.query_params.get("access_token") != self._token or not self._token:
            return _error(40001)
        if self._clock.now() >= self._token_end:
            return _error(42001)
        return self._done(path, said)

    def _new_token(self, said: dict[str, Any]) -> Response:
        if said.get("appid") != self.account.app_id or said.get("secret") != self.account.secret:
            return _error(40125)
        if not self._token or self._clock.now() >= self._token_end or said.get("force_refresh"):
            self._token, self._token_end = secrets.token_urlsafe(90), self._clock.now() + timedelta(seconds=TOKEN_SECONDS)
            self.tokens_given += 1
        return JSONResponse({"access_token": self._token, "expires_in": int((self._token_end - self._clock.now()).total_seconds()) or 1})

    def _done(self, path: str, said: dict[str, Any]) -> Response:
        match path:
            case "/cgi-bin/message/custom/send":
                return self._sent(said)
            case "/cgi-bin/message/custom/typing":
                self.phone(said["touser"]).typing += 1
            case "/cgi-bin/media/get":
                return self._file(said["media_id"])
            case "/cgi-bin/menu/create":
                self.menu = said
            case "/cgi-bin/get_current_selfmenu_info":
                return JSONResponse({"is_menu_open": int(self.menu is not None), "selfmenu_info": self.menu or {"button": []}})
            case "/cgi-bin/qrcode/create":
                scene = said["action_info"]["scene"]["scene_str"]
                return JSONResponse({"ticket": f"ticket+{scene}", "url": f"http://weixin.qq.com/q/{scene}"})
            case "/cgi-bin/message/template/send" | "/cgi-bin/message/subscribe/bizsend":
                self.phone(said["touser"]).seen.append("；".join(value["value"] for value in said["data"].values()))
            case _:
                return _error(43019)
        return _error(0)

    def _sent(self, said: dict[str, Any]) -> Response:
        phone, now = self.phone(said["touser"]), self._clock.now()
        taps: list[tuple[str, str]] = []
        if said["msgtype"] == "msgmenu":
            if not self.has_menus:
                return _error(40200)
            taps = [(one["content"], one["id"]) for one in said["msgmenu"]["list"]]
            content = "\n".join([said["msgmenu"]["head_content"], *(f"[{label}]" for label, _id in taps)])
        else:
            content = said["text"]["content"]
        if len(content.encode()) > MOST_BYTES:
            return _error(45002)
        if not phone.follows or not any(end and now < end for end in (phone.message_end, phone.tap_end)):
            return _error(45015)
        if phone.tap_left and phone.tap_end and now < phone.tap_end:
            phone.tap_left -= 1
        elif phone.message_left and phone.message_end and now < phone.message_end:
            phone.message_left -= 1
        else:
            return _error(45047)
        phone.seen.append(content)
        phone.pushed, phone.taps = phone.pushed + 1, taps
        return _error(0)

    def _file(self, media_id: str) -> Response:
        kept = self.media.get(media_id)
        if kept is None:
            return _error(40007)
        if isinstance(kept, str):
            return JSONResponse({"video_url": kept})
        return Response(kept, media_type="image/jpeg")


def document(fields: Mapping[str, str]) -> str:
    """The fields as the platform writes them."""
    inside = "".join(f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inside}</xml>"


def _error(code: int) -> Response:
    return JSONResponse({"errcode": code, "errmsg": "ok" if code == 0 else f"error {code} rid: 0"})

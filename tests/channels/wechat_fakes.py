"""The door over real HTTP between a stand-in of the platform and a bot that does as it is told; wechatpy signs, seals and reads."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from door_fakes import HURRY, FakeBot, fixed_clock, held_to, settings_in
from fastapi import FastAPI
from sqlalchemy import text
from starlette.applications import Starlette
from uvicorn import Config
from wechatpy import parse_message
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from aid.clock import Clock, FixedClock
from aid.replies import Choice, Reply
from aid.store import open_store
from channels.server import Server
from channels.web import create_app
from channels.wechat.door import Pace
from channels.wechat.standin import ACCOUNT, Account, Platform
from channels.wechat.talk import Tempo

APP, SECRET, TOKEN = "wxba5fad812f8e6fb9", "secret-of-the-account", "token-of-the-callback"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ANN, BEN = "oANN4Kd5ggOC-bXrbNODIiE3bGY1", "oBEN4Kd5ggOC-bXrbNODIiE3bGY2"
QUICK = Pace(Tempo(retry=0.02), rounds=3600.0, staff=3600.0)
"""Rounds are gone by hand."""


SEND = "/cgi-bin/message/custom/send"


class Peer(Platform):
    """The stand-in, whose signing, sealing and reading is wechatpy's."""

    def seal(self, body: str) -> str:
        import base64

        return PrpCrypto(base64.b64decode(self.account.aes_key + "=")).encrypt(body, self.account.app_id).decode()

    def open(self, answer: str, nonce: str) -> str:
        fields = parse_fields(answer)
        assert fields["Nonce"] == nonce
        crypto = WeChatCrypto(self.account.token, self.account.aes_key, self.account.app_id)
        opened = crypto.decrypt_message(answer, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
        read = parse_message(opened)
        assert (read.type, read.source) == ("text", ACCOUNT)
        return str(opened)


def parse_fields(answer: str) -> dict[str, str]:
    import xmltodict

    return dict(xmltodict.parse(answer)["xml"])


@dataclass
class Wechat:
    """The door, the platform, and what stands behind and between them."""

    platform: Peer
    app: FastAPI
    bot: FakeBot
    clock: FixedClock
    client: httpx.AsyncClient
    address: str
    """Of the platform's API."""

    @property
    def door(self) -> Any:
        return self.app.state.wechat

    async def quiet(self, seconds: float = 8.0) -> None:
        """Wait until nothing is on its way any more."""
        end = asyncio.get_running_loop().time() + seconds
        while self.door.talk._tasks or self.app.state.door.hub.in_motion:
            assert asyncio.get_running_loop().time() < end, "the door does not come to rest"
            await asyncio.sleep(0.01)

    def seen(self, openid: str = ANN) -> list[str]:
        return self.platform.phone(openid).seen

    def hurry(self, seconds: float = 0.4) -> None:
        """From now on an answer is late after so many seconds; ``relax`` brings the usual four back."""
        self.door.talk._tempo = Tempo(answer=seconds, retry=0.02)

    def relax(self) -> None:
        self.door.talk._tempo = Tempo(retry=0.02)

    async def round(self) -> None:
        """One round; who is still being answered would be passed over."""
        await self.quiet()
        await self.door.rounds.once()


@asynccontextmanager
async def listening(app: FastAPI | Starlette) -> AsyncIterator[str]:
    """An app behind a real server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(Config(app, log_config=None, timeout_graceful_shutdown=5))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
                if task.done():
                    task.result()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await asyncio.wait_for(task, 15)


@asynccontextmanager
async def wechat(
    folder: Path,
    bot: FakeBot | None = None,
    mode: str = "secure",
    clock: FixedClock | None = None,
    pace: Pace = QUICK,
    prepare: Callable[[Peer], None] | None = None,
    **more: Any,
) -> AsyncIterator[Wechat]:
    clock, bot = clock or fixed_clock(), bot or FakeBot()
    account = Account(APP, SECRET, TOKEN, "", KEY, mode != "plain")
    platform = Peer(account, clock)
    if prepare:
        prepare(platform)
    async with listening(platform.app) as api:
        app = door_app(folder, api, bot, clock, mode, pace, **more)
        async with listening(app) as address, httpx.AsyncClient(base_url=address, timeout=10, trust_env=False, event_hooks=held_to(app)) as client:
            account.callback = f"{address}/wechat/callback"
            try:
                yield Wechat(platform, app, bot, clock, client, api)
            finally:
                if bot.hold:
                    bot.hold.set()


def door_app(folder: Path, api: str, bot: FakeBot, clock: Clock, mode: str = "secure", pace: Pace = QUICK, **more: Any) -> FastAPI:
    given = {"wechat_token": TOKEN, "wechat_app_id": APP, "wechat_app_secret": SECRET, "wechat_api_base": api, "wechat_mode": mode}
    if mode != "plain":
        given["wechat_aes_key"] = KEY
    settings = settings_in(folder, **{**given, **more})
    return create_app(settings, bot=bot, clock=clock, patience=HURRY, page=Path("no-such-folder"), wechat=pace)


def choices(_text: str) -> list[Reply]:
    return [Reply(text="哪一个？", choices=[Choice(label=label, payload={"act": act}) for label, act in (("专利", "affirm"), ("商标", "deny"))])]


def held() -> FakeBot:
    return FakeBot(hold=asyncio.Event())


def sends(it: Wechat) -> int:
    """How often the API was asked to send a message."""
    return sum(path == SEND for path, _said in it.platform.calls)


async def released(it: Wechat) -> None:
    """Let the bot answer what it holds, and wait until that is told."""
    assert it.bot.hold
    it.bot.hold.set()
    await it.quiet()


async def late(it: Wechat, words: str, openid: str = ANN) -> str | None:
    """Say something whose answer takes too long; gives what was said in the connection."""
    it.bot.hold = asyncio.Event()
    it.hurry()
    answer = await it.platform.text(openid, words)
    it.relax()
    await released(it)
    it.bot.hold = None
    return answer


def counts(folder: Path, *tables: str) -> list[int]:
    store = open_store(settings_in(folder))
    with store.reading() as session:
        found = [session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]
    store.close()
    return found


def files_on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "var" / "evidence").rglob("*"))

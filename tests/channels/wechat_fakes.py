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
from starlette.applications import Starlette
from uvicorn import Config
from wechatpy import parse_message
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from aid.clock import Clock, FixedClock
from channels.__main__ import Server
from channels.web import create_app
from channels.wechat.door import Pace
from channels.wechat.standin import ACCOUNT, Account, Platform
from channels.wechat.talk import Tempo

APP, SECRET, TOKEN = "wxba5fad812f8e6fb9", "secret-of-the-account", "token-of-the-callback"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ANN, BEN = "oANN4Kd5ggOC-bXrbNODIiE3bGY1", "oBEN4Kd5ggOC-bXrbNODIiE3bGY2"
QUICK = Pace(Tempo(retry=0.02), rounds=3600.0)
"""Rounds are gone by hand."""


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

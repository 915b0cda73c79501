"""The stand-in by hand: one follower at the keyboard, whose phone is the terminal."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from aid.errors import SettingsError
from aid.settings import Settings
from aid.wechat.tables import load_wechat
from channels.wechat.menu import Menu
from channels.wechat.standin import Account, Platform

OPENID = "oSIMULATED-follower-000001"
HELP = """Type as at the phone. Beside that:
  :photo FILE    send a picture             :video FILE    send a video
  :voice         send a voice message       :place WORDS   send a place, e.g. 长春市南关区人民大街
  :link URL      forward a link             :follow [CODE] follow the account (by a scene)
  :scan CODE     scan a code                :leave         leave the account: everything is deleted
  :menu          the menu; :click N clicks  :tap N         tap the link of choice N in the last answer
  :slow N        let the API take N seconds :refuse CODE   let the API refuse the next message (45047, 48001, 40001 ...)
  :expire        let the token expire       :as NAME       be another follower
  :quit"""


class Terminal:
    """A phone's screen: shows what is new, and does what is typed."""

    def __init__(self, platform: Platform, menu: Menu, show: Callable[[str], None]) -> None:
        self._platform, self._menu, self._show = platform, menu, show
        self.openid, self._shown = OPENID, 0

    def refresh(self) -> None:
        """Show what has appeared on the phone."""
        seen = self._platform.phone(self.openid).seen
        for words in seen[self._shown :]:
            self._show("\n".join(f"  < {line}" for line in words.splitlines()))
        self._shown = len(seen)

    async def do(self, line: str) -> bool:
        """One line; ``False`` to end."""
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        platform, me = self._platform, self.openid
        match word:
            case ":quit":
                return False
            case ":help":
                self._show(HELP)
            case ":photo" | ":video":
                await self._file(word, Path(rest))
            case ":voice":
                await self._message("voice", MediaId="m", Format="amr")
            case ":place":
                await self._message("location", Location_X="43.88", Location_Y="125.32", Scale="16", Label=rest)
            case ":link":
                await self._message("link", Title=rest, Description="", Url=rest)
            case ":follow":
                await platform.event(me, "subscribe", **({"EventKey": f"qrscene_{rest}", "Ticket": "t"} if rest else {"EventKey": ""}))
            case ":leave":
                await platform.event(me, "unsubscribe", EventKey="")
            case ":scan":
                await platform.event(me, "SCAN", EventKey=rest, Ticket="t")
            case ":menu":
                for number, name in enumerate(self._buttons(), 1):
                    self._show(f"  [{number}] {name}")
            case ":click":
                await platform.event(me, "CLICK", EventKey=list(self._buttons().values())[int(rest) - 1])
            case ":tap":
                await self._tap(int(rest))
            case ":slow":
                platform.slow["/cgi-bin/message/custom/send"] = float(rest)
            case ":refuse":
                platform.faults["/cgi-bin/message/custom/send"].append(int(rest))
            case ":expire":
                platform.expire_token()
            case ":as":
                self.openid, self._shown = f"oSIMULATED-{rest}", 0
            case _:
                await platform.text(me, line)
        return True

    async def _message(self, kind: str, **fields: str) -> None:
        self._platform.allow(self.openid)
        await self._platform.message(self.openid, kind, **fields)

    async def _file(self, word: str, path: Path) -> None:
        media = self._platform.keep_media(path.read_bytes())
        if word == ":photo":
            await self._message("image", PicUrl="", MediaId=media)
        else:
            await self._message("video", MediaId=media, ThumbMediaId="t")

    async def _tap(self, number: int) -> None:
        links = self._platform.links(self.openid)
        label, menu_id = links[number - 1]
        await self._platform.text(self.openid, label, menu_id)

    def _buttons(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for button in self._menu.for_platform()["button"]:
            found |= {one["name"]: one.get("key", "") for one in button.get("sub_button", [button])}
        return found


async def simulate(settings: Settings) -> int:
    """Be the platform for the door that runs on this machine, until the input ends.

    Raises:
        SettingsError: the door is not set up, or ``AID_WECHAT_API_BASE`` is not an address of this machine.
    """
    account, port = account_of(settings), _port(settings)
    menu = Menu(load_wechat(settings.knowledge_dir).menu)
    platform = Platform(account, settings.clock())
    async with serving(platform, port):
        print(f"the platform's API stands at {settings.wechat_api_base}; messages go to {account.callback}. :help shows what can be done")
        terminal = Terminal(platform, menu, print)
        lines = asyncio.create_task(_lines(terminal))
        while not lines.done():
            await asyncio.sleep(0.2)
            terminal.refresh()
        lines.result()
    return 0


def account_of(settings: Settings) -> Account:
    """The account that the settings describe. Raises ``SettingsError``."""
    missing = [name for name in ("token", "app_id", "app_secret") if not getattr(settings, f"wechat_{name}")]
    if settings.wechat_mode != "plain" and not settings.wechat_aes_key:
        missing.append("aes_key")
    if missing:
        raise SettingsError(f"the WeChat door is not set up: AID_WECHAT_{', AID_WECHAT_'.join(missing).upper()} (any words do for a trial)")
    callback = f"http://{settings.host}:{settings.port}/wechat/callback"
    given = (settings.wechat_app_id, settings.wechat_app_secret, settings.wechat_token, callback, settings.wechat_aes_key)
    return Account(*given, is_secure=settings.wechat_mode != "plain")


async def _lines(terminal: Terminal) -> None:
    while True:
        line = (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n")
        if not line:
            return
        try:
            if not await terminal.do(line):
                return
        except (ValueError, IndexError, OSError) as fault:
            print(f"  ! {fault}")
        terminal.refresh()


def _port(settings: Settings) -> int:
    address = urlsplit(settings.wechat_api_base)
    if address.hostname not in ("127.0.0.1", "localhost") or address.port is None:
        raise SettingsError("AID_WECHAT_API_BASE must be an address of this machine with a port, e.g. http://127.0.0.1:8091, here and for the door")
    return address.port


@asynccontextmanager
async def serving(platform: Platform, port: int) -> AsyncIterator[None]:
    """The stand-in's API on a port of this machine. Raises ``SettingsError`` when that is taken."""
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as fault:
        raise SettingsError(f"port {port} of AID_WECHAT_API_BASE is taken") from fault
    with listener:
        server = uvicorn.Server(uvicorn.Config(platform.app, log_config=None, access_log=False))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await task

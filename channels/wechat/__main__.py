"""``python -m channels.wechat``: what ``aid wechat`` runs: the account's menu, the codes of expos, and the stand-in of the platform."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

from aid.cases.tables import Expos
from aid.errors import AidError, SettingsError
from aid.privacy.vault import open_vault
from aid.settings import Settings, read_settings
from aid.store import open_store
from aid.store.platform_token import TokenShelf
from aid.wechat.tables import EXPO_SCENE, load_wechat
from aid.yaml_files import read_yaml_model
from channels.wechat.api import PlatformApi, picture_of
from channels.wechat.menu import Menu, differences
from channels.wechat.simulate import simulate

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
USAGE = "usage: aid wechat menu show|diff|push, aid wechat expo CODE, or aid wechat simulate"


async def menu_command(settings: Settings, what: str, show: Any = print) -> int:
    """Show the menu, compare it with the account's (1 when they differ), or set it.

    Raises:
        SettingsError: the account is not in the settings.
        KnowledgeError: knowledge/wechat.yml cannot be used.
        ApiError: the platform does not do it.
    """
    menu = Menu(load_wechat(settings.knowledge_dir).menu)
    if what == "show":
        for line in menu.lines():
            show(line)
        return 0
    async with _api(settings) as api:
        if what == "push":
            await api.call("/cgi-bin/menu/create", menu.for_platform())
            show("the menu is set; phones show it within five minutes, or when the account is followed anew")
            return 0
        theirs = await api.call("/cgi-bin/get_current_selfmenu_info")
        found = differences(menu.for_platform(), theirs.get("selfmenu_info") or {})
        for line in found or ["the account has this menu"]:
            show(line)
        return 1 if found else 0


async def expo_command(settings: Settings, code: str, show: Any = print) -> int:
    """Make the code that visitors of an expo scan, which is good for ever, and show where its picture is.

    Raises:
        SettingsError: the account is not in the settings, or knowledge/events.yml has no such expo.
        ApiError: the platform does not do it.
    """
    expo = next((one for one in read_yaml_model(settings.knowledge_dir / "events.yml", Expos).events if one.code == code), None)
    if expo is None:
        raise SettingsError(f"knowledge/events.yml has no expo {code}")
    asked = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": EXPO_SCENE + code}}}
    async with _api(settings) as api:
        made = await api.call("/cgi-bin/qrcode/create", asked)
    show(f"{expo.name}: {picture_of(made)}")
    return 0


@asynccontextmanager
async def _api(settings: Settings) -> AsyncIterator[PlatformApi]:
    if not (settings.wechat_app_id and settings.wechat_app_secret):
        raise SettingsError("AID_WECHAT_APP_ID and AID_WECHAT_APP_SECRET are needed to talk to the platform")
    store, clock = open_store(settings), settings.clock()
    try:
        store.migrate()
        shelf = TokenShelf(store, open_vault(settings), clock, settings.wechat_app_id)
        api = PlatformApi(settings.wechat_api_base, settings.wechat_app_id, settings.wechat_app_secret, shelf, clock, _beside)
        try:
            yield api
        finally:
            await api.close()
    finally:
        store.close()


async def _beside(call: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    return await asyncio.to_thread(call, *args, **kwargs)


def main(arguments: Sequence[str]) -> int:
    """Run one command; a fault of the set-up is one clear line and exit code 1."""
    try:
        match list(arguments):
            case ["menu", ("show" | "diff" | "push") as what]:
                return asyncio.run(menu_command(read_settings(), what))
            case ["expo", code]:
                return asyncio.run(expo_command(read_settings(), code))
            case ["simulate"]:
                return asyncio.run(simulate(read_settings()))
    except AidError as fault:
        print(f"aid: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

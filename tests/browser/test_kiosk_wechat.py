"""From the kiosk into the WeChat account: the same case, by the account's own code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat_site import ROOT, Site
from kiosk_unit import PORTRAIT, FormBot, Unit, unit_at
from playwright.sync_api import Browser, expect
from uvicorn import Config

from aid.cli.ask import free_ports
from aid.settings import Settings
from channels.server import Server
from channels.wechat.simulate import account_of
from channels.wechat.standin import Platform

pytestmark = pytest.mark.browser


def apart(work: Coroutine[Any, Any, str | None]) -> str | None:
    """Run in a thread of its own: this one belongs to Playwright."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result(30)


@pytest.fixture
def with_wechat(browser: Browser, tmp_path: Path, built_page: Path) -> Iterator[tuple[Unit, Platform]]:
    """A kiosk beside a WeChat door, and the stand-in of the platform behind a server of its own."""
    [port] = free_ports(1)
    account = {"wechat_token": "token", "wechat_app_id": "wx0000000000000001", "wechat_app_secret": "secret", "wechat_mode": "plain"}
    base = f"http://127.0.0.1:{port}"
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=ROOT / "knowledge", wechat_api_base=base, **account)
    site = Site(settings, FormBot(), built_page)
    site.start()
    platform = Platform(replace(account_of(settings), callback=f"{site.address}wechat/callback"), settings.clock())
    server = Server(Config(platform.app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    unit = unit_at(browser, site, PORTRAIT)
    yield unit, platform
    unit.context.close()
    site.close()
    server.should_exit = True
    thread.join(10)


def test_a_follower_goes_on_with_the_kiosks_case_in_wechat_and_the_kiosk_is_wiped(with_wechat: tuple[Unit, Platform]) -> None:
    unit, platform = with_wechat
    unit.begin()
    unit.complain()
    conversation = unit.bot.calls[-1][0]
    unit.tap("发到手机")
    assert "#handover=" in unit.code()
    unit.tap("用微信公众号接着办")
    expect(unit.page.locator(".handover .steps")).to_contain_text("关注公众号")
    expect(unit.page.get_by_role("img", name="在微信公众号里接着办的二维码")).to_be_visible()
    scene = unit.code().removeprefix("http://weixin.qq.com/q/")
    openid = "oANN-in-front-of-the-kiosk-01"
    shown = str(apart(platform.event(openid, "subscribe", EventKey=f"qrscene_{scene}", Ticket="t")))
    assert "转到您的手机上" in shown
    assert "请您核对" in shown
    expect(unit.page.locator(".attract .note")).to_have_text("已经转到您的手机。这台机器上的内容已经清除。")
    unit.expect_wiped()
    apart(platform.text(openid, "没错，提交"))
    assert unit.bot.calls[-1] == (conversation, "/affirm")

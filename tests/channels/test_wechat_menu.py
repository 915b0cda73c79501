"""The account's menu, and the stand-in by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_fakes import settings_in
from wechat_fakes import APP, SECRET, wechat

from aid.faults import KnowledgeError
from aid.settings import PROJECT
from aid.wechat.tables import Button, WechatData, load_wechat
from channels.wechat.__main__ import menu_command
from channels.wechat.menu import Menu, differences
from channels.wechat.simulate import Terminal
from tests.evidence.made import picture

pytestmark = pytest.mark.anyio


async def test_the_menu_is_pushed_and_compared(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        settings = settings_in(tmp_path, wechat_app_id=APP, wechat_app_secret=SECRET, wechat_api_base=it.address)
        said: list[str] = []
        assert await menu_command(settings, "diff", said.append) == 1
        assert await menu_command(settings, "push", said.append) == 0
        said.clear()
        assert await menu_command(settings, "diff", said.append) == 0
        assert said == ["the account has this menu"]
        assert it.platform.menu == Menu(load_wechat(PROJECT / "knowledge").menu).for_platform()
        assert await menu_command(settings, "show", said.append) == 0
        assert any("查进度" in line for line in said)


def test_a_difference_is_told_line_by_line() -> None:
    ours = Menu([Button(name="咨询", says="我想咨询"), Button(name="网站", url="https://x.example")]).for_platform()
    theirs = {"button": [{"name": "旧的", "sub_button": {"list": [{"type": "view", "name": "网站", "url": "https://x.example"}]}}]}
    assert differences(ours, theirs) == [
        '- "旧的"',
        '-     "网站"  https://x.example',
        f'+ "咨询"  key {Button(name="x", says="我想咨询").key}',
        '+ "网站"  https://x.example',
    ]
    assert differences(ours, ours) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("menu: []", "menu"),
        ("menu: [{name: 一, says: x}, {name: 二, says: x}, {name: 三, says: x}, {name: 四, says: x}]", "menu"),
        ("menu: [{name: 我要咨询吗, says: x}]", "4 Chinese characters"),
        ("menu: [{name: 一, buttons: [{name: 一二三四五六七八九, says: x}]}]", "8 Chinese characters"),
        ("menu: [{name: 一}]", "exactly one"),
        ("menu: [{name: 一, says: x, url: 'https://x'}]", "exactly one"),
        ("menu: [{name: 一, url: 'javascript:1'}]", "menu.0.url"),
        ("menu: [{name: 一, says: x}]\nnotice: {kind: template, id: x, fields: {a: '{nobody}'}} #", "is no part of a step"),
        ("menu: [{name: 一, says: x}]\nnotice: {kind: template, id: x, fields: {a: '{state'}} #", "a brace stands alone"),
        (f"menu: [{{name: 一, url: 'https://x/{'a' * 1024}'}}]", "1024 bytes"),
        ("menu: [{name: 一, buttons: [{name: 二, buttons: [{name: 三, says: x}]}]}]", "none under itself"),
    ],
)
def test_a_menu_beyond_the_platforms_limits_names_file_and_line(tmp_path: Path, change: str, words: str) -> None:
    notice = "" if "notice" in change else "notice: null\n"
    (tmp_path / "wechat.yml").write_text(f"{change}\n{notice}", "utf-8")
    with pytest.raises(KnowledgeError, match=r"wechat\.yml:[12]") as fault:
        load_wechat(tmp_path)
    assert words in str(fault.value)


def test_every_button_of_the_project_fits() -> None:
    assert isinstance(load_wechat(PROJECT / "knowledge"), WechatData)


async def test_the_stand_in_is_used_by_hand(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        said: list[str] = []
        terminal = Terminal(it.platform, Menu(load_wechat(PROJECT / "knowledge").menu), said.append)
        (tmp_path / "p.jpg").write_bytes(picture())
        lines = [":help", ":follow", "你好", ":tap 1", f":photo {tmp_path / 'p.jpg'}", ":voice", ":place 长春市南关区", ":menu", ":click 1", ":as ben", "你好", ":leave"]
        for line in lines:
            assert await terminal.do(line)
            terminal.refresh()
        assert not await terminal.do(":quit")
        assert it.bot.texts() == ["你好", "/affirm", "/send_file", "我想咨询知识产权的问题", "你好"]
        assert any("我是小援" in line for line in said)

"""`aid wechat`, and what `aid doctor` says of the door."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.testing import CliRunner

from aid.cli.doctor import _wechat
from aid.cli.main import app
from aid.settings import PROJECT, Settings

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize(
    ("given", "good", "words"),
    [
        ({}, True, "off"),
        ({"wechat_app_secret": "s"}, False, "AID_WECHAT_TOKEN is not set, though"),
        ({"wechat_token": "t"}, False, "AID_WECHAT_APP_ID"),
        ({"wechat_token": "t", "wechat_app_id": "wx1"}, False, "AID_WECHAT_AES_KEY"),
        ({"wechat_token": "t", "wechat_app_id": "wx1", "wechat_aes_key": KEY}, True, "encrypted messages only; without AID_WECHAT_APP_SECRET"),
        ({"wechat_token": "t", "wechat_app_id": "wx1", "wechat_mode": "plain", "wechat_app_secret": "s"}, True, "Secure mode is recommended"),
        ({"wechat_token": "t", "wechat_app_id": "wx1", "wechat_mode": "compatible", "wechat_aes_key": KEY}, True, "Secure mode is recommended"),
    ],
)
def test_the_doctor_says_how_the_door_stands(given: dict[str, Any], good: bool, words: str) -> None:
    found, line = _wechat(Settings(_env_file=None, **given))
    assert found is good
    assert words in line


def test_the_menu_is_shown_and_a_missing_account_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AID_WECHAT_APP_SECRET", "")
    assert CliRunner().invoke(app, ["wechat", "menu", "show"]).exit_code == 0
    assert "查进度" in capfd.readouterr().out
    assert CliRunner().invoke(app, ["wechat", "expo", "no-such"]).exit_code == 1
    assert "events.yml has no expo no-such" in capfd.readouterr().err
    for command in (["wechat", "menu", "diff"], ["wechat", "expo", "automobile"], ["wechat", "simulate"]):
        assert CliRunner().invoke(app, command).exit_code == 1
        assert re.fullmatch(r"aid: .*AID_WECHAT_APP_SECRET.*\n", capfd.readouterr().err)


def test_the_commands_of_the_documentation_exist() -> None:
    named = set(re.findall(r"aid (wechat (?:menu (?:push|show|diff)|expo|simulate))", (PROJECT / "docs" / "wechat.md").read_text("utf-8")))
    assert {"wechat menu push", "wechat simulate", "wechat menu show", "wechat expo"} <= named
    for command in named:
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0

"""Settings are documented, and a senseless one names itself."""

from __future__ import annotations

import pytest

from aid.errors import SettingsError
from aid.settings import PROJECT, Settings, read_settings


def test_every_setting_has_its_row_in_the_documentation() -> None:
    rows = (PROJECT / "docs" / "settings.md").read_text("utf-8")
    missing = [name for name in Settings.model_fields if f"`AID_{name.upper()}`" not in rows]
    assert missing == []


def test_a_senseless_setting_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_PORT", "many")
    with pytest.raises(SettingsError, match="AID_PORT"):
        read_settings()


def test_a_clock_that_is_no_moment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_CLOCK_START", "soon")
    with pytest.raises(SettingsError, match="AID_CLOCK_START"):
        read_settings().clock()


def test_relative_folders_are_under_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_VAR_DIR", "elsewhere")
    assert read_settings().var_dir == PROJECT / "elsewhere"

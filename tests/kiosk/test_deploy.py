"""The files of deploy/kiosk: the flags that must be there, those that must never be, and a profile in memory."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from aid.settings import PROJECT

FOLDER = PROJECT / "deploy" / "kiosk"
FLAGS = [line for line in (FOLDER / "chromium-flags").read_text("utf-8").splitlines() if line and not line.startswith("#")]


def test_chromium_has_the_flags_of_a_public_screen_and_none_that_opens_it() -> None:
    assert {"--kiosk", "--incognito", "--noerrdialogs", "--disable-pinch", "--overscroll-history-navigation=0"} <= set(FLAGS)
    assert all(flag.startswith("--") and " " not in flag for flag in FLAGS)
    for never in ("sandbox", "remote-debugging", "disable-web-security", "ignore-certificate-errors", "allow-file-access"):
        assert not [flag for flag in FLAGS if never in flag], never


def test_the_profile_is_in_memory_and_goes_with_the_program() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(FOLDER / "aid-kiosk.service", "utf-8")
    service = unit["Service"]
    assert service["RuntimeDirectory"] == "aid-kiosk"
    assert "RuntimeDirectoryPreserve" not in service
    assert f"--user-data-dir=/run/{service['RuntimeDirectory']}/profile" in FLAGS
    assert service["Environment"] == f"HOME=/run/{service['RuntimeDirectory']}"
    assert "RestrictNamespaces" not in service  # Chromium's sandbox needs them
    assert service["User"] != "root"
    assert service["Restart"] == "on-failure"


def test_the_policy_lets_the_browser_open_one_host_only() -> None:
    policy = json.loads((FOLDER / "chromium-policy.json").read_text("utf-8"))
    assert policy["URLBlocklist"] == ["*"]
    assert policy["URLAllowlist"] == ["https://HOST"]
    assert policy["DeveloperToolsAvailability"] == 2
    assert policy["AllowFileSelectionDialogs"] is False


def fake_chromium(folder: Path, ends: str) -> dict[str, str]:
    """A chromium that writes down how it was called and ends with the next of ``ends`` each time."""
    program = folder / "chromium"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/calls"\nn=$(wc -l < "{folder}/calls")\nexit $(echo {ends} | cut -d" " -f$n)\n', "utf-8")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh")
def test_a_crash_begins_again_and_a_clean_end_is_the_end(tmp_path: Path) -> None:
    address = "https://host/kiosk?event=automobile&station=automobile-1"
    environment = {**fake_chromium(tmp_path, "1 0"), "AID_KIOSK_URL": address, "RUNTIME_DIRECTORY": str(tmp_path)}
    ran = subprocess.run([FOLDER / "aid-kiosk"], env=environment, timeout=30, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    calls = (tmp_path / "calls").read_text("utf-8").splitlines()
    assert calls == [" ".join([*FLAGS, address])] * 2


def test_without_an_address_it_says_what_is_missing(tmp_path: Path) -> None:
    environment = fake_chromium(tmp_path, "0")
    environment.pop("AID_KIOSK_URL", None)
    ran = subprocess.run([FOLDER / "aid-kiosk"], env=environment, timeout=30, capture_output=True, text=True)
    assert ran.returncode != 0
    assert "AID_KIOSK_URL" in ran.stderr
    assert not (tmp_path / "calls").exists()

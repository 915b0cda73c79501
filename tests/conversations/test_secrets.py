"""The running system: no secret in the arguments of any process, none in Rasa's environment, none in a log."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bench.memory import with_children
from tests.conversations.conftest import Stack
from tests.conversations.talk import Visitor

pytestmark = pytest.mark.stack
TOLD = ("wechat_app_secret", "wechat_aes_key")
"""Settings of the tests' stack that are secret (and long enough to be looked for)."""
TOLD_RASA = {"AID_ACTIONS_WEBHOOKS", "AID_LOG_FORMAT", "AID_RASA_TRACKERS"}
"""Where its action servers and its scratch paper are, and how to write its log."""


def secrets_of(stack: Stack) -> dict[str, str]:
    keys = [path for path in stack.settings.keys_dir.rglob("*") if path.is_file()]
    assert keys
    found = {path.name: line for path in keys for line in path.read_text("utf-8").split() if len(line) > 20}
    return {**{name: getattr(stack.settings, name) for name in TOLD}, **found}


def test_no_secret_is_in_the_arguments_of_a_running_process(stack: Stack) -> None:
    secrets = {name: value for name, value in secrets_of(stack).items() if len(value) > 20}
    running = with_children(stack.supervisor.pids().values())
    assert len(running) >= 3
    for number in running:
        line = Path(f"/proc/{number}/cmdline").read_bytes().decode("utf-8", "replace")
        assert [name for name, value in secrets.items() if value in line] == [], line


def test_the_running_rasa_holds_no_secret_and_has_given_up_its_rights(stack: Stack) -> None:
    number = stack.supervisor.pids()["rasa"]
    known = Path(f"/proc/{number}/environ").read_bytes().decode().split("\0")
    assert {line.partition("=")[0] for line in known if line.startswith("AID_")} == TOLD_RASA
    assert [name for name, value in secrets_of(stack).items() if any(value in line for line in known)] == []
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{number}/status").read_text().splitlines() if ":\t" in line)
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Umask"].strip() == "0077"
    limits = Path(f"/proc/{number}/limits").read_text()
    assert next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]


def test_no_secret_and_nothing_that_was_said_is_in_a_log(stack: Stack) -> None:
    visitor = Visitor(stack.address)
    try:
        visitor.say("我叫王小强，电话13900007099，有人仿冒我的专利")
    finally:
        visitor.close()
    secrets = secrets_of(stack)
    logs = [path for path in (stack.settings.var_dir / "log").iterdir() if os.access(path, os.R_OK)]
    assert {"rasa.log", "actions.log", "doors.log"} <= {path.name for path in logs}
    for path in logs:
        text = path.read_text("utf-8", "replace")
        assert [name for name, value in secrets.items() if value in text] == [], path.name
        said = ("13900007099", "王小强", json.dumps("王小强").strip('"'))  # Rasa writes its log in ASCII
        assert [word for word in said if word in text] == [], path.name

"""`make test` runs on PostgreSQL whatever reaches a database, and says in one line when it cannot."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

TESTS = Path(__file__).resolve().parents[1]
OPENS = re.compile(r"\b(open_store|create_app|workbench|serve import running|Store\()")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/test.py; neither it nor scripts/setup.py stays known by its common name."""
    monkeypatch.syspath_prepend(str(TESTS.parent / "scripts"))
    for name in ("setup", "test"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    try:
        return importlib.import_module("test")
    finally:
        for name in ("setup", "test"):
            sys.modules.pop(name, None)


def test_every_folder_whose_tests_open_a_database_runs_on_postgresql(script: ModuleType) -> None:
    opening = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/*.py") if OPENS.search(path.read_text("utf-8"))}
    assert opening
    assert opening <= set(script.DATABASE_TESTS)
    on_postgresql = [step for step in script.steps() if step.environment.get("AID_TEST_DATABASE") == "postgresql"]
    assert [step.command[-len(script.DATABASE_TESTS) :] for step in on_postgresql] == [[f"tests/{n}" for n in script.DATABASE_TESTS]] * 3
    on_two = [step.name for step in on_postgresql if step.environment.get("AID_TEST_REPLICAS")]
    assert on_two == [*([] if script.without_proxy() else ["tests on PostgreSQL"]), "browser tests on two replicas"]


@pytest.mark.parametrize("here", [True, False])
def test_without_the_server_the_steps_are_skipped_with_the_command_that_helps(
    script: ModuleType, here: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "postgresql_is_here", lambda: here)
    monkeypatch.setattr(script, "program_is_here", lambda _name: True)
    run: list[list[str]] = []

    def passing(command: list[str], **_more: object) -> object:
        run.append(command)
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(script.subprocess, "run", passing)
    assert script.main() == 0
    assert len(run) == len(script.steps()) - (1 if here else 3)
    said = [line for line in capsys.readouterr().out.splitlines() if "skipped" in line]
    assert len(said) == (1 if here else 3)
    assert all((script.BOTH if here else "sudo apt-get install postgresql") in line for line in said)


def test_without_nginx_or_redis_the_step_on_two_replicas_is_skipped_with_the_command_that_helps(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "postgresql_is_here", lambda: True)
    monkeypatch.setattr(script, "program_is_here", lambda name: name != "nginx")
    [skipped] = [step for step in script.steps() if step.skipped]
    assert skipped.name == "browser tests on two replicas"
    assert skipped.skipped.endswith("sudo apt-get install nginx")

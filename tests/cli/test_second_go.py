"""`make test` runs a few failures once more, alone, names what was unsteady, and fails what fails twice."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
MOODY = """
from pathlib import Path

def test_steady():
    with Path("steady.txt").open("a") as file:
        file.write("ran ")

def test_moody():
    seen = Path("seen.txt")
    before = seen.exists()
    seen.touch()
    assert before
"""
BROKEN = "def test_broken():\n    assert False\n"
MANY = "\n".join(f"def test_{number}():\n    assert False\n" for number in range(4))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    for name in ("setup", "test"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    try:
        script = importlib.import_module("test")
    finally:
        for name in ("setup", "test"):
            sys.modules.pop(name, None)
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "CACHE", tmp_path / "cache")
    monkeypatch.delenv("AID_TEST_ONCE", raising=False)
    return script


def ran(script: ModuleType, content: str) -> int:
    (script.ROOT / "test_made.py").write_text(content, "utf-8")
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={script.CACHE}", "test_made.py"]
    code: int = script.run(script.Step("made", command))
    return code


def test_what_passes_the_second_time_is_named_and_nothing_else_runs_again(script: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    assert ran(script, MOODY) == 0
    assert "UNSTEADY, passed the second time: test_made.py::test_moody" in capfd.readouterr().out
    assert (script.ROOT / "steady.txt").read_text("utf-8") == "ran "


def test_what_fails_twice_fails(script: ModuleType) -> None:
    assert ran(script, MOODY + BROKEN) == 1


def test_many_failures_are_not_run_again(script: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    assert ran(script, MANY) == 1
    assert "once more" not in capfd.readouterr().out


def test_where_told_nothing_is_run_again(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_TEST_ONCE", "1")
    assert ran(script, MOODY) == 1


def test_other_checks_have_one_go(script: ModuleType) -> None:
    check = "import pathlib, sys; p = pathlib.Path('once'); sys.exit(1 if not p.exists() and not p.touch() else 0)"
    assert script.run(script.Step("style", [sys.executable, "-c", check])) == 1

"""The tests' lock file holds every package of the running program, at the same version."""

from __future__ import annotations

import re
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"


def locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][\w.\[\]-]*==[^ ]+)", (REQUIREMENTS / name).read_text("utf-8"), re.M))


def test_what_runs_is_what_is_tested() -> None:
    app = locked("app.txt")
    assert app
    assert app <= locked("dev.txt")

"""`make test`: every check in turn; the first one that fails ends it, and its name is said."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from setup import REPLICA_PACKAGES, postgresql_is_here, program_is_here

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
# What reaches a database (tests/cli/test_database_tests.py holds that none is left out).
DATABASE_TESTS = [
    "actions", "browser", "cases", "channels", "cli", "console", "conversations", "demo", "deploy", "desk", "evidence", "knowledge_desk", "people",
    "privacy", "replicas", "reports", "security", "store", "takeover",
]  # fmt: skip
NO_POSTGRESQL = "PostgreSQL's server is not installed and could not be; this would help: sudo apt-get install postgresql"
BOTH = "the same tests follow on two replicas, which are on PostgreSQL"


@dataclass(frozen=True)
class Step:
    """A check. ``environment`` comes on top of the present one; a step with a ``skipped`` reason does not run."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    skipped: str = ""


def steps() -> list[Step]:
    """All checks in their order."""
    pytest = [str(BIN / "python"), "-m", "pytest"]
    paths = [f"tests/{name}" for name in DATABASE_TESTS]
    postgresql = {"AID_TEST_DATABASE": "postgresql"}
    replicas = {**postgresql, "AID_TEST_REPLICAS": "1"}
    missing = "" if postgresql_is_here() else NO_POSTGRESQL
    no_proxy = without_proxy()
    return [
        Step("style", [str(BIN / "ruff"), "check", "."]),
        Step("types", [str(BIN / "mypy")]),
        Step("imports", [str(BIN / "lint-imports"), "--no-cache"]),
        Step("training", [str(BIN / "aid"), "train"]),
        Step("knowledge", [str(BIN / "aid"), "check"]),
        Step("Rasa environment", [str(ROOT / ".venv-rasa/bin/python"), "-m", "unittest", "discover", "-s", "tests/bot", "-t", "."]),
        Step("web", ["npm", "--prefix", "web", "run", "--silent", "check"]),
        Step("web tests", ["npm", "--prefix", "web", "run", "--silent", "test"]),
        Step("tests", [*pytest, "-m", "not browser"]),
        # Apart: the browser's driver keeps an event loop of its own running in the main thread.
        Step("browser tests", [*pytest, "-m", "browser"]),
        # The talks among them go to two of each process behind nginx, where these are.
        Step("tests on PostgreSQL", [*pytest, "-m", "not browser", *paths], postgresql if no_proxy else replicas, missing),
        Step("browser tests on PostgreSQL", [*pytest, "-m", "browser and not looks", *paths], postgresql, missing or ("" if no_proxy else BOTH)),
        Step("browser tests on two replicas", [*pytest, "-m", "browser and not looks", *paths], replicas, missing or no_proxy),
    ]


def without_proxy() -> str:
    """Why two replicas cannot be tested here; empty when they can."""
    missing = [package for package, program in REPLICA_PACKAGES.items() if not program_is_here(program)]
    packages = " ".join(missing)
    return f"{' and '.join(missing)} not installed and could not be; this would help: sudo apt-get install {packages}" if missing else ""


def main() -> int:
    """Run the steps; the exit code is the first failing one's."""
    for step in steps():
        if step.skipped:
            print(f"== {step.name}: skipped. {step.skipped}", flush=True)
            continue
        print(f"== {step.name}", flush=True)
        started = time.monotonic()
        code = subprocess.run(step.command, cwd=ROOT, env={**os.environ, **step.environment}).returncode
        print(f"== {step.name}: {'passed' if code == 0 else f'failed ({code})'} in {time.monotonic() - started:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make test`: every check in turn; the first one that fails ends it, and its name is said.

A few tests that fail are run once more, alone: whole systems of processes and a browser meet a machine's moods.
What fails twice fails; what passes the second time is named as unsteady. ``AID_TEST_ONCE=1``: nothing is run again.
"""

from __future__ import annotations

import json
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
    "actions", "backup", "browser", "cases", "channels", "cli", "console", "conversations", "demo", "deploy", "desk", "evidence", "knowledge_desk",
    "operations", "people", "privacy", "replicas", "reports", "security", "store", "takeover",
]  # fmt: skip
NO_POSTGRESQL = "PostgreSQL's server is not installed and could not be; this would help: sudo apt-get install postgresql"
CACHE = ROOT / "var" / "tests"
"""As pyproject.toml tells pytest."""
UNSTEADY_AT_MOST = 3
"""More failures than this in a step are no mood."""
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
    both = [*pytest, "-n", "2", "--dist", "loadfile", "-m", "not browser"]  # on both cores, the tests of one file after each other
    paths = [f"tests/{name}" for name in DATABASE_TESTS]
    postgresql = {"AID_TEST_DATABASE": "postgresql"}
    replicas = {**postgresql, "AID_TEST_REPLICAS": "1"}
    missing = "" if postgresql_is_here() else NO_POSTGRESQL
    no_proxy = without_proxy()
    return [
        Step("style", [str(BIN / "ruff"), "check", "."]),
        Step("types", [str(BIN / "mypy")]),
        Step("imports", [str(BIN / "lint-imports"), "--no-cache"]),
        Step("known faults of packages", [str(BIN / "python"), "scripts/audit.py"]),
        Step("training", [str(BIN / "aid"), "train"]),
        Step("knowledge", [str(BIN / "aid"), "check"]),
        Step("Rasa environment", [str(ROOT / ".venv-rasa/bin/python"), "-m", "unittest", "discover", "-s", "tests/bot", "-t", "."]),
        Step("web", ["npm", "--prefix", "web", "run", "--silent", "check"]),
        Step("web tests", ["npm", "--prefix", "web", "run", "--silent", "test"]),
        Step("tests", both),
        # Apart: the browser's driver keeps an event loop of its own running in the main thread.
        Step("browser tests", [*pytest, "-m", "browser"]),
        # The talks among them go to two of each process behind nginx, where these are.
        Step("tests on PostgreSQL", [*both, *paths], postgresql if no_proxy else replicas, missing),
        Step("browser tests on PostgreSQL", [*pytest, "-m", "browser and not looks", *paths], postgresql, missing or ("" if no_proxy else BOTH)),
        Step("browser tests on two replicas", [*pytest, "-m", "browser and not looks", *paths], replicas, missing or no_proxy),
    ]


def without_proxy() -> str:
    """Why two replicas cannot be tested here; empty when they can."""
    missing = [package for package, program in REPLICA_PACKAGES.items() if not program_is_here(program)]
    packages = " ".join(missing)
    return f"{' and '.join(missing)} not installed and could not be; this would help: sudo apt-get install {packages}" if missing else ""


def run(step: Step) -> int:
    """The exit code of a step, of its second go where it had one."""

    def go(*more: str) -> int:
        return subprocess.run([*step.command, *more], cwd=ROOT, env={**os.environ, **step.environment}).returncode

    if "pytest" not in step.command:
        return go()
    code = go("--cache-clear")
    failed = failures() if code == 1 and not os.environ.get("AID_TEST_ONCE") else []
    if not 0 < len(failed) <= UNSTEADY_AT_MOST:
        return code
    print(f"== {step.name}: {len(failed)} failed; once more, alone", flush=True)
    code = go("--last-failed", "--last-failed-no-failures=none")
    for name in failed if code == 0 else []:
        print(f"== UNSTEADY, passed the second time: {name}", flush=True)
    return code


def failures() -> list[str]:
    """The tests that failed in the last run."""
    try:
        return sorted(json.loads((CACHE / "v" / "cache" / "lastfailed").read_text("utf-8")))
    except (OSError, ValueError):
        return []


def main() -> int:
    """Run the steps; the exit code is the first failing one's."""
    for step in steps():
        if step.skipped:
            print(f"== {step.name}: skipped. {step.skipped}", flush=True)
            continue
        print(f"== {step.name}", flush=True)
        started = time.monotonic()
        code = run(step)
        print(f"== {step.name}: {'passed' if code == 0 else f'failed ({code})'} in {time.monotonic() - started:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())

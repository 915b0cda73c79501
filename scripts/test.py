"""`make test`: every check in turn; the first one that fails ends it, and its name is said."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
STEPS: list[tuple[str, list[str]]] = [
    ("style", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("imports", [str(BIN / "lint-imports"), "--no-cache"]),
    ("training", [str(BIN / "aid"), "train"]),
    ("knowledge", [str(BIN / "aid"), "check"]),
    ("Rasa environment", [str(ROOT / ".venv-rasa/bin/python"), "-m", "unittest", "discover", "-s", "tests/bot", "-t", "."]),
    ("web", ["npm", "--prefix", "web", "run", "--silent", "check"]),
    ("tests", [str(BIN / "python"), "-m", "pytest", "-m", "not browser"]),
    # Apart: the browser's driver keeps an event loop of its own running in the main thread.
    ("browser tests", [str(BIN / "python"), "-m", "pytest", "-m", "browser"]),
]


def main() -> int:
    """Run the steps; the exit code is the first failing one's."""
    for name, command in STEPS:
        print(f"== {name}", flush=True)
        started = time.monotonic()
        code = subprocess.run(command, cwd=ROOT).returncode
        print(f"== {name}: {'passed' if code == 0 else f'failed ({code})'} in {time.monotonic() - started:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How does the search grow? Knowledge of up to 30,000 entries, made by repeating ours with noise; each size in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aid.settings import PROJECT, Settings
from bench.effort import Effort
from bench.errors import BenchError
from bench.report import Table

SIZES = (0, 5_000, 30_000)
"""Numbers of entries; 0 stands for the knowledge as it is."""
SEARCHES = {"ours": "ours", "bm25": "BM25, jieba", "tfidf": "tf-idf cosine, characters 1-3"}
SECONDS = 1800


def measure(settings: Settings, folder: Path, effort: Effort, say: Callable[[str], None]) -> Table:
    """Measure every search at every size.

    Raises:
        BenchError: a run failed or took longer than half an hour.
    """
    rows = []
    for size in SIZES if effort.questions is None else SIZES[:1]:
        found = {}
        for name, label in SEARCHES.items():
            say(f"growth: {label}, {size or 'our'} entries")
            found[name] = _run(name, size, effort.questions or 500)
        rows += [_cells(label, found[name], found["ours"]) for name, label in SEARCHES.items()]
    return Table(
        "Does the search grow gently?",
        ("search", "entries", "texts", "p50 ms", "p95 ms", "ours ÷ it, p95", "memory MB", "made in, s"),
        rows,
        [
            "Entries beyond ours are copies whose variants have one character in eight replaced, left out or doubled; the copies'"
            " sentence vectors are those of the originals with normal noise (.02 a number), for encoding them would take an hour.",
            "A search of ours is the whole step: encoding the question (never asked before), sieve, ridge over the nearest, bands."
            " The peers know the same texts.",
            "Memory is the whole process after the searches (proportional set size), with Python, libraries and encoder.",
        ],
    )


def _run(search: str, entries: int, questions: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.growth_run", search, str(entries), str(questions)]
    try:
        run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as fault:
        raise BenchError(f"{search} over {entries} entries took longer than {SECONDS} s") from fault
    if run.returncode:
        raise BenchError(f"{search} over {entries} entries failed: {run.stderr[-500:]}")
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def _cells(label: str, found: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    times = [f"{found['p50']:.1f}", f"{found['p95']:.1f}", f"{ours['p95'] / found['p95']:.2f}"]
    return [label, str(found["entries"]), str(found["texts"]), *times, f"{found['memory']:.0f}", f"{found['made']:.0f}"]

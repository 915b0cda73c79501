"""Memory and processor time of running processes (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")


def with_children(process_ids: Iterable[int], proc: Path = PROC) -> set[int]:
    """The processes and all their descendants that still run."""
    found: set[int] = set()
    waiting = list(process_ids)
    while waiting:
        process_id = waiting.pop()
        try:
            children = [path.read_text() for path in (proc / str(process_id) / "task").glob("*/children")]
        except OSError:
            continue
        if process_id not in found and (proc / str(process_id)).exists():
            found.add(process_id)
            waiting += [int(child) for text in children for child in text.split()]
    return found


def proportional_mb(process_ids: Iterable[int], proc: Path = PROC) -> float:
    """Proportional set sizes together, in MB (10^6 bytes): shared pages are split among those who share them."""
    total = 0
    for process_id in process_ids:
        try:
            lines = (proc / str(process_id) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue  # it ended meanwhile
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024 / 1e6


def processor_seconds(process_ids: Iterable[int], proc: Path = PROC) -> float:
    """Processor time that the processes have used until now, in seconds, their own and the system's for them."""
    ticks = 0
    for process_id in process_ids:
        try:
            fields = (proc / str(process_id) / "stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue  # it ended meanwhile
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")

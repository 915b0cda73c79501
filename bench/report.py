"""Tables: shown, kept between runs of single parts, and written to bench/results.md."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from aid.cli.processes import rasa_python
from aid.clock import Clock

PACKAGES = ("rasa-sdk", "fastapi", "uvicorn", "SQLAlchemy", "numpy", "scikit-learn", "onnxruntime", "jieba")
RASA_PACKAGES = ("rasa", "tensorflow", "sanic", "numpy", "scikit-learn", "onnxruntime")
HEAD = """# Measured against peers

Written by `make bench` (`python -m bench`); do not edit. Times are wall times on the machine named in each part, one
run each; small differences are noise.
"""


@dataclass(frozen=True)
class Table:
    """The answer to one question: rows of figures, and what a reader must know to judge them."""

    question: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default_factory=tuple)

    def markdown(self) -> str:
        """The table with its question and notes."""
        lines = [f"## {self.question}", "", _row(self.columns), _row(["---"] * len(self.columns))]
        lines += [_row(row) for row in self.rows]
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"


class Report:
    """Keeps the newest table of each part in ``kept`` and writes all of them to ``target``.

    Args:
        target: the Markdown file.
        kept: a JSON file between runs.
        parts: the order of the parts.
        clock: the date.
        say: where a finished table is shown.
    """

    def __init__(
        self, target: Path, kept: Path, parts: Sequence[str], clock: Clock, say: Callable[[str], None]
    ) -> None:
        self._target, self._kept, self._parts, self._clock, self._say = target, kept, parts, clock, say

    def add(self, part: str, table: Table, effort: str) -> None:
        """Show a table and write it in place of the part's former one."""
        text = table.markdown()
        stamp = f"{self._clock.now():%Y-%m-%d %H:%M}, {machine()}; {effort}"
        self._say(text)
        sections = json.loads(self._kept.read_text("utf-8")) if self._kept.exists() else {}
        sections[part] = {"text": text, "stamp": stamp, "versions": versions(), "table": asdict(table)}
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.write_text(json.dumps(sections, ensure_ascii=False, indent=1), "utf-8")
        blocks = [HEAD, *self._strange({kept["table"]["question"] for kept in sections.values()})]
        for name in self._parts:
            if name in sections:
                kept = sections[name]
                blocks.append(f"{kept['text']}\nMeasured {kept['stamp']}.\n{kept['versions']}\n")
        self._target.write_text("\n".join(blocks), "utf-8")


    def _strange(self, known: Collection[str]) -> list[str]:
        """The target's sections that were measured elsewhere: ``kept`` is not in the repository, the target is."""
        text = self._target.read_text("utf-8") if self._target.exists() else ""
        sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
        return [section.rstrip("\n") + "\n" for section in sections if section.partition("\n")[0].removeprefix("## ") not in known]


def machine() -> str:
    """Cores, processor, memory and system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores ({_processor()}), {_memory_gb():.0f} GB, {platform.system()} {platform.release()}"


def versions() -> str:
    """Versions of what was measured, in both environments."""
    ours = [f"Python {platform.python_version()}", *(f"{name} {_version(name)}" for name in PACKAGES)]
    site = next((rasa_python().parent.parent / "lib").glob("python3*/site-packages"), None)
    theirs = [f"{name} {_installed(site, name)}" for name in RASA_PACKAGES]
    python = site.parent.name if site else "none"
    return f"Versions: {', '.join(ours)}; Rasa's environment: {python}, {', '.join(theirs)}."


def ratio(ours: float, peer: float) -> str:
    """Ours divided by the peer's."""
    return f"{ours / peer:.2f}" if peer else "-"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def _installed(site: Path | None, name: str) -> str:
    found = sorted(site.glob(f"{name.replace('-', '_')}-*.dist-info")) if site else []
    return found[0].name.removesuffix(".dist-info").split("-")[1] if found else "-"


def _processor() -> str:
    return _first_of(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()


def _memory_gb() -> float:
    said = _first_of(Path("/proc/meminfo"), "MemTotal")
    return int(said.split()[0]) / 1e6 if said else 0.0


def _first_of(path: Path, name: str) -> str:
    if not path.exists():
        return ""
    return next((line.split(":", 1)[1].strip() for line in path.read_text().splitlines() if line.startswith(name)), "")

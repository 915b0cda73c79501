"""Faults in the knowledge that editors keep: each names its file and line.

AidError
└── KnowledgeError   knowledge/ cannot be used; carries every fault found
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aid.errors import AidError


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a knowledge file. ``line`` counts from 1; 0 where no line can be named.

    An ``error`` stops the start; a ``warning`` is told to the editor; a ``note`` only says what holds.
    """

    file: Path
    line: int
    message: str
    level: Literal["error", "warning", "note"] = "error"

    def __str__(self) -> str:
        """As editors and compilers write it: ``file:line: level: message``."""
        return f"{self.file}:{self.line}: {self.level}: {self.message}"


class KnowledgeError(AidError):
    """A knowledge file cannot be used; ``faults`` says where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)

"""What a talk is greeted with: the questions that many ask, as buttons; the words are in knowledge/greeting.yml."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from aid.faults import Fault
from aid.yaml_files import YamlFile, read_yaml_model

FILE = "greeting.yml"
MOST = 8
"""More are not read."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(_Row):
    """One button: what stands on it, what is said when it is pressed, and the entry that answers (none where it begins a case or a lookup)."""

    label: Annotated[str, Field(min_length=2, max_length=16)]
    say: Annotated[str, Field(min_length=2, max_length=60)]
    entry: str | None = None


class Greeting(_Row):
    """``asked``: on any page; ``at_expo``: put first where the page names an expo."""

    asked: Annotated[tuple[Asked, ...], Field(min_length=1, max_length=MOST)]
    at_expo: Annotated[tuple[Asked, ...], Field(max_length=MOST)] = ()

    def of(self, at_expo: bool) -> list[Asked]:
        """The buttons, at most eight, each once."""
        rows = [*self.at_expo, *self.asked] if at_expo else list(self.asked)
        return list({row.say: row for row in reversed(rows)}.values())[::-1][:MOST]


def load_greeting(knowledge_dir: Path) -> Greeting:
    """Read ``greeting.yml``. Raises ``KnowledgeError``: the file is missing or not as it should be."""
    return read_yaml_model(knowledge_dir / FILE, Greeting)


def check_greeting(knowledge_dir: Path, entries: Collection[str]) -> list[Fault]:
    """Buttons that lead to an entry that does not exist, or stand twice. Raises ``KnowledgeError`` as ``load_greeting``."""
    file = YamlFile(knowledge_dir / FILE)
    greeting = file.as_model(Greeting)
    faults = []
    for section, rows in (("asked", greeting.asked), ("at_expo", greeting.at_expo)):
        for place, row in enumerate(rows):
            if row.entry is not None and row.entry not in entries:
                faults.append(file.fault(f"the entry {row.entry} does not exist", [section, place, "entry"]))
            if row.label in [other.label for other in rows[:place]]:
                faults.append(file.fault(f"{row.label} stands twice", [section, place, "label"]))
    return faults

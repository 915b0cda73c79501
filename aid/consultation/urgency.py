"""What cannot wait: danger, goods that leave, evidence that goes. Said before anything else; the words are in knowledge/urgent.yml."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from aid.faults import Fault
from aid.language.normalise import normalise
from aid.yaml_files import YamlFile, read_yaml_model

Words = Annotated[tuple[str, ...], Field(min_length=1)]
FILE = "urgent.yml"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Urgency(_Row):
    """One kind of urgent matter: by which words it is known, what to do at once, and the entry that says more."""

    id: str
    when: Annotated[tuple[Words, ...], Field(min_length=1)]
    unless: tuple[str, ...] = ()
    say: str = Field(min_length=1, max_length=120)
    entry: str

    def is_meant(self, text: str) -> bool:
        """Whether every list has a word in the normalised text, and no word speaks against it."""
        return all(any(word in text for word in words) for words in self.when) and not any(word in text for word in self.unless)


class _File(_Row):
    urgent: tuple[Urgency, ...]


class Urgencies:
    """Every kind of urgent matter, in the order in which they are looked for."""

    def __init__(self, kinds: tuple[Urgency, ...]) -> None:
        self._kinds = kinds

    @classmethod
    def load(cls, knowledge_dir: Path) -> Urgencies:
        """Read ``urgent.yml``. Raises ``KnowledgeError``: the file is missing or not as it should be."""
        return cls(read_yaml_model(knowledge_dir / FILE, _File).urgent)

    def find(self, text: str) -> Urgency | None:
        """The first kind that the text tells of."""
        bare = normalise(text)
        return next((kind for kind in self._kinds if kind.is_meant(bare)), None)


def check_urgencies(knowledge_dir: Path, entries: Collection[str]) -> list[Fault]:
    """Kinds that stand twice or lead to an entry that does not exist. Raises ``KnowledgeError`` as ``load``."""
    file = YamlFile(knowledge_dir / FILE)
    kinds = file.as_model(_File).urgent
    faults = []
    for place, kind in enumerate(kinds):
        if kind.entry not in entries:
            faults.append(file.fault(f"the entry {kind.entry} does not exist", ["urgent", place, "entry"]))
        if kind.id in [other.id for other in kinds[:place]]:
            faults.append(file.fault(f"{kind.id} stands twice", ["urgent", place, "id"]))
    return faults

"""How files are said to people (knowledge/evidence.yml)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.clock import CHANGCHUN
from aid.evidence.files import Evidence
from aid.evidence.types import MEGABYTE, TYPES
from aid.privacy.masking import mask
from aid.replies import EvidenceLine
from aid.yaml_files import read_yaml_model

SIGNS = 8
"""Characters of the SHA-256 that are shown."""


class EvidenceWords(BaseModel):
    """``types``: a word for each type; ``line``: one file in one line; ``heading`` stands over several, ``label`` before one in the read-back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: dict[str, str]
    line: str = Field(min_length=1)
    heading: str = Field(min_length=1)
    label: str = Field(min_length=1)

    @model_validator(mode="after")
    def _complete(self) -> EvidenceWords:
        if set(self.types) != set(TYPES):
            raise ValueError(f"types missing or unknown: {', '.join(sorted(set(self.types) ^ set(TYPES)))}")
        try:
            self.line.format(type="", name="", size="", received="", sign="")
        except (KeyError, IndexError, ValueError) as fault:
            raise ValueError("line may name {type}, {name}, {size}, {received} and {sign}") from fault
        return self

    def part(self, evidence: Evidence) -> EvidenceLine:
        """The file as a card shows it; personal data in its name is masked."""
        return EvidenceLine(
            name=mask(evidence.name),
            type=self.types[evidence.type],
            size=evidence.size,
            sign=evidence.sha256[:SIGNS],
            received=evidence.received_at,
        )

    def told(self, evidence: Evidence) -> str:
        """The file in one line."""
        part, at = self.part(evidence), evidence.received_at.astimezone(CHANGCHUN)
        received = f"{at.month}月{at.day}日 {at:%H:%M}"
        return self.line.format(type=part.type, name=part.name, size=_size(part.size), received=received, sign=part.sign)

    def listed(self, files: Sequence[Evidence]) -> str:
        """All in lines under the heading, with a line break before; empty when there is none."""
        return "".join(f"\n{line}" for line in [f"**{self.heading}**", *(f"- {self.told(one)}" for one in files)]) if files else ""


def _size(count: int) -> str:
    return f"{count / MEGABYTE:.1f} MB" if count >= MEGABYTE / 10 else f"{max(1, round(count / 1024))} KB"


def load_evidence_words(knowledge_dir: Path) -> EvidenceWords:
    """The words. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "evidence.yml", EvidenceWords)

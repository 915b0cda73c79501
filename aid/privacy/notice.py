"""The notice given before personal data is asked for (个人信息保护法 13-17, 28-31, 44-51).

Its words stand in knowledge/privacy.yml.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from aid.yaml_files import read_yaml_model


class NoticeBasis(BaseModel):
    """An article that asks for a part of the notice, in our own words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    law: str
    article: int
    says: str


class Notice(BaseModel):
    """Who takes which data, for what, for how long, and what the person can do about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}(\.\d+)?$", description="changes with every change of meaning")
    title: str
    who: str
    purpose: str
    kinds: list[str] = Field(min_length=1)
    how_long: str
    how_long_verified: bool
    rights: list[str] = Field(min_length=1)
    children: str
    refusal: str
    question: str
    agree: str
    refuse: str
    basis: list[NoticeBasis] = Field(min_length=1)
    checked: date

    def text(self) -> str:
        """The whole notice as shown (small markdown subset), ending in the question."""
        listed = [f"- {line}" for line in self.kinds], [f"- {line}" for line in self.rights]
        parts = [f"**{self.title}**", self.who, self.purpose, *listed[0], self.how_long, *listed[1]]
        return "\n".join([*parts, self.children, self.refusal, self.question])


def load_notice(knowledge_dir: Path) -> Notice:
    """The notice in force. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "privacy.yml", Notice)

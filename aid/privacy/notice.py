"""The notice given before personal data is asked for (个人信息保护法 13-17, 28-31, 44-51), and how long data is kept.

Its words stand in knowledge/privacy.yml. The period that people are told and the period after which `aid privacy purge` deletes are the
same figures.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.yaml_files import read_yaml_model


class NoticeBasis(BaseModel):
    """An article that asks for a part of the notice, in our own words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    law: str
    article: int
    says: str


class Retention(BaseModel):
    """How long data is kept, and how that is said: ``told`` once the center has confirmed the figures, until then ``untold``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conversation_days: int = Field(ge=1, description="days after its last message that a talk without a case is kept")
    ticket_years: int = Field(ge=1, description="years after its end that the personal data of a case is kept")
    verified: bool
    told: str
    untold: str

    @model_validator(mode="after")
    def _figures(self) -> Self:
        if "{conversation_days}" not in self.told or "{ticket_years}" not in self.told:
            raise ValueError("told must say {conversation_days} and {ticket_years}")
        if any(sign.isdigit() for sign in self.untold):
            raise ValueError("untold says a figure that is not confirmed")
        return self

    def text(self) -> str:
        """What people are told of the period."""
        if not self.verified:
            return self.untold
        return self.told.format(conversation_days=self.conversation_days, ticket_years=self.ticket_years)


class Notice(BaseModel):
    """Who takes which data, for what, for how long, and what the person can do about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}(\.\d+)?$", description="changes with every change of meaning")
    title: str
    who: str
    purpose: str
    kinds: list[str] = Field(min_length=1)
    retention: Retention
    rights: list[str] = Field(min_length=1)
    children: str
    refusal: str
    question: str
    agree: str
    refuse: str
    under_way: str = Field(description="why the data of a case that is still dealt with is not deleted")
    cover: list[str] = Field(min_length=1, description="what goes with a copy of somebody's data")
    basis: list[NoticeBasis] = Field(min_length=1)
    checked: date

    @property
    def how_long(self) -> str:
        """What people are told of the period."""
        return self.retention.text()

    def text(self) -> str:
        """The whole notice as shown (small markdown subset), ending in the question."""
        listed = [f"- {line}" for line in self.kinds], [f"- {line}" for line in self.rights]
        parts = [f"**{self.title}**", self.who, self.purpose, *listed[0], self.how_long, *listed[1]]
        return "\n".join([*parts, self.children, self.refusal, self.question])


def load_notice(knowledge_dir: Path) -> Notice:
    """The notice in force. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "privacy.yml", Notice)

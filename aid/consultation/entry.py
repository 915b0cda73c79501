"""Consultation entries: their schema, what they say on a given day, and the answer card made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from aid.consultation.laws import Laws, article_name, is_article
from aid.replies import AnswerCard, Basis

CASE_KINDS = (
    "consultation_callback",
    "expo_complaint",
    "infringement_report",
    "aid_application",
    "mediation_request",
    "adjudication_request",
    "service_complaint",
)
"""Case kinds that an entry may offer to start (knowledge/README.md)."""

Role = Literal["right_holder", "accused", "consumer", "organiser", "anyone"]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Citation(_Row):
    """One row of ``basis``: a key of ``laws.yml``, an article (``65``, ``219-1``) or none, and what it says."""

    law: str = Field(min_length=1)
    article: str | None = None
    says: str = ""

    @field_validator("article", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("article")
    @classmethod
    def _is_article(cls, value: str | None) -> str | None:
        if value is not None and not is_article(value):
            raise ValueError(f"'{value}' is not an article: write 65 or 219-1")
        return value


class Validity(_Row):
    """First and last day on which an answer holds."""

    first: date = Field(alias="from")
    until: date | None = None


def _short_texts(texts: tuple[str, ...], limit: int) -> tuple[str, ...]:
    for number, text in enumerate(texts, start=1):
        if not text or len(text) > limit:
            raise ValueError(f"number {number} has {len(text)} characters, allowed are 1 to {limit}")
    return texts


class _Answer(_Row):
    """The fields that ``later`` may replace."""

    label: str | None = Field(default=None, min_length=1, max_length=24)
    short: str | None = Field(default=None, min_length=1, max_length=120)
    points: tuple[str, ...] | None = Field(default=None, min_length=2, max_length=5)
    steps: tuple[str, ...] | None = Field(default=None, max_length=6)
    basis: tuple[Citation, ...] | None = Field(default=None, min_length=1)

    @field_validator("points")
    @classmethod
    def _points(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return value if value is None else _short_texts(value, 60)

    @field_validator("steps")
    @classmethod
    def _steps(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and len(value) == 1:
            raise ValueError("give two to six steps, or [] where nothing is to be done")
        return value if value is None else _short_texts(value, 120)


class Later(_Answer):
    """What changes on a day; fields not named stay as they were."""

    first: date = Field(alias="from")


class EntryText(_Row):
    """An entry exactly as its YAML says it; the schema is in knowledge/README.md."""

    id: str
    label: str = Field(min_length=1, max_length=24)
    roles: tuple[Role, ...] = Field(min_length=1)
    variants: tuple[str, ...] = Field(min_length=8)
    short: str = Field(min_length=1, max_length=120)
    points: tuple[str, ...] = Field(min_length=2, max_length=5)
    steps: tuple[str, ...] = Field(max_length=6)
    basis: tuple[Citation, ...] = Field(min_length=1)
    valid: Validity
    later: tuple[Later, ...] = ()
    related: tuple[str, ...] = ()
    case: str | None = None
    checked: date

    @field_validator("points")
    @classmethod
    def _points(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _short_texts(value, 60)

    @field_validator("steps")
    @classmethod
    def _steps(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) == 1:
            raise ValueError("give two to six steps, or [] where nothing is to be done")
        return _short_texts(value, 120)

    @field_validator("variants")
    @classmethod
    def _variants(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _short_texts(value, 200)

    @field_validator("case")
    @classmethod
    def _case(cls, value: str | None) -> str | None:
        if value is not None and value not in CASE_KINDS:
            raise ValueError(f"'{value}' is no case kind; known are {', '.join(CASE_KINDS)}")
        return value


@dataclass(frozen=True)
class EntryVersion:
    """What an entry says on one day."""

    entry: Entry
    day: date
    label: str
    short: str
    points: tuple[str, ...]
    steps: tuple[str, ...]
    basis: tuple[Citation, ...]

    @property
    def id(self) -> str:
        """The entry's id."""
        return self.entry.id

    @property
    def related(self) -> tuple[str, ...]:
        """Ids of entries close to it."""
        return self.entry.related

    @property
    def case(self) -> str | None:
        """The case kind that the answer offers to start."""
        return self.entry.case

    def texts(self) -> tuple[str, ...]:
        """Everything that a user reads of it."""
        return (self.label, self.short, *self.points, *self.steps, *(row.says for row in self.basis))

    def card(self, probability: float, unfolded: bool = False) -> AnswerCard:
        """The answer card (``unfolded``: to be shown whole): laws by name and version in force on the day, articles in Chinese numerals."""
        return AnswerCard(
            entry=self.entry.id,
            label=self.label,
            short=self.short,
            points=list(self.points),
            steps=list(self.steps),
            basis=[self._shown(row) for row in self.basis],
            checked=self.entry.checked,
            probability=probability,
            unfolded=unfolded,
        )

    def _shown(self, row: Citation) -> Basis:
        law = self.entry.laws.get(row.law)
        version = law.on(self.day) if law else None
        article = article_name(row.article) if row.article else None
        if not law or not version:
            return Basis(law=row.law, version="", article=article, says=row.says)
        return Basis(law=law.shown_as(version), version=version.version, article=article, says=row.says)


@dataclass(frozen=True)
class Entry:
    """One consultation entry, where it stands, and the laws that it cites."""

    text: EntryText
    topic: str
    topic_label: str
    laws: Laws
    file: Path
    line: int

    @property
    def id(self) -> str:
        """``<topic>.<slug>``; never changes."""
        return self.text.id

    @property
    def label(self) -> str:
        """What people see in 您是不是想问 (the entry's own; a day's is on its version)."""
        return self.text.label

    @property
    def roles(self) -> tuple[str, ...]:
        """Who asks."""
        return self.text.roles

    @property
    def variants(self) -> tuple[str, ...]:
        """How people ask it."""
        return self.text.variants

    @property
    def related(self) -> tuple[str, ...]:
        """Ids of entries close to it."""
        return self.text.related

    @property
    def case(self) -> str | None:
        """The case kind that the answer offers to start."""
        return self.text.case

    @property
    def checked(self) -> date:
        """The day a person last checked it."""
        return self.text.checked

    def on(self, day: date) -> EntryVersion | None:
        """What it says on ``day``; ``None`` when it is not valid then."""
        valid = self.text.valid
        if day < valid.first or (valid.until is not None and day > valid.until):
            return None
        said: dict[str, Any] = {name: getattr(self.text, name) for name in _Answer.model_fields}
        for later in sorted(self.text.later, key=lambda later: later.first):
            if later.first <= day:
                said.update({name: getattr(later, name) for name in said if getattr(later, name) is not None})
        return EntryVersion(entry=self, day=day, **said)

    def periods(self) -> list[tuple[date, date]]:
        """First and last day of each stretch on which it says the same; the last stretch may end with ``date.max``."""
        valid = self.text.valid
        end = valid.until or date.max
        starts = sorted({valid.first, *(later.first for later in self.text.later if valid.first < later.first <= end)})
        ends = [start - timedelta(days=1) for start in starts[1:]] + [end]
        return list(zip(starts, ends, strict=True))

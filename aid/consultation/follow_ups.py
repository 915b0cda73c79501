"""Short questions that only the last answer gives a sense: 要多少钱？ 依据是什么？ 那商标呢？ The phrases are in knowledge/follow_ups.yml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from aid.consultation.entry import EntryVersion
from aid.language.normalise import normalise
from aid.yaml_files import read_yaml_model

Phrases = Annotated[tuple[str, ...], Field(min_length=1)]
_SIGNS = re.compile(r"[\s\W_]+")
LONGEST = 16
"""A longer message has a sense of its own."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Aspect(_Row):
    """What is asked of the last answer."""

    asked: Phrases
    lines: tuple[str, ...] = ()
    answer: bool = False


class Switch(_Row):
    """Words around another subject."""

    opening: Phrases
    closing: Phrases


class _File(_Row):
    opening: Phrases
    closing: Phrases
    aspects: dict[str, Aspect]
    switch: Switch


@dataclass(frozen=True)
class FollowUp:
    """``aspect``: the name of what is asked of the last answer; or ``question``: the last question, of another subject."""

    aspect: str = ""
    question: str = ""


class FollowUps:
    """Knows follow-ups.

    Args:
        file: the phrases.
        subjects: names of rights, each with its other names: one may take another's place in a question.
    """

    def __init__(self, file: _File, subjects: Sequence[Sequence[str]]) -> None:
        self._file = file
        self._subjects = sorted((name for names in subjects for name in names), key=len, reverse=True)
        self._aspects = {self._bare(phrase): name for name, aspect in file.aspects.items() for phrase in aspect.asked}

    @classmethod
    def load(cls, path: Path, subjects: Sequence[Sequence[str]]) -> FollowUps:
        """Read ``knowledge/follow_ups.yml``.

        Raises:
            KnowledgeError: the file is missing or not as it should be; with file and line.
        """
        return cls(read_yaml_model(path, _File), subjects)

    def find(self, text: str, last_question: str) -> FollowUp | None:
        """What ``text`` asks of the last answer, which was to ``last_question``; ``None`` when it speaks for itself."""
        bare = _SIGNS.sub("", normalise(text))
        if not bare or len(bare) > LONGEST:
            return None
        aspect = self._aspects.get(bare) or self._aspects.get(self._bare(bare))
        if aspect is not None:
            return FollowUp(aspect=aspect)
        subject = self._other_subject(bare)
        return FollowUp(question=self._asked_of(subject, last_question)) if subject else None

    def wants_whole(self, aspect: str) -> bool:
        """Whether the whole answer is wanted once more."""
        return self._file.aspects[aspect].answer

    def lines(self, aspect: str, version: EntryVersion) -> list[str]:
        """The sentences of the answer that tell about the aspect, in order."""
        words = self._file.aspects[aspect].lines
        return [line for line in (version.short, *version.points, *version.steps) if any(word in line for word in words)]

    def _bare(self, text: str) -> str:
        """Without opening and closing words, as long as something stays."""
        text, before = _SIGNS.sub("", text), ""
        while text != before:
            before = text
            for word in self._file.opening:
                if text.startswith(word) and len(text) > len(word) + 1:
                    text = text[len(word) :]
            for word in self._file.closing:
                if text.endswith(word) and len(text) > len(word) + 1:
                    text = text[: -len(word)]
        return text

    def _other_subject(self, bare: str) -> str:
        closing = next((word for word in self._file.switch.closing if bare.endswith(word)), None)
        if closing is None:
            return ""
        subject = bare[: -len(closing)]
        for word in self._file.switch.opening:
            subject = subject.removeprefix(word)
        return subject if subject in self._subjects else ""

    def _asked_of(self, subject: str, last_question: str) -> str:
        """The last question with its right exchanged; with the subject before it where it names none."""
        named = next((name for name in self._subjects if name in last_question), None)
        return last_question.replace(named, subject) if named else f"{subject}，{last_question}"

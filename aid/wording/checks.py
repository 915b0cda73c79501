"""What `aid check` says of the sentences and words that no other check reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel

from aid.consultation.follow_ups import FollowUps
from aid.faults import Fault, KnowledgeError
from aid.wording.doors import read_wording
from aid.wording.pages import read_page_words
from aid.yaml_files import YamlFile, read_yaml_model

Name = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Word(_Row):
    value: Name
    also: list[Name] | None = None


class _Words(_Row):
    """As ``aid.language.words`` reads it, which also runs where pydantic is old."""

    kind: Name
    words: Annotated[list[Name | _Word], Field(min_length=1)]


class _Text(BaseModel):
    text: Name


class _Domain(BaseModel):
    responses: dict[str, Annotated[list[_Text], Field(min_length=1)]]


class _Posed(RootModel[dict[str, list[Name]]]):
    """Questions by the id of the entry that they mean."""


def check_wording(knowledge_dir: Path) -> list[Fault]:
    """Faults of wording.yml, pages.yml, follow_ups.yml and words/, each with its line."""
    faults = _told(read_wording, knowledge_dir) + _told(read_page_words, knowledge_dir)
    faults += _told(FollowUps.load, knowledge_dir / "follow_ups.yml", [])
    for path in sorted((knowledge_dir / "words").glob("*.yml")):
        faults += _told(read_yaml_model, path, _Words)
    return faults


def check_responses(domain: Path) -> list[Fault]:
    """Faults of the assistant's own sentences in domain.yml: one without words. What else stands there is Rasa's to check, at the training."""
    return _told(read_yaml_model, domain, _Domain)


def check_posed(data: Path, entries: Collection[str]) -> Iterator[Fault]:
    """Faults of the questions in data/questions and data/calibration; those of an entry that does not exist (any more) are warned of."""
    for path in sorted([*(data / "questions").rglob("*.yml"), *(data / "calibration").rglob("*.yml")]):
        try:
            file = YamlFile(path)
            posed = file.as_model(_Posed).root
        except KnowledgeError as fault:
            yield from fault.faults
            continue
        for entry in posed:
            if entry not in entries:
                yield Fault(path, file.line([entry]), f"the entry {entry} does not exist", "warning")


def _told(read: Callable[..., object], *given: object) -> list[Fault]:
    try:
        read(*given)
    except KnowledgeError as fault:
        return fault.faults
    return []

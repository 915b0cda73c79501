"""What each document holds, read from knowledge/documents/*.yml; the words common to all from knowledge/documents.yml."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.kinds import Facts, When
from aid.consultation.entry import Citation
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile, read_yaml_model

Sentence = Annotated[str, Field(min_length=1)]
RECEIVER = "receiver"
"""The one placeholder that is no fact: the receiving center as people see it."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FormRow(_Part):
    """One row: a label and a fact, or a sentence with ``{fact}`` in it, or neither: ``lines`` empty lines to fill in by hand.

    ``lines`` also says how much room an unknown fact gets. ``hint`` is small print under the label.
    """

    label: Sentence
    fact: str = ""
    say: str = ""
    lines: int = Field(default=1, ge=1, le=16)
    hint: str = ""
    when: When = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.fact and self.say:
            raise ValueError("a row shows a fact or says a sentence, not both")
        return self


class FormSection(_Part):
    """A table of the document under its title."""

    title: Sentence
    rows: list[FormRow] = Field(min_length=1)
    when: When = {}


class Material(_Part):
    """A paper to hand in, ``optional`` where only some need it.

    ``of`` is the beginning of the line in the case kind's ``materials`` that it belongs to.
    """

    key: str = Field(pattern="^[a-z][a-z_]*$")
    say: Sentence
    of: Sentence
    optional: bool = False
    when: When = {}


class FormBasis(Citation):
    """A citation under a condition, and between two days where the article is not the same for good."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    says: Sentence
    when: When = Field(default={})
    first: date | None = Field(default=None, alias="from")
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is cited in a document of ``day``."""
        return (self.first is None or self.first <= day) and (self.until is None or day <= self.until)


class FormNote(_Part):
    """What the person must know, under a condition."""

    when: When = {}
    say: Sentence


class Form(_Part):
    """One document. ``besides``: beginnings of lines in the kind's ``materials`` that are no paper to hand in."""

    kind: str
    title: Sentence
    warning: str = ""
    addressee: Sentence
    opening: Sentence
    sections: list[FormSection] = Field(min_length=1)
    declaration: list[Sentence] = Field(min_length=1)
    signature: list[Sentence] = Field(min_length=1)
    materials: list[Material] = Field(min_length=1)
    besides: list[Sentence] = []
    basis: list[FormBasis] = Field(min_length=1)
    hand_in: list[Sentence] = Field(min_length=1)
    notes: list[FormNote] = []
    checked: date

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        keys = [material.key for material in self.materials]
        if len(keys) != len(set(keys)):
            raise ValueError("a material's key stands twice")
        return self

    def shown_facts(self) -> set[str]:
        """Keys of the facts that stand in a row."""
        return {name for section in self.sections for row in section.rows for name in ({row.fact} if row.fact else names_in(row.say))}


class FormWording(_Part):
    """The words common to all documents. Placeholders are checked by the model."""

    number: Sentence
    filled_in: Sentence
    consent_given: Sentence
    told_besides: Sentence
    unsure_title: Sentence
    unsure_intro: Sentence
    left_out: Sentence
    not_known: Sentence
    none_unsure: Sentence
    declaration_title: Sentence
    annex: Sentence
    materials_title: Sentence
    materials_head: list[Sentence] = Field(min_length=3, max_length=3)
    handed_in: Sentence
    missing: Sentence
    if_needed: Sentence
    unsorted: Sentence
    missing_intro: Sentence
    basis_title: Sentence
    hand_in_title: Sentence
    address: Sentence
    lines: Sentence
    notes_title: Sentence
    date_line: Sentence
    page: Sentence

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        wanted = {
            "number": {"number", "day"}, "filled_in": {"day"}, "not_known": {"value"}, "handed_in": {"day", "name"}, "unsorted": {"name"},
            "address": {"address"}, "lines": {"lines"}, "page": {"page", "pages"},
        }  # fmt: skip
        for name in type(self).model_fields:
            text = getattr(self, name)
            if isinstance(text, str) and names_in(text) != wanted.get(name, set()):
                raise ValueError(f"{name} must hold just these in braces: {', '.join(sorted(wanted.get(name, set()))) or 'none'}")
        return self


def names_in(text: str) -> set[str]:
    """The placeholders of a sentence. Raises ``ValueError`` for braces that do not fit."""
    return {name for _text, name, _spec, _how in string.Formatter().parse(text) if name is not None}


def filled(text: str, facts: Facts, blank: str) -> str:
    """A sentence with its placeholders filled; an unknown fact leaves a blank to write in."""
    return text.format_map({name: facts.get(name) or blank for name in names_in(text)})


def load_forms(knowledge_dir: Path) -> dict[str, Form]:
    """Every document by the kind of case.

    Raises:
        KnowledgeError: a file does not fit; all faults at once, with file and line.
    """
    return {form.kind: form for form, _file in read_forms(knowledge_dir)}


def read_forms(knowledge_dir: Path) -> Iterator[tuple[Form, YamlFile]]:
    """Every document with its file. Raises ``KnowledgeError`` after the last one, with every fault."""
    faults: list[Fault] = []
    for path in sorted((knowledge_dir / "documents").glob("*.yml")):
        try:
            file = YamlFile(path)
            form = file.as_model(Form)
        except KnowledgeError as fault:
            faults += fault.faults
            continue
        if form.kind != path.stem:
            faults.append(file.fault(f"kind must be the file's name, {path.stem}", ["kind"]))
        yield form, file
    if faults:
        raise KnowledgeError(faults)


def load_wording(knowledge_dir: Path) -> FormWording:
    """The words common to all documents. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "documents.yml", FormWording)

"""Case kinds: their fields, questions and sentences, read from knowledge/cases/*.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile

FieldType = Literal["text", "event", "booth", "company", "right", "number", "date", "consent", "name", "phone", "choice", "link", "place"]
Facts = dict[str, str]
"""What is known of a case, by field key; ``""`` is a field that was skipped. ``<key>#doubt`` is a number not yet
believed, ``<key>#mark`` says that a value is kept on the person's word."""

SUMMARY = "summary"
"""What is asked when every field is known: whether the read-back is right."""

FAULTS_BY_TYPE: dict[FieldType, tuple[str, ...]] = {
    "text": ("text_unclear",),
    "event": ("event_unclear",),
    "booth": ("booth_unclear",),
    "company": ("company_unclear",),
    "right": ("right_unclear", "several_rights"),
    "number": ("number_wrong", "number_incomplete", "check_digit_wrong"),
    "date": ("date_unclear", "date_past"),
    "consent": ("consent_unclear",),
    "name": ("name_is_number", "name_unclear"),
    "phone": ("phone_wrong",),
    "choice": ("choice_unclear",),
    "link": ("link_wrong",),
    "place": ("place_unclear",),
}
COMMON_FAULTS = ("empty", "too_long", "not_an_answer", "summary_unclear")


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldChoice(_Row):
    """An answer to tap. ``also``: other words for it anywhere; ``when_asked``: words that mean it only as an answer.

    ``weak``: words that mean it in a story only where no other choice is named. … in a word stands for up to eight characters.
    """

    value: str
    label: str = ""
    also: list[str] = []
    when_asked: list[str] = []
    weak: list[str] = []


When = dict[str, list[str]]
"""A condition on facts: each field named has one of the values."""


def holds(when: When, facts: Facts) -> bool:
    """Whether the facts meet the condition; an empty one is met always."""
    return all(facts.get(key) in values for key, values in when.items())


class CaseField(_Row):
    """One thing to know, and the sentences that ask for it.

    ``when``: it is asked only under this condition. ``takes``: fields of other kinds of case whose value it takes over when
    the kind is changed.
    """

    key: str = Field(pattern="^[a-z][a-z_]*$")
    label: str
    type: FieldType
    ask: str
    why: str
    names: list[str]
    skip: str = ""
    optional: bool = False
    personal: bool = False
    listens: Literal["", "goods", "opening", "platform", "quantity", "wish", "time", "ticket"] = ""
    near: list[str] = []
    unknown: str = ""
    kept_mark: str = ""
    choices: list[FieldChoice] = []
    when: When = {}
    takes: list[str] = []

    @field_validator("choices", mode="after")
    @classmethod
    def _distinct(cls, choices: list[FieldChoice]) -> list[FieldChoice]:
        words = [word for c in choices for word in {c.value, *c.also, *c.when_asked, *c.weak}]
        if len(words) != len(set(words)):
            raise ValueError("a word stands for two choices")
        return choices

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.optional != bool(self.skip):
            raise ValueError("an optional field says how to skip it, another does not")
        if self.type in ("right", "choice") and not self.choices:
            raise ValueError(f"a field of type {self.type} needs choices")
        if self.unknown and self.unknown not in [c.value for c in self.choices]:
            raise ValueError("unknown must be one of the choices")
        return self


class FaultText(_Row):
    """What is said of a fault: ``say`` at first, ``again`` from the second failure in a row on."""

    say: str
    again: str


class FaultTexts(_Row):
    """The words for every fault, for forms that have none of their own."""

    faults: dict[str, FaultText]

    @model_validator(mode="after")
    def _all(self) -> Self:
        wanted = {*COMMON_FAULTS, *(code for codes in FAULTS_BY_TYPE.values() for code in codes)}
        if wanted != set(self.faults):
            raise ValueError(f"faults missing or unknown: {', '.join(sorted(wanted ^ set(self.faults)))}")
        return self


class Note(_Row):
    """What is said beside the read-back under a condition, e.g. that a condition of the law is not met."""

    when: When
    say: str = Field(min_length=1, max_length=160)


class CaseKind(_Row):
    """A kind of case: an ordered form and its words. ``begin`` opens it; ``refused`` is said when consent is refused.

    ``called``: words by which people name the kind when they turn to it. ``materials``: what to bring or send, told with the receipt.
    """

    kind: str = Field(pattern="^[a-z_]+$")
    label: str
    called: list[str] = Field(min_length=1)
    first_contact_working_days: int = Field(ge=0)
    verified: bool
    begin: str
    refused: str
    fields: list[CaseField] = Field(min_length=1)
    faults: dict[str, FaultText] = {}
    leave: str
    materials: list[str] = []
    notes: list[Note] = []

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        keys = [field.key for field in self.fields]
        if len(keys) != len(set(keys)) or SUMMARY in keys:
            raise ValueError("a field key stands twice, or is 'summary'")
        personal = [n for n, field in enumerate(self.fields) if field.personal]
        consents = [n for n, field in enumerate(self.fields) if field.type == "consent"]
        if personal and (not consents or consents[0] > personal[0]):
            raise ValueError("personal data is asked for before the consent")
        if strange := {key for when in self._conditions() for key in when} - set(keys):
            raise ValueError(f"a condition names no field of this kind: {', '.join(sorted(strange))}")
        if unknown := set(self.faults) - self.wanted_faults():
            raise ValueError(f"faults unknown: {', '.join(sorted(unknown))}")
        return self

    def _conditions(self) -> list[When]:
        return [*(field.when for field in self.fields), *(note.when for note in self.notes)]

    def wanted_faults(self) -> set[str]:
        """Codes of the faults that can happen in this form."""
        return {*COMMON_FAULTS, *(code for field in self.fields for code in FAULTS_BY_TYPE[field.type])}

    def with_faults(self, common: Mapping[str, FaultText]) -> CaseKind:
        """The kind with the common words for each fault that it has no words of its own for. Raises ``KeyError``."""
        return self.model_copy(update={"faults": {code: self.faults.get(code) or common[code] for code in self.wanted_faults()}})

    def field(self, key: str) -> CaseField:
        """The field of this key. Raises ``KeyError``."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)

    def next_field(self, facts: Facts) -> CaseField | None:
        """The first field that is neither known nor skipped; ``None`` when only the read-back is left."""
        return next((field for field in self.asked(facts) if field.key not in facts), None)

    def asked(self, facts: Facts) -> list[CaseField]:
        """The fields whose condition the facts meet."""
        return [field for field in self.fields if holds(field.when, facts)]

    def progress(self, key: str, facts: Facts) -> tuple[int, int]:
        """Place of a field among those that are asked (from 1) and their count."""
        keys = [field.key for field in self.asked(facts)]
        return (keys.index(key) + 1 if key in keys else len(keys)), len(keys)

    def missing(self, facts: Facts) -> list[str]:
        """Keys of needed fields that have no value."""
        return [field.key for field in self.asked(facts) if not field.optional and not facts.get(field.key)]

    def needs_consent(self, facts: Facts) -> bool:
        """Whether the facts hold, or the form asks for, personal data: then nothing is filed without consent."""
        return any(field.personal for field in self.asked(facts))

    def said_beside(self, facts: Facts) -> list[str]:
        """The notes whose condition the facts meet."""
        return [note.say for note in self.notes if holds(note.when, facts)]

    def personal_keys(self) -> set[str]:
        """Keys of the fields that hold personal data."""
        return {field.key for field in self.fields if field.personal}

    def fault_text(self, code: str, failures: int) -> str:
        """What to say of a fault at this many failures in a row (1 is the first); from the second on it explains more."""
        text = self.faults[code]
        return text.say if failures < 2 else text.again


def load_kinds(knowledge_dir: Path) -> dict[str, CaseKind]:
    """Every case kind of ``cases/*.yml`` by name, with the words for faults of ``form_faults.yml``.

    Raises:
        KnowledgeError: a file does not fit, or there is none; all faults at once, with file and line.
    """
    common = YamlFile(knowledge_dir / "form_faults.yml").as_model(FaultTexts).faults
    kinds: dict[str, CaseKind] = {}
    faults: list[Fault] = []
    paths = sorted((knowledge_dir / "cases").glob("*.yml"))
    for path in paths:
        try:
            file = YamlFile(path)
            kind = file.as_model(CaseKind)
        except KnowledgeError as fault:
            faults += fault.faults
            continue
        if kind.kind != path.stem:
            faults.append(file.fault(f"kind must be the file's name, {path.stem}", ["kind"]))
        kinds[kind.kind] = kind.with_faults(common)
    if not paths:
        faults.append(Fault(knowledge_dir / "cases", 0, "holds no case kind"))
    if faults:
        raise KnowledgeError(faults)
    return kinds

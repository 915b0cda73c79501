"""The desk's words: what each action is called, what its form asks, how urgency is said, what is near at hand of each kind (knowledge/desk.yml)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.kinds import load_kinds
from aid.cases.life import NEEDED, TRANSITIONS, EventKind
from aid.desk.filters import Urgency
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile, read_yaml_model

FILE = "desk.yml"
FieldType = Literal["line", "text", "day", "past_day", "center", "body", "ticket", "ticks", "choice", "confirm"]
"""``past_day``: not after today; ``body``: a center or another authority; ``ticks``: the kind's materials, to tick, and lines of one's own;
``confirm``: must be ticked, and is not kept."""
Fault_ = Literal["missing", "too_long", "blank_left", "not_a_day", "in_future", "unknown", "unconfirmed", "same", "closed", "receiver"]
Why = Literal["alike", "same_case", "same_person", "same_respondent"]
MOST: dict[str, int] = {"line": 120, "text": 2000, "ticks": 2000}
"""Signs that a field takes."""
NOT_STAFFS = frozenset({"joined", "evidence_added"})
"""Events that staff bring about without a form of their own: by a merger, by a file."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ActionField(_Row):
    """One thing that an action asks for. ``key`` is the key of the event's detail."""

    key: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1, max_length=40)
    type: FieldType
    needed: bool = True
    hint: str = Field(default="", max_length=80)
    choices: list[str] = []

    @model_validator(mode="after")
    def _choosable(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices belong to a field of type choice")
        return self


class Action(_Row):
    """An event as staff bring it about: its name, what it does, what it asks. ``told``: the person reads what is written here."""

    label: str = Field(min_length=1, max_length=16)
    does: str = Field(min_length=1, max_length=90)
    told: bool = False
    fields: list[ActionField] = []

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        keys = [field.key for field in self.fields]
        if len(keys) != len(set(keys)):
            raise ValueError("a field stands twice")
        return self

    def field(self, key: str) -> ActionField | None:
        """The field of this key."""
        return next((field for field in self.fields if field.key == key), None)


class DeskWords(_Row):
    """The whole file. ``entries``: by kind of case, the entries of consultations/ that staff have at hand, with what they rest on."""

    actions: dict[EventKind, Action]
    urgency: dict[Urgency, str]
    entries: dict[str, list[str]]
    faults: dict[Fault_, str]
    why: dict[Why, str]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        staffs = {event for row in TRANSITIONS.values() for event, step in row.items() if step.by & {"intake", "handler", "supervisor"}} - NOT_STAFFS
        if staffs != {*self.actions}:
            raise ValueError(f"actions missing or not for staff: {', '.join(sorted(staffs ^ {*self.actions}))}")
        for event, action in self.actions.items():
            asked = {field.key for field in action.fields if field.needed}
            if lacking := {*NEEDED.get(event, ())} - asked:
                raise ValueError(f"{event} must ask for {', '.join(sorted(lacking))}")
        for name, wanted, given in (
            ("urgency", {*get_args(Urgency)}, {*self.urgency}),
            ("faults", {*get_args(Fault_)}, {*self.faults}),
            ("why", {*get_args(Why)}, {*self.why}),
        ):
            if wanted != given:
                raise ValueError(f"{name}: no words for {', '.join(sorted(wanted - given))}")
        return self


def load_desk(knowledge_dir: Path) -> DeskWords:
    """The desk's words. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / FILE, DeskWords)


def check_desk(knowledge_dir: Path, entries: Collection[str]) -> list[Fault]:
    """Faults of the file: its schema, and kinds of case and entries that do not exist or are forgotten."""
    file = YamlFile(knowledge_dir / FILE)
    try:
        words, kinds = file.as_model(DeskWords), load_kinds(knowledge_dir)
    except KnowledgeError as fault:
        return fault.faults
    return list(_faults(file, words, kinds, entries))


def _faults(file: YamlFile, words: DeskWords, kinds: Collection[str], entries: Collection[str]) -> Iterator[Fault]:
    if missing := {*kinds} - {*words.entries}:
        yield file.fault(f"no entries for the kind {', '.join(sorted(missing))}", ["entries"])
    for kind, ids in words.entries.items():
        if kind not in kinds:
            yield file.fault(f"no case kind {kind}", ["entries", kind])
        for number, id_ in enumerate(ids):
            if id_ not in entries:
                yield file.fault(f"the entry {id_} does not exist", ["entries", kind, number])

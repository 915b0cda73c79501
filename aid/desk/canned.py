"""Ready-made words that staff take and change (knowledge/canned.yml): by kind of case and action, with checked placeholders."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.kinds import load_kinds
from aid.cases.life import EventKind
from aid.desk.words import DeskWords, load_desk
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile, read_yaml_model

FILE = "canned.yml"
Placeholder = Literal["number", "kind", "center", "today", "due"]
PLACEHOLDERS: frozenset[str] = frozenset(get_args(Placeholder))
"""The ticket's number, what its kind is called, the center as people know it, today, and the last day of the clock that runs out first."""
BLANK = "〔"
"""What staff must fill in stands between 〔 and 〕; an action with such a blank is not taken."""
TALK = "talk"
"""Instead of an event: words for the person in a talk."""


class Canned(BaseModel):
    """A piece of ready-made words. ``kinds`` empty: every kind; ``field``: the field of the action into which it goes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    label: str = Field(min_length=1, max_length=24)
    action: EventKind | Literal["talk"]
    field: str = "text"
    kinds: list[str] = []
    text: str = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _fillable(self) -> Self:
        try:
            named = {name for _, name, _, _ in Formatter().parse(self.text) if name is not None}
        except ValueError as fault:
            raise ValueError("a { or } stands alone; double it where it is meant") from fault
        if strange := named - PLACEHOLDERS:
            raise ValueError(f"there is no placeholder {', '.join(sorted(strange))}; there are {', '.join(sorted(PLACEHOLDERS))}")
        if self.text.count(BLANK) != self.text.count("〕"):
            raise ValueError("a 〔 is not closed by 〕")
        return self

    def filled(self, known: Mapping[Placeholder, str]) -> str:
        """The words for one case; what is not known stands as a blank that staff fill in."""
        return self.text.format_map({name: known.get(name) or f"{BLANK}{name}〕" for name in get_args(Placeholder)})


class CannedFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    canned: list[Canned]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [one.id for one in self.canned]
        if twice := {id_ for id_ in ids if ids.count(id_) > 1}:
            raise ValueError(f"{', '.join(sorted(twice))} stands twice")
        return self

    def fitting(self, kind: str, action: str) -> list[Canned]:
        """What fits a kind of case and an action, those for this kind alone first."""
        fitting = [one for one in self.canned if one.action == action and (not one.kinds or kind in one.kinds)]
        return sorted(fitting, key=lambda one: not one.kinds)


def load_canned(knowledge_dir: Path) -> CannedFile:
    """The ready-made words. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / FILE, CannedFile)


def check_canned(knowledge_dir: Path, _entries: Collection[str]) -> list[Fault]:
    """Faults of the file: its schema, and kinds, actions and fields that do not exist."""
    file = YamlFile(knowledge_dir / FILE)
    try:
        told, words, kinds = file.as_model(CannedFile), load_desk(knowledge_dir), load_kinds(knowledge_dir)
    except KnowledgeError as fault:
        return fault.faults
    return list(_faults(file, told, words, kinds))


def _faults(file: YamlFile, told: CannedFile, words: DeskWords, kinds: Collection[str]) -> Iterator[Fault]:
    for number, one in enumerate(told.canned):
        for kind in set(one.kinds) - set(kinds):
            yield file.fault(f"no case kind {kind}", ["canned", number, "kinds"])
        if one.action == TALK:
            if one.field != "text":
                yield file.fault("words of a talk go into the field text", ["canned", number, "field"])
            continue
        action = words.actions.get(one.action)  # type: ignore[arg-type]
        field = action.field(one.field) if action else None
        if field is None or field.type not in ("line", "text", "ticks"):
            yield file.fault(f"{one.action} asks for no words in a field {one.field}", ["canned", number, "field"])

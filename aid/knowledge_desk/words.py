"""What the desk says to people, knowledge/knowledge_desk.yml: errors, names of fields, and the sentences of the checks in plain Chinese."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from aid.consultation.calibration import TOP_FEATURES, Band
from aid.consultation.entry import CASE_KINDS
from aid.consultation.entry import Role as Asker
from aid.consultation.explain import ORIGINS
from aid.knowledge_desk import errors
from aid.knowledge_desk.changes import EventKind, Kind, State
from aid.knowledge_desk.content import FIELDS
from aid.knowledge_desk.errors import BadText, DeskError
from aid.knowledge_desk.live import Standing
from aid.store.ratings import REASONS
from aid.yaml_files import read_yaml_model

FILE = "knowledge_desk.yml"
Sentence = Annotated[str, Field(min_length=1)]
Words = dict[str, Sentence]


class FaultWords(BaseModel):
    """A sentence of the checks, and how it is said to an editor."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    find: Sentence
    say: Sentence

    @field_validator("find")
    @classmethod
    def _is_pattern(cls, find: str) -> str:
        try:
            re.compile(find)
        except re.error as fault:
            raise ValueError(f"is no regular expression: {fault}") from fault
        return find

    @model_validator(mode="after")
    def _has_its_groups(self) -> Self:
        groups = re.compile(self.find).groups
        if any(int(number) > groups for number in re.findall(r"\{(\d)\}", self.say)):
            raise ValueError(f"'{self.say}' uses a group that '{self.find}' has not")
        return self

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """``find``, ready."""
        return re.compile(self.find, re.DOTALL)


class DeskWords(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: Words
    roles: Words
    cases: Words
    kinds: Words
    states: Words
    events: Words
    bands: Words
    origins: Words
    reasons: Words
    features: Words
    standings: Words
    errors: Words
    faults: list[FaultWords]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, DeskError) and kind is not DeskError}
        wanted = {
            "fields": set(FIELDS),
            "roles": set(get_args(Asker)),
            "cases": set(CASE_KINDS),
            "kinds": set(get_args(Kind)),
            "states": set(get_args(State)),
            "events": set(get_args(EventKind)),
            "bands": set(get_args(Band)),
            "origins": set(ORIGINS.values()),
            "reasons": {*REASONS, "-"},
            "features": set(TOP_FEATURES),
            "standings": set(get_args(Standing)),
            "errors": kinds,
        }
        for name, keys in wanted.items():
            if keys != set(getattr(self, name)):
                raise ValueError(f"'{name}' must hold exactly {', '.join(sorted(keys))}")
        return self

    def fault(self, message: str) -> str:
        """A sentence of the checks as an editor reads it; as it is, when none of the rows knows it."""
        for row in self.faults:
            if found := row.pattern.fullmatch(message):
                return re.sub(r"\{(\d)\}", lambda group: found[int(group[1])] or "", row.say)
        return message

    def error(self, fault: DeskError) -> str:
        """Why something was not done; of a bad text also where and what."""
        sentence = self.errors.get(type(fault).__name__, self.errors["BadText"])
        if isinstance(fault, BadText):
            said = str(fault).removeprefix(f"{fault.field}: ") if fault.field else str(fault)
            return f"{sentence}{self.place(fault.field)}{self.fault(said)}"
        return sentence

    def place(self, field: str) -> str:
        """``points.2`` as 要知道的（第2行）：."""
        name, _, rest = field.partition(".")
        if name not in self.fields:
            return ""
        number = next((part for part in rest.split(".") if part.isdecimal()), "")
        return f"{self.fields[name]}（第{number}行）：" if number else f"{self.fields[name]}："


def load_desk_words(knowledge_dir: Path) -> DeskWords:
    """Read the file. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / FILE, DeskWords)

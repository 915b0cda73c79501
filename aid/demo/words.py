"""What the invented cases are made of (knowledge/demo.yml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.kinds import load_kinds
from aid.cases.tables import load_tables
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile, read_yaml_model

_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
Weights = dict[str, int]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoDays(_Row):
    """First and last day of an expo in the invented year, as ``07-11``."""

    first: str = Field(alias="from", pattern=_DAY.pattern)
    until: str = Field(pattern=_DAY.pattern)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.first:
            raise ValueError("the last day lies before the first")
        return self


class Said(_Row):
    """What the person and the assistant say around a case."""

    origin: str
    confirm: str
    filed: str = Field(pattern=r"\{number\}")
    file: str


class StaffNames(_Row):
    """Names of the invented staff; figures are put behind."""

    intake: str
    handler: str
    supervisor: str


class LogWords(_Row):
    """What staff write into the log."""

    transferred: str = Field(pattern=r"\{center\}")
    returned: str
    supplemented: str
    referred_to: str
    referred: str
    noted: str
    mediated: list[str] = Field(min_length=1)
    concluded: list[str] = Field(min_length=1)
    on_site: list[str] = Field(min_length=1)
    not_accepted: str
    reopened: str


class DemoWords(_Row):
    """knowledge/demo.yml; weights are parts of any whole."""

    surnames: list[str] = Field(min_length=1)
    firm_parts: list[str] = Field(min_length=1)
    firm_kinds: list[str] = Field(min_length=1)
    goods: dict[str, list[str]]
    matters: Weights
    patents: Weights
    districts: list[str] = Field(min_length=1)
    markets: list[str] = Field(min_length=1)
    platforms: list[str] = Field(min_length=1)
    halls: list[str] = Field(min_length=1)
    kinds: Weights
    doors: Weights
    expos: dict[str, DemoDays]
    stories: list[str] = Field(min_length=1)
    sought: list[str] = Field(min_length=1)
    complaints: list[str] = Field(min_length=1)
    questions: list[str] = Field(min_length=1)
    unanswered: list[str] = Field(min_length=1)
    said: Said
    staff: StaffNames
    log: LogWords


def load_demo_words(knowledge_dir: Path) -> DemoWords:
    """The words. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "demo.yml", DemoWords)


def check_demo(knowledge_dir: Path) -> list[Fault]:
    """What does not fit in demo.yml: the file itself, kinds and expos that do not exist, a kind of case that no invented case has."""
    try:
        file = YamlFile(knowledge_dir / "demo.yml")
        words = file.as_model(DemoWords)
        kinds, expos = load_kinds(knowledge_dir), {expo.code for expo in load_tables(knowledge_dir).expos.events}
    except KnowledgeError as fault:
        return fault.faults
    faults = [file.fault(f"there is no kind of case {kind}", ["kinds", kind]) for kind in words.kinds if kind not in kinds]
    faults += [file.fault(f"no weight for the kind of case {kind}", ["kinds"]) for kind in kinds if kind not in words.kinds]
    faults += [file.fault(f"there is no expo {code}", ["expos", code]) for code in words.expos if code not in expos]
    wanted = {*words.expos, "market", "other"}
    return faults + [file.fault(f"no goods for {name}", ["goods"]) for name in sorted(wanted - {*words.goods})]

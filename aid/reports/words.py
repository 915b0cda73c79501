"""How reports speak (knowledge/reports.yml)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.cases.deadlines import FIRST_CONTACT, DeadlineRules
from aid.cases.kinds import load_kinds
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import YamlFile, read_yaml_model

FigureId = Literal[
    "received", "cases", "aid", "mediation", "concluded", "on_time", "late", "satisfaction", "solved", "answered", "reached",
]  # fmt: skip
Column = Literal[
    "received", "cases", "aid", "mediation", "concluded", "judged", "on_time", "rated", "satisfied", "answered", "reached",
]  # fmt: skip
Dimension = Literal["center", "matter", "kind", "door", "event", "month", "day"]
PeriodKind = Literal["day", "month", "year", "span", "event"]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FigureWords(_Row):
    """A figure's name, unit and definition, as staff read them."""

    label: str
    unit: str
    means: str


class BulletinWords(_Row):
    """The words of an expo's daily bulletin."""

    heading: str = Field(pattern=r"\{event\}.*\{period\}")
    told: str
    told_of_center: str
    matters: str
    halls: str
    asked: str
    none_asked: str
    received: str
    handled: str
    contacted: str
    open: str
    times: str
    no_hall: str
    open_cases: str = Field(pattern=r"\{numbers\}")


class ReportWords(_Row):
    """knowledge/reports.yml. Frames name in braces what is filled in."""

    case_kinds: list[str] = Field(min_length=1)
    clocks: list[str] = Field(min_length=1)
    sentence: str = Field(pattern=r"\{period\}.*\{cases\}.*\{aid\}.*\{mediation\}")
    outreach: str = Field(pattern=r"\{answered\}.*\{reached\}")
    outreach_at_expo: str = Field(pattern=r"\{answered\}.*\{reached\}")
    demo: str
    title: str
    bulletin_title: str
    made: str = Field(pattern=r"\{moment\}")
    narrowed: str = Field(pattern=r"\{what\}")
    nothing: str
    unknown: str
    other_event: str
    centers: dict[Literal["main", "subcenter", "workstation"], str]
    periods: dict[PeriodKind, str]
    doors: dict[str, str]
    dimensions: dict[str, str]
    figures: dict[FigureId, FigureWords]
    columns: dict[Column, str]
    total: str
    definitions: str
    figure: str
    value: str
    explained: str
    page: str = Field(pattern=r"\{page\}.*\{pages\}")
    share: str = Field(pattern=r"\{part\}.*\{whole\}")
    bulletin: BulletinWords
    charts: dict[str, str]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        wanted = {
            "periods": {*get_args(PeriodKind)} - {*self.periods},
            "figures": {*get_args(FigureId)} - {*self.figures},
            "columns": {*get_args(Column)} - {*self.columns},
            "dimensions": {*get_args(Dimension), "hall", "entry"} - {*self.dimensions},
            "centers": {"main", "subcenter", "workstation"} - {*self.centers},
            "charts": {"kind", "matter", "center", "door", "time", "event", "halls", "matters", "described"} - {*self.charts},
        }
        if missing := [f"{part}: {', '.join(sorted(names))}" for part, names in wanted.items() if names]:
            raise ValueError(f"no words for {'; '.join(missing)}")
        return self


def load_report_words(knowledge_dir: Path) -> ReportWords:
    """The words. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "reports.yml", ReportWords)


def check_reports(knowledge_dir: Path) -> list[Fault]:
    """What does not fit in reports.yml: the file itself, kinds of case and deadlines that do not exist."""
    try:
        file = YamlFile(knowledge_dir / "reports.yml")
        words = file.as_model(ReportWords)
        kinds, rules = load_kinds(knowledge_dir), read_yaml_model(knowledge_dir / "deadlines.yml", DeadlineRules).deadlines
    except KnowledgeError as fault:
        return fault.faults
    clocks = {FIRST_CONTACT, *(rule.id for rule in rules)}
    faults = [file.fault(f"there is no kind of case {kind}", ["case_kinds", n]) for n, kind in enumerate(words.case_kinds) if kind not in kinds]
    return faults + [file.fault(f"there is no deadline {clock}", ["clocks", n]) for n, clock in enumerate(words.clocks) if clock not in clocks]

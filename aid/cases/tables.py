"""The tables that the center edits: receivers (centers), where cases go (routing), other bodies (agencies), expos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.yaml_files import YamlFile


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Row):
    """A national line and what it is for."""

    number: str = Field(pattern=r"^\d{5}$")
    for_: str = Field(alias="for")


class Center(_Row):
    """A receiver of cases. Address and telephones are null until the center confirms them."""

    id: str
    role: Literal["main", "subcenter", "workstation"]
    name: str | None
    task: str
    stands_on: str | None
    address: str | None
    phones: list[str]
    verified: bool

    @model_validator(mode="after")
    def _nothing_unverified_shown(self) -> Self:
        if self.verified and not self.name:
            raise ValueError("a verified center has a name")
        if not self.verified and (self.name or self.address or self.phones):
            raise ValueError("name, address and phones are set only together with verified: true")
        return self


class Centers(_Row):
    """All receivers, and what people see while one is unverified."""

    national_lines: list[Line] = Field(min_length=1)
    unverified_label: str = Field(pattern=r"\{task\}")
    centers: list[Center] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_main(self) -> Self:
        ids = [c.id for c in self.centers]
        if len(ids) != len(set(ids)):
            raise ValueError("a center's id stands twice")
        if [c.role for c in self.centers].count("main") != 1:
            raise ValueError("exactly one center has the role main")
        return self


class Conditions(_Row):
    """What a rule asks for; an empty condition holds always."""

    kind: list[str] = []
    matter: list[str] = []
    event: list[str] = []
    market: list[str] = []
    district: list[str] = []
    industry: list[str] = []
    online: bool | None = None


class Rule(_Row):
    """One row of the routing table."""

    id: str
    when: Conditions
    to: str
    copies: list[str]
    because: list[str] = Field(min_length=1)


class RoutingTable(_Row):
    """The rules in order, and the words by which an industry is meant."""

    industries: dict[str, list[str]]
    rules: list[Rule] = Field(min_length=1)


class Expo(_Row):
    """An expo; ``dates`` stay null until the center confirms them."""

    code: str = Field(pattern="^[a-z][a-z0-9-]*$")
    name: str
    industry: str
    workstation: str
    dates: dict[str, Any] | None
    verified: bool

    @model_validator(mode="after")
    def _no_unverified_dates(self) -> Self:
        if self.dates is not None and not self.verified:
            raise ValueError("dates are set only together with verified: true")
        return self


class Expos(_Row):
    """All expos."""

    events: list[Expo]


class Agency(_Row):
    """A body that takes what is not the center's; reached by national lines until its own are confirmed."""

    id: str
    name: str
    matters: list[str] = Field(min_length=1)
    because: str
    lines: list[str] = Field(min_length=1)
    source: str


class Agencies(_Row):
    """All such bodies."""

    agencies: list[Agency]

    def for_text(self, text: str) -> Agency | None:
        """The body whose matter the text names, the longest name first."""
        named = [(len(m), a) for a in self.agencies for m in a.matters if m in text]
        return max(named, key=lambda pair: pair[0])[1] if named else None


@dataclass(frozen=True, slots=True)
class Tables:
    """The four tables with their files, for routing and for the check."""

    centers: Centers
    routing: RoutingTable
    expos: Expos
    agencies: Agencies
    files: dict[str, YamlFile]


def load_tables(knowledge_dir: Path) -> Tables:
    """Read the four tables; what one says of another is checked by ``aid.cases.checks``.

    Raises:
        KnowledgeError: a file is missing or does not fit; with file and line.
    """
    files = {name: YamlFile(knowledge_dir / f"{name}.yml") for name in ("centers", "routing", "events", "agencies")}
    return Tables(
        centers=files["centers"].as_model(Centers),
        routing=files["routing"].as_model(RoutingTable),
        expos=files["events"].as_model(Expos),
        agencies=files["agencies"].as_model(Agencies),
        files=files,
    )

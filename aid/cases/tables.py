"""The tables that the center edits: receivers (centers), where cases go (routing), places, other bodies (agencies), expos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from aid.language.normalise import normalise
from aid.yaml_files import YamlFile

Where = Literal["changchun", "partner", "province", "elsewhere"]
"""Where a case lies: in Changchun, in one of the five cities with which it cooperates, elsewhere in the province, in another province."""
Words = Annotated[list[str], Field(min_length=1)]
CITY = "city"
"""In a rule's ``refer``: the authority of the partner city that the case names."""


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
    unverified_station_label: str = Field(pattern=r"\{task\}")
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
    """What a rule asks for; an empty condition holds always.

    ``on_site``: the day is one of the expo's; ``urgent``: the exhibit leaves today or tomorrow.
    """

    kind: list[str] = []
    matter: list[str] = []
    event: list[str] = []
    market: list[str] = []
    district: list[str] = []
    industry: list[str] = []
    where: list[Where] = []
    online: bool | None = None
    on_site: bool | None = None
    urgent: bool | None = None

    @field_validator("market", "district", mode="after")
    @classmethod
    def _as_words_are(cls, names: list[str]) -> list[str]:
        return [normalise(name) for name in names]


class _ConditionedRow(_Row):
    id: str
    when: Conditions
    copies: list[str]
    because: list[str] = Field(min_length=1)


class Rule(_ConditionedRow):
    """One row of the routing table. ``refer``: an agency that the case may be handed to, or ``city``."""

    to: str
    refer: str | None = None


class CopyRule(_ConditionedRow):
    """Who else gets a copy, whichever rule decides: every row whose conditions hold counts."""


class RoutingTable(_Row):
    """The rules in order, the copies beside them, and the words by which an industry is meant."""

    referral_label: str = Field(pattern=r"\{name\}.*\{because\}")
    industries: dict[str, Words]
    rules: list[Rule] = Field(min_length=1)
    also: list[CopyRule] = []


class Days(_Row):
    """First and last day of an expo."""

    from_: date = Field(alias="from")
    until: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.from_:
            raise ValueError("the last day lies before the first")
        return self

    def hold(self, day: date) -> bool:
        """Whether ``day`` is one of them, the last included."""
        return self.from_ <= day <= self.until


class Expo(_Row):
    """An expo; ``dates`` stay null until the center confirms them."""

    code: str = Field(pattern="^[a-z][a-z0-9-]*$")
    name: str
    industry: str
    workstation: str
    dates: Days | None
    verified: bool

    @model_validator(mode="after")
    def _no_unverified_dates(self) -> Self:
        if self.dates is not None and not self.verified:
            raise ValueError("dates are set only together with verified: true")
        return self


class Expos(_Row):
    """All expos."""

    events: list[Expo]


class Clue(_Row):
    """Words by which a matter is known where one alone does not tell: every list has one in the text, and ``unless`` has none."""

    when: list[Words] = Field(min_length=2)
    unless: list[str] = []


class Agency(_Row):
    """A body that takes what is not the center's; reached by national lines until its own are confirmed.

    ``matters``: each names the matter by itself. ``still``: what the center can do all the same; empty: nothing.
    ``not_for_holder``: not told to a person who speaks of a right of his own.
    """

    id: str
    name: str
    matters: Words
    clues: list[Clue] = []
    unless: list[str] = []
    not_for_holder: bool = False
    says: str = Field(min_length=1, max_length=90)
    still: str = Field(max_length=90)
    lines: list[str] = Field(min_length=1)
    source: str


class Agencies(_Row):
    """All such bodies; ``holder``: how a person says that a right is his own; ``silent_in``: kinds of case that are never handed on."""

    holder: Words
    silent_in: list[str]
    agencies: list[Agency]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [agency.id for agency in self.agencies]
        if len(ids) != len(set(ids)) or CITY in ids:
            raise ValueError("an agency's id stands twice, or is 'city'")
        return self


class PartnerCity(_Row):
    """A city of the cooperation agreement, the authority there, and the names by which places in it are known."""

    id: str
    name: str
    authority: str
    names: Words


class PlaceNames(_Row):
    """Places in words that stand for no district: outside Changchun, or in Changchun only where a place is asked for."""

    local: Words
    shared: list[str]
    when_asked: dict[str, Words]
    partner_because: str = Field(pattern=r"\{city\}")
    partners: list[PartnerCity] = Field(min_length=1)
    province: Words
    elsewhere: Words
    not_before: Words
    never: list[str]
    at: Words
    there: Words
    online: Words


@dataclass(frozen=True, slots=True)
class Tables:
    """The five tables with their files, for routing and for the check."""

    centers: Centers
    routing: RoutingTable
    expos: Expos
    agencies: Agencies
    places: PlaceNames
    files: Mapping[str, YamlFile]


def load_tables(knowledge_dir: Path) -> Tables:
    """Read the five tables; what one says of another is checked by ``aid.cases.checks``.

    Raises:
        KnowledgeError: a file is missing or does not fit; with file and line.
    """
    files = {name: YamlFile(knowledge_dir / f"{name}.yml") for name in ("centers", "routing", "events", "agencies", "places")}
    return Tables(
        centers=files["centers"].as_model(Centers),
        routing=files["routing"].as_model(RoutingTable),
        expos=files["events"].as_model(Expos),
        agencies=files["agencies"].as_model(Agencies),
        places=files["places"].as_model(PlaceNames),
        files=files,
    )

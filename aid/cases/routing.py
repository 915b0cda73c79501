"""Routing: which center receives a case, and why, by the table that the center edits (knowledge/routing.yml)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from aid.cases.checks import faults_of
from aid.cases.conditions import View, holds
from aid.cases.kinds import Facts, load_kinds
from aid.cases.phrases import is_said
from aid.cases.places import Place, Places
from aid.cases.tables import CITY, Center, Rule, Tables, load_tables
from aid.faults import KnowledgeError
from aid.language.normalise import normalise
from aid.language.words import ProjectWords

ONLINE, OFFLINE = "网上", "线下"
"""The values of the field ``channel``: a sale on the net, and one in a shop or market."""
SOON_DAYS = 1
"""An exhibit that leaves within so many days (0: today) is urgent."""


@dataclass(frozen=True, slots=True)
class Case:
    """What routing looks at. ``event`` is the expo's name as said; ``text`` is what is said of the goods."""

    kind: str
    matter: str = ""
    event: str = ""
    place: Place = field(default_factory=Place)
    online: bool = False
    leaves_on: date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """Who receives a case, who gets a copy, the reasons in plain words, and the rule that decided.

    ``referral``: the agency or partner city that the case may be handed to; the reasons name it. ``also``: the rows that added copies.
    """

    receiver: str
    copies: list[str]
    reasons: list[str]
    rule: str
    referral: str | None = None
    also: list[str] = field(default_factory=list)


class Router:
    """Decides the receiver. Pure: the tables are read once, the day is told."""

    def __init__(self, tables: Tables, words: ProjectWords) -> None:
        self._tables, self._words = tables, words
        self._places = Places(tables.places, words)
        self._centers = {center.id: center for center in tables.centers.centers}

    def route(self, case: Case, day: date) -> Route:
        """The first rule whose every condition holds on ``day``, and the copies that other rows add."""
        view = self._view(case, day)
        rule = next(rule for rule in self._tables.routing.rules if holds(rule.when, view))
        also = [row for row in self._tables.routing.also if holds(row.when, view) and set(row.copies) - {rule.to, *rule.copies}]
        named = [*rule.copies, *(center for row in also for center in row.copies)]
        copies = dict.fromkeys(center for center in named if center != rule.to)
        referral, told = self._referral(rule, case)
        reasons = [*rule.because, *told, *(reason for row in also for reason in row.because)]
        return Route(rule.to, list(copies), reasons, rule.id, referral, [row.id for row in also])

    def route_facts(self, kind: str, facts: Facts, day: date) -> Route:
        """The route on ``day`` by ``right_kind event place channel platform leaves_on exhibit story``."""
        channel, event = facts.get("channel", ""), facts.get("event", "")
        text = " ".join(facts.get(key, "") for key in ("event", "exhibit", "story"))
        place = self._place(facts)
        return self.route(
            Case(
                kind=kind,
                matter=facts.get("right_kind", ""),
                event=event,
                place=place,
                online=channel == ONLINE or (channel != OFFLINE and (place.online or bool(facts.get("platform")))),
                leaves_on=_day(facts.get("leaves_on", "")),
                text=text,
            ),
            day,
        )

    def _place(self, facts: Facts) -> Place:
        """Where it happened; a place told before the sale turned out to be on the net no longer counts."""
        if facts.get("channel") == ONLINE:
            return Place()
        if said := facts.get("place", ""):
            return self._places.of_answer(said)
        event = facts.get("event", "")
        if event:
            return Place() if self.event_code(event) else self._places.of_answer(event)
        return self._places.of_story(facts.get("story", ""))

    def _view(self, case: Case, day: date) -> View:
        code = self.event_code(case.event) or ""
        expo = next((expo for expo in self._tables.expos.events if expo.code == code), None)
        said = normalise(case.text)
        return View(
            kind=case.kind,
            matter=case.matter,
            event=code,
            market=case.place.market,
            where=case.place.where,
            district=case.place.districts,
            industry=frozenset(name for name, words in self._tables.routing.industries.items() if is_said(words, said)),
            online=case.online,
            on_site=bool(expo and expo.dates and expo.dates.hold(day)),
            urgent=case.leaves_on is not None and 0 <= (case.leaves_on - day).days <= SOON_DAYS,
        )

    def _referral(self, rule: Rule, case: Case) -> tuple[str | None, list[str]]:
        """Whom the case may be handed to, and the sentence that says so."""
        label = self._tables.routing.referral_label
        if rule.refer == CITY:
            city = case.place.city
            if city is None:
                return None, []
            return city.id, [label.format(name=city.authority, because=self._tables.places.partner_because.format(city=city.name))]
        agency = next((agency for agency in self._tables.agencies.agencies if agency.id == rule.refer), None)
        return (agency.id, [label.format(name=agency.name, because=agency.says)]) if agency else (None, [])

    def public_label(self, center_id: str) -> str:
        """What people see of a center: its name once verified, else its task and that the center will say the rest."""
        center, centers = self._centers[center_id], self._tables.centers
        if center.verified and center.name:
            return center.name
        label = centers.unverified_station_label if center.role == "workstation" else centers.unverified_label
        return label.format(task=center.task)

    def referral_label(self, referral: str) -> str:
        """The name of the agency, or of the authority of the partner city, with this id. Raises ``KeyError``."""
        names = {agency.id: agency.name for agency in self._tables.agencies.agencies}
        return {**names, **{city.id: city.authority for city in self._tables.places.partners}}[referral]

    def phones(self, center_id: str) -> list[str]:
        """Telephones to show: the center's own once verified, else the national lines."""
        return list(self._centers[center_id].phones) or [line.number for line in self._tables.centers.national_lines]

    def national_lines(self) -> list[str]:
        """The national lines with what each is for, as people see them."""
        return [f"{line.number}（{line.for_}）" for line in self._tables.centers.national_lines]

    def center(self, center_id: str) -> Center:
        """The center of this id. Raises ``KeyError``."""
        return self._centers[center_id]

    def center_near(self, said: str) -> Center | None:
        """The verified center with a verified address in a district that these words name."""
        districts = self._places.of_answer(said).districts
        there = (c for c in self._centers.values() if c.verified and c.address and self._places.of_answer(c.address).districts & districts)
        return next(there, None)

    def center_ids(self) -> list[str]:
        """The ids of all centers, in the table's order."""
        return list(self._centers)

    def referral_ids(self) -> list[str]:
        """The ids of all bodies that a case may be handed to: agencies, then partner cities."""
        return [*(agency.id for agency in self._tables.agencies.agencies), *(city.id for city in self._tables.places.partners)]

    def expos(self) -> dict[str, str]:
        """The name of each expo by its code."""
        return {expo.code: expo.name for expo in self._tables.expos.events}

    @property
    def main(self) -> Center:
        """The main center."""
        return next(center for center in self._centers.values() if center.role == "main")

    def event_name(self, code: str) -> str | None:
        """The name of the expo with this code (as a door knows it)."""
        return next((expo.name for expo in self._tables.expos.events if expo.code == code), None)

    def event_code(self, name: str) -> str | None:
        """The code of the expo with this name, however its brackets are written."""
        said = normalise(name)
        return next((expo.code for expo in self._tables.expos.events if normalise(expo.name) == said), None)


def _day(said: str) -> date | None:
    """A day as the form keeps it; anything else is no day."""
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def load_router(knowledge_dir: Path) -> Router:
    """The router over the tables of ``knowledge_dir``.

    Raises:
        WordsError: the project's words cannot be read.
        KnowledgeError: a table does not fit, a case kind has no receiver, or a receiver no way to be reached.
    """
    tables = load_tables(knowledge_dir)
    errors = [fault for fault in faults_of(tables, load_kinds(knowledge_dir)) if fault.level == "error"]
    if errors:
        raise KnowledgeError(errors)
    return Router(tables, ProjectWords.load(knowledge_dir / "words"))

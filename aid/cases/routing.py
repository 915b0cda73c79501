"""Routing: which center receives a case, and why, by the table that the center edits (knowledge/routing.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aid.cases.checks import faults_of
from aid.cases.kinds import Facts, load_kinds
from aid.cases.tables import Center, Conditions, Tables, load_tables
from aid.faults import KnowledgeError
from aid.language.normalise import normalise
from aid.language.words import ProjectWords

ONLINE = "网上"
"""The value of the field ``channel`` that means a sale on the net."""


@dataclass(frozen=True, slots=True)
class Case:
    """What routing looks at. ``event`` is the expo's name as said; ``text`` is what is said of the goods."""

    kind: str
    matter: str = ""
    event: str = ""
    market: str = ""
    district: str = ""
    online: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """Who receives a case, who gets a copy, the reasons in plain words, and the rule that decided."""

    receiver: str
    copies: list[str]
    reasons: list[str]
    rule: str


class Router:
    """Decides the receiver. Pure: the tables are read once."""

    def __init__(self, tables: Tables, words: ProjectWords) -> None:
        self._tables, self._words = tables, words
        self._centers = {center.id: center for center in tables.centers.centers}

    def route(self, case: Case) -> Route:
        """The first rule whose every condition holds."""
        rule = next(rule for rule in self._tables.routing.rules if self._holds(rule.when, case))
        return Route(rule.to, list(rule.copies), list(rule.because), rule.id)

    def route_facts(self, kind: str, facts: Facts) -> Route:
        """The route by facts: ``right_kind``, ``event``, ``place``, ``channel``, ``platform``, ``exhibit``, ``story``."""
        event, place = facts.get("event", ""), facts.get("place", "")
        text = " ".join(facts.get(key, "") for key in ("event", "exhibit", "story"))
        online = bool(facts.get("platform")) or facts.get("channel") == ONLINE or bool(self._named("platform", place))
        return self.route(
            Case(
                kind=kind,
                matter=facts.get("right_kind", ""),
                event=event,
                market=self._named("market", place),
                district=self._named("district", place),
                online=online,
                text=text,
            )
        )

    def _named(self, kind: str, place: str) -> str:
        """The market, district or platform that a place names, by its proper name; the longest name wins."""
        said = normalise(place)
        found = [(len(name), word.value) for word in self._words.of_kind(kind) for name in word.names if name in said]
        return max(found, default=(0, ""))[1]

    def public_label(self, center_id: str) -> str:
        """What people see of a center: its name once verified, else its task and that the center will say the rest."""
        center = self._centers[center_id]
        if center.verified and center.name:
            return center.name
        return self._tables.centers.unverified_label.format(task=center.task)

    def phones(self, center_id: str) -> list[str]:
        """Telephones to show: the center's own once verified, else the national lines."""
        return list(self._centers[center_id].phones) or [line.number for line in self._tables.centers.national_lines]

    def national_lines(self) -> list[str]:
        """The national lines with what each is for, as people see them."""
        return [f"{line.number}（{line.for_}）" for line in self._tables.centers.national_lines]

    def center(self, center_id: str) -> Center:
        """The center of this id. Raises ``KeyError``."""
        return self._centers[center_id]

    def event_name(self, code: str) -> str | None:
        """The name of the expo with this code (as a door knows it)."""
        return next((expo.name for expo in self._tables.expos.events if expo.code == code), None)

    def event_code(self, name: str) -> str | None:
        """The code of the expo with this name, however its brackets are written."""
        said = normalise(name)
        return next((expo.code for expo in self._tables.expos.events if normalise(expo.name) == said), None)

    def _holds(self, when: Conditions, case: Case) -> bool:
        values = {
            "kind": case.kind,
            "matter": case.matter,
            "event": self.event_code(case.event),
            "market": case.market,
            "district": case.district,
        }
        if any(wanted and values[name] not in wanted for name in values for wanted in [getattr(when, name)]):
            return False
        if when.online is not None and when.online != case.online:
            return False
        return not when.industry or any(self._means(industry, case.text) for industry in when.industry)

    def _means(self, industry: str, text: str) -> bool:
        return any(word.lower() in text.lower() for word in self._tables.routing.industries[industry])


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

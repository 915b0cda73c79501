"""What the tables of cases say of one another: checked at the start and by ``aid check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import DeadlineRules
from aid.cases.kinds import CaseKind, load_kinds
from aid.cases.labels import load_labels
from aid.cases.shadows import table_faults
from aid.cases.tables import CITY, Conditions, CopyRule, Rule, Tables, load_tables
from aid.evidence.words import load_evidence_words
from aid.faults import Fault, KnowledgeError
from aid.language.errors import WordsError
from aid.language.normalise import normalise
from aid.language.words import ProjectWords
from aid.privacy.notice import load_notice
from aid.yaml_files import YamlFile


def check_tables(knowledge_dir: Path) -> list[Fault]:
    """Every fault of the case kinds, routing tables, words, calendar, labels, privacy notice and evidence words; in order of file."""
    faults: list[Fault] = []
    for read in (WorkingDays.load, load_notice, load_labels, load_evidence_words):
        try:
            read(knowledge_dir)
        except KnowledgeError as fault:
            faults += fault.faults
    try:
        kinds, tables = load_kinds(knowledge_dir), load_tables(knowledge_dir)
        faults += faults_of(tables, kinds)
        faults += _word_faults(knowledge_dir, tables, kinds)
        faults += _deadline_faults(knowledge_dir, kinds)
    except KnowledgeError as fault:
        faults += fault.faults
    return sorted(faults)


def faults_of(tables: Tables, kinds: Mapping[str, CaseKind]) -> list[Fault]:
    """What routing says of centers, expos and case kinds that is not so, and what is not confirmed yet (warnings)."""
    return [*_rule_faults(tables, kinds), *_coverage_faults(tables, kinds), *table_faults(tables, kinds), *_unverified(tables)]


def _rule_faults(tables: Tables, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    file, rules = tables.files["routing"], tables.routing.rules
    centers = {center.id for center in tables.centers.centers}
    known = {
        "kind": set(kinds),
        "matter": {c.value for k in kinds.values() for f in k.fields if f.type == "right" for c in f.choices},
        "event": {expo.code for expo in tables.expos.events},
        "industry": set(tables.routing.industries),
    }
    agencies = {agency.id for agency in tables.agencies.agencies}
    seen: set[str] = set()
    for section, number, row in _rows(tables):
        if row.id in seen:
            yield file.fault(f"rule id {row.id} stands twice", [section, number, "id"])
        seen.add(row.id)
        for center in set(row.copies) - centers:
            yield file.fault(f"no center {center} in centers.yml", [section, number, "copies"])
        for name, values in known.items():
            for value in set(getattr(row.when, name)) - values:
                yield file.fault(f"{name} {value} is not known", [section, number, "when", name])
    for number, rule in enumerate(rules):
        if rule.to not in centers:
            yield file.fault(f"no center {rule.to} in centers.yml", ["rules", number, "to"])
        if rule.refer not in (None, CITY, *agencies):
            yield file.fault(f"no agency {rule.refer} in agencies.yml", ["rules", number, "refer"])
        if rule.refer == CITY and rule.when.where != ["partner"]:
            yield file.fault("refer: city needs where: [partner]", ["rules", number, "refer"])
    for number, expo in enumerate(tables.expos.events):
        if expo.industry not in tables.routing.industries:
            yield tables.files["events"].fault(f"no industry {expo.industry} in routing.yml", ["events", number])


def _rows(tables: Tables) -> Iterator[tuple[str, int, Rule | CopyRule]]:
    """Section, place and row of everything in routing.yml that has conditions."""
    yield from (("rules", number, rule) for number, rule in enumerate(tables.routing.rules))
    yield from (("also", number, row) for number, row in enumerate(tables.routing.also))


def _coverage_faults(tables: Tables, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    """Every case ends somewhere: the last rule, and only it, asks for nothing; it goes to the main center."""
    file, rules = tables.files["routing"], tables.routing.rules
    main = next(center.id for center in tables.centers.centers if center.role == "main")
    last = len(rules) - 1
    if rules[last].when != Conditions() or rules[last].to != main:
        yield file.fault("the last rule must have no condition and go to the main center", ["rules", last])
    reached = {rule.to for rule in rules}
    for number, center in enumerate(tables.centers.centers):
        if center.id in reached and not center.phones and not tables.centers.national_lines:
            yield tables.files["centers"].fault(f"{center.id} cannot be reached", ["centers", number])
        if center.id not in reached and (center.verified or center.role != "workstation"):
            yield _warning(tables.files["centers"].fault(f"no rule goes to {center.id}", ["centers", number]))


def _unverified(tables: Tables) -> Iterator[Fault]:
    for number, center in enumerate(tables.centers.centers):
        if not center.verified or not center.phones:
            said = "the national lines" if center.verified else "its task and the national lines"
            message = f"{center.id}: name, address or telephone not confirmed; people see {said}"
            yield _warning(tables.files["centers"].fault(message, ["centers", number]))


def _word_faults(knowledge_dir: Path, tables: Tables, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    """Words and tables mean the same expos and markets."""
    try:
        words = ProjectWords.load(knowledge_dir / "words")
    except WordsError as fault:
        yield Fault(knowledge_dir / "words", 0, str(fault))
        return
    expos = {normalise(expo.name) for expo in tables.expos.events}
    for word in words.of_kind("event"):
        if word.value not in expos:
            yield Fault(knowledge_dir / "words" / "event.yml", 0, f"{word.value} is no expo of events.yml")
    for name in expos - {word.value for word in words.of_kind("event")}:
        yield tables.files["events"].fault(f"{name} is missing in words/event.yml", ["events"])
    for kind in kinds.values():
        for choice in (c for f in kind.fields if f.type == "event" for c in f.choices):
            if normalise(choice.value) not in expos:
                path = knowledge_dir / "cases" / f"{kind.kind}.yml"
                yield Fault(path, 0, f"{choice.value} is no expo of events.yml")
    for condition in ("market", "district"):
        known = {word.value for word in words.of_kind(condition)}
        for section, number, row in _rows(tables):
            for value in set(getattr(row.when, condition)) - known:
                message = f"{condition} {value} is missing in words/{condition}.yml"
                yield tables.files["routing"].fault(message, [section, number, "when", condition])
    for name in set(map(normalise, tables.places.when_asked)) - {word.value for word in words.of_kind("district")}:
        yield tables.files["places"].fault(f"district {name} is missing in words/district.yml", ["when_asked", name])


def _deadline_faults(knowledge_dir: Path, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    """Deadlines are of kinds that exist; one that the center has not confirmed is a warning."""
    file = YamlFile(knowledge_dir / "deadlines.yml")
    for number, rule in enumerate(file.as_model(DeadlineRules).deadlines):
        for kind in set(rule.kinds) - set(kinds):
            yield file.fault(f"no case kind {kind}", ["deadlines", number, "kinds"])
        if not rule.verified:
            yield _warning(file.fault(f"{rule.id}: not confirmed by the center; people see it as an estimate", ["deadlines", number]))


def _warning(fault: Fault) -> Fault:
    return replace(fault, level="warning")

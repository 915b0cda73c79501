"""What the tables of cases say of one another: checked at the start and by ``aid check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import DeadlineRules
from aid.cases.kinds import CaseKind, load_kinds
from aid.cases.labels import load_labels
from aid.cases.tables import Conditions, Tables, load_tables
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
    return [*_rule_faults(tables, kinds), *_coverage_faults(tables, kinds), *_unverified(tables)]


def _rule_faults(tables: Tables, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    file, rules = tables.files["routing"], tables.routing.rules
    centers = {center.id for center in tables.centers.centers}
    known = {
        "kind": set(kinds),
        "matter": {c.value for k in kinds.values() for f in k.fields if f.type == "right" for c in f.choices},
        "event": {expo.code for expo in tables.expos.events},
        "industry": set(tables.routing.industries),
    }
    seen: set[str] = set()
    for number, rule in enumerate(rules):
        if rule.id in seen:
            yield file.fault(f"rule id {rule.id} stands twice", ["rules", number, "id"])
        seen.add(rule.id)
        for center in {rule.to, *rule.copies} - centers:
            yield file.fault(f"no center {center} in centers.yml", ["rules", number, "to"])
        for name, values in known.items():
            for value in set(getattr(rule.when, name)) - values:
                yield file.fault(f"{name} {value} is not known", ["rules", number, "when", name])
    for number, expo in enumerate(tables.expos.events):
        if expo.industry not in tables.routing.industries:
            yield tables.files["events"].fault(f"no industry {expo.industry} in routing.yml", ["events", number])


def _coverage_faults(tables: Tables, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    """Every case ends somewhere: the last rule, and only it, asks for nothing; it goes to the main center."""
    file, rules = tables.files["routing"], tables.routing.rules
    main = next(center.id for center in tables.centers.centers if center.role == "main")
    last = len(rules) - 1
    if rules[last].when != Conditions() or rules[last].to != main:
        yield file.fault("the last rule must have no condition and go to the main center", ["rules", last])
    for number, rule in enumerate(rules[:-1]):
        if rule.when == Conditions():
            yield file.fault("the rules after this one are never reached", ["rules", number])
    reached = {rule.to for rule in rules}
    for number, center in enumerate(tables.centers.centers):
        if center.id in reached and not center.phones and not tables.centers.national_lines:
            yield tables.files["centers"].fault(f"{center.id} cannot be reached", ["centers", number])
        if center.id not in reached:
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
        for number, rule in enumerate(tables.routing.rules):
            for value in set(map(normalise, getattr(rule.when, condition))) - known:
                message = f"{condition} {value} is missing in words/{condition}.yml"
                yield tables.files["routing"].fault(message, ["rules", number, "when", condition])


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

"""What the documents say of case kinds and laws: checked by ``aid check``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from aid.cases.kinds import CaseKind, When, load_kinds
from aid.consultation.laws import Laws, LawVersion
from aid.consultation.texts import LawTexts
from aid.documents.forms import RECEIVER, Form, FormBasis, load_wording, names_in, read_forms
from aid.faults import Fault, KnowledgeError
from aid.yaml_files import Loc, YamlFile

LAST = date(9999, 12, 31)


def check_documents(knowledge_dir: Path, laws: Laws, today: date, texts: LawTexts | None = None) -> list[Fault]:
    """Every fault of the documents, in order of file; with ``texts`` each article is held against the law's text."""
    faults: list[Fault] = []
    try:
        load_wording(knowledge_dir)
    except KnowledgeError as fault:
        faults += fault.faults
    try:
        kinds = load_kinds(knowledge_dir)
    except KnowledgeError:
        return sorted(faults)  # told by the check of the tables
    try:
        for form, file in read_forms(knowledge_dir):
            faults += _form_faults(form, file, kinds)
            for number, basis in enumerate(form.basis):
                faults += _basis_faults(file, ["basis", number], basis, laws, today, texts)
    except KnowledgeError as fault:
        faults += fault.faults
    return sorted(faults)


def _form_faults(form: Form, file: YamlFile, kinds: Mapping[str, CaseKind]) -> Iterator[Fault]:
    kind = kinds.get(form.kind)
    if kind is None:
        yield file.fault(f"no kind of case {form.kind}", ["kind"])
        return
    known = {field.key for field in kind.fields}
    for place, names in _named(form):
        for name in sorted(names - known):
            yield file.fault(f"{name} is no field of {kind.kind}", place)
    for name in sorted(known - form.shown_facts() - {field.key for field in kind.fields if field.type == "consent"}):
        yield file.fault(f"the field {name} of {kind.kind} stands in no row", ["sections"])
    yield from _material_faults(form, file, kind)


def _named(form: Form) -> Iterator[tuple[list[int | str], set[str]]]:
    """Every place that names facts of the case, with the names."""
    for number, section in enumerate(form.sections):
        yield ["sections", number, "when"], set(section.when)
        for index, row in enumerate(section.rows):
            place: list[int | str] = ["sections", number, "rows", index]
            yield place, set(row.when) | ({row.fact} if row.fact else _names(row.say))
    parts: list[tuple[str, list[When]]] = [
        ("materials", [material.when for material in form.materials]),
        ("basis", [basis.when for basis in form.basis]),
        ("notes", [note.when for note in form.notes]),
    ]
    for name, conditions in parts:
        for number, when in enumerate(conditions):
            yield [name, number, "when"], set(when)
    for name, texts in (("addressee", [form.addressee]), ("opening", [form.opening]), ("hand_in", form.hand_in)):
        for number, text in enumerate(texts):
            yield [name, number], _names(text) - {RECEIVER}


def _names(text: str) -> set[str]:
    try:
        return names_in(text)
    except ValueError:
        return {f"a brace in “{text[:20]}”"}


def _material_faults(form: Form, file: YamlFile, kind: CaseKind) -> Iterator[Fault]:
    """The papers of the document and the materials that the receipt names are the same."""
    named: list[tuple[list[int | str], str]] = [(["materials", number, "of"], m.of) for number, m in enumerate(form.materials)]
    named += [(["besides", number], text) for number, text in enumerate(form.besides)]
    for place, beginning in named:
        if sum(line.startswith(beginning) for line in kind.materials) != 1:
            yield file.fault(f"not one of the materials of {kind.kind} begins with “{beginning}”", place)
    for line in kind.materials:
        if not any(line.startswith(beginning) for _place, beginning in named):
            yield file.fault(f"“{line}” of {kind.kind} is neither a material here nor named in 'besides'", ["materials"])


def _basis_faults(file: YamlFile, place: Loc, basis: FormBasis, laws: Laws, today: date, texts: LawTexts | None) -> Iterator[Fault]:
    law = laws.get(basis.law)
    first, last = max(basis.first or today, today), basis.until or LAST
    if law is None:
        yield file.fault(f"{basis.law} is not in laws.yml", place)
    elif first <= last and (gap := law.first_gap(first, last)):
        yield file.fault(f"{basis.law}: no version is in force on {gap}", place)
    elif basis.article:
        for version in law.within(first, last):
            cited = f"{basis.law}（{version.version}） article {basis.article}"
            if not version.may_cite(basis.article):
                yield file.fault(f"{cited} does not exist or may be cited by name only", place)
            elif texts is not None and not _text(texts, version, basis.article):
                yield file.fault(f"{cited} is not in the text", place)


def _text(texts: LawTexts, version: LawVersion, article: str) -> bool:
    try:
        return bool(texts.article(version, article))
    except KeyError:
        return False

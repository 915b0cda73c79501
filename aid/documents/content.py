"""From a ticket's facts to what stands on the paper: pure data, before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aid.cases.kinds import CaseField, CaseKind, Facts, holds
from aid.cases.ticket import Ticket
from aid.clock import CHANGCHUN
from aid.consultation.laws import Laws, article_name
from aid.documents.forms import RECEIVER, Form, FormBasis, FormRow, FormWording, filled
from aid.replies import Basis

BLANK = "＿" * 8
"""Where a sentence lacks a fact: room to write it."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A paper or file that has come in; ``material`` is the key it was sorted under, ``""`` when nobody has sorted it yet."""

    name: str
    received: date
    material: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The receiving center as people may see it: an address only where it is confirmed, and telephones with what they are for."""

    label: str
    address: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value; without a value ``blank`` empty lines are left to write in."""

    label: str
    value: str = ""
    blank: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that stands in the document, in order. ``materials`` are pairs: the paper, and whether it is there."""

    title: str
    number: str
    filled_in: str
    warning: str
    addressee: str
    opening: str
    tables: list[Table]
    unsure: list[str]
    declaration: list[str]
    signature: list[str]
    materials: list[tuple[str, str]]
    basis: list[str]
    hand_in: list[str]
    notes: list[str]


@dataclass(frozen=True)
class Desk:
    """What a document is filled in with beside the ticket: its form, the kinds of case, the laws and the common words."""

    form: Form
    kinds: dict[str, CaseKind]
    laws: Laws
    wording: FormWording


def paper(desk: Desk, ticket: Ticket, receiver: Receiver, handed_in: Sequence[HandedIn], today: date) -> Paper:
    """The document of a ticket as of ``today``."""
    form, wording, kind = desk.form, desk.wording, desk.kinds[ticket.kind]
    facts = {**ticket.facts, **ticket.parties}
    shown = {key: full(field, facts[key]) for key, field in _fields(desk.kinds, kind).items() if facts.get(key)} | {RECEIVER: receiver.label}
    filed = ticket.created_at.astimezone(CHANGCHUN).date()
    tables = [_table(section.title, section.rows, kind, facts, shown) for section in form.sections if holds(section.when, facts)]
    return Paper(
        title=form.title,
        number=wording.number.format(number=ticket.number, day=chinese_day(filed)),
        filled_in=wording.filled_in.format(day=chinese_day(today)),
        warning=form.warning,
        addressee=filled(form.addressee, shown, BLANK),
        opening=filled(form.opening, shown, BLANK),
        tables=[table for table in [*tables, _told_besides(desk, kind, facts, shown)] if table.rows],
        unsure=_unsure(kind, facts, wording) or [wording.none_unsure],
        declaration=[*form.declaration, *_consent(ticket, wording)],
        signature=form.signature,
        materials=_materials(desk, facts, handed_in),
        basis=basis_lines(form, desk.laws, facts, today),
        hand_in=[*(filled(text, shown, BLANK) for text in form.hand_in), *_ways(receiver, wording)],
        notes=[note.say for note in form.notes if holds(note.when, facts)],
    )


def full(field: CaseField, value: str) -> str:
    """A value in full, personal data included: days in Chinese, a choice by its label."""
    if field.type == "date":
        return chinese_day(date.fromisoformat(value))
    labels = {choice.value: choice.label for choice in field.choices} if field.type in ("right", "choice") else {}
    return labels.get(value) or value


def chinese_day(day: date) -> str:
    """``2026年11月24日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def _fields(kinds: dict[str, CaseKind], kind: CaseKind) -> dict[str, CaseField]:
    """Every field by key; the kind's own go before those of other kinds."""
    return {field.key: field for one in (*kinds.values(), kind) for field in one.fields if field.type != "consent"}


def _table(title: str, rows: Sequence[FormRow], kind: CaseKind, facts: Facts, shown: Facts) -> Table:
    return Table(title, [_row(row, kind, facts, shown) for row in rows if holds(row.when, facts)])


def _row(row: FormRow, kind: CaseKind, facts: Facts, shown: Facts) -> Row:
    value = filled(row.say, shown, BLANK) if row.say else shown.get(row.fact, "")
    if value and facts.get(f"{row.fact}#mark"):
        value += f"（{kind.field(row.fact).kept_mark}）"
    return Row(row.label, value, 0 if value else row.lines, row.hint)


def _told_besides(desk: Desk, kind: CaseKind, facts: Facts, shown: Facts) -> Table:
    """What was told while the case was of another kind and is asked for in no row here."""
    own = {field.key for field in kind.fields}
    others = _fields(desk.kinds, kind)
    rows = [Row(others[key].label, shown[key]) for key, value in facts.items() if value and key in others and key not in own]
    return Table(desk.wording.told_besides, rows)


def _unsure(kind: CaseKind, facts: Facts, wording: FormWording) -> list[str]:
    """Fields that were left out, answered with 不知道, or kept on the person's word."""
    lines = []
    for field in kind.asked(facts):
        value = facts.get(field.key)
        if field.type == "consent":
            continue
        if not value:
            lines.append(f"{field.label}：{wording.left_out}")
        elif facts.get(f"{field.key}#mark"):
            lines.append(f"{field.label}：{full(field, value)}，{field.kept_mark}")
        elif field.unknown and value == field.unknown:
            lines.append(f"{field.label}：{wording.not_known.format(value=full(field, value))}")
    return lines


def _consent(ticket: Ticket, wording: FormWording) -> list[str]:
    return [wording.consent_given] if ticket.consent_at is not None else []


def _materials(desk: Desk, facts: Facts, handed_in: Sequence[HandedIn]) -> list[tuple[str, str]]:
    """The papers that this case needs and which of them are there; then what has come in and is not sorted yet."""
    wanted = [material for material in desk.form.materials if holds(material.when, facts)]
    lines = []
    for material in wanted:
        there = [desk.wording.handed_in.format(day=chinese_day(one.received), name=one.name) for one in handed_in if one.material == material.key]
        lines.append((material.say, "\n".join(there) or (desk.wording.if_needed if material.optional else desk.wording.missing)))
    unsorted = [one for one in handed_in if one.material not in {material.key for material in wanted}]
    said = desk.wording
    return lines + [(said.unsorted.format(name=one.name), said.handed_in.format(day=chinese_day(one.received), name=one.name)) for one in unsorted]


def basis_lines(form: Form, laws: Laws, facts: Facts, today: date) -> list[str]:
    """What a form rests on as of ``today``, of what fits the facts, each in one line."""
    return [_basis(laws, basis, today) for basis in form.basis if basis.holds_on(today) and holds(basis.when, facts)]


def _basis(laws: Laws, basis: FormBasis, today: date) -> str:
    law = laws.get(basis.law)
    version = law.on(today) if law else None
    article = article_name(basis.article) if basis.article else None
    name = law.shown_as(version) if law and version else basis.law
    return Basis(law=name, version=version.version if version else "", article=article, says=basis.says).line()


def _ways(receiver: Receiver, wording: FormWording) -> list[str]:
    address = [wording.address.format(address=receiver.address)] if receiver.address else []
    return [*address, wording.lines.format(lines="、".join(receiver.lines))]

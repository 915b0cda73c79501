"""The checks of `aid check` on an entry before it is anywhere: with line, and with the field of the form to which the line belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aid.consultation.entries import KnowledgeBase, load_knowledge
from aid.consultation.lines import read_document
from aid.faults import Fault, KnowledgeError
from aid.knowledge_desk.content import FIELDS
from aid.knowledge_desk.errors import FolderFailed


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A fault, and the field of the entry in which it lies; none when it lies elsewhere."""

    fault: Fault
    field: str = ""


@dataclass(frozen=True)
class Checked:
    """What the checks say of a file with an entry changed: ``own`` faults lie in the entry or came with it, ``before`` were there already."""

    knowledge: KnowledgeBase
    own: tuple[FieldFault, ...]
    before: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[FieldFault, ...]:
        """The entry's errors; with one of these it cannot be proposed."""
        return tuple(found for found in self.own if found.fault.level == "error")

    @property
    def standing_errors(self) -> tuple[Fault, ...]:
        """Errors of other files: while one stands nothing new goes live."""
        return tuple(fault for fault in self.before if fault.level == "error")


def check_entry(folder: Path, path: Path, text: str, entry_id: str, today: date) -> Checked:
    """Check the knowledge as if the file at ``path`` held ``text``, of which the entry ``entry_id`` is new.

    Raises:
        FolderFailed: the folder has no knowledge.
    """
    try:
        knowledge, faults = load_knowledge(folder, today, {path: text})
        standing = {(fault.file, fault.message) for fault in load_knowledge(folder, today)[1]} if faults else set()
    except KnowledgeError as fault:
        raise FolderFailed(str(fault)) from fault
    lines = _lines_of(path, text, entry_id)
    own, before = [], []
    for found in faults:
        field = _field_at(lines, found.line) if found.file == path else ""
        if field or (found.file, found.message) not in standing:
            own.append(FieldFault(found, field))
        else:
            before.append(found)
    return Checked(knowledge, tuple(own), tuple(before))


def _lines_of(path: Path, text: str, entry_id: str) -> Sequence[tuple[int, str]]:
    """First line of each field of the entry, in the order of the lines; the last row is where the entry ends."""
    document = read_document(path, text)
    rows = document.content["entries"] if isinstance(document.content, Mapping) else []
    for number, row in enumerate(rows):
        if isinstance(row, Mapping) and row.get("id") == entry_id:
            found = sorted((document.line(("entries", number, name)), name) for name in FIELDS if name in row)
            end = document.line(("entries", number + 1)) if number + 1 < len(rows) else len(text.splitlines()) + 1
            return [*found, (end, "")]
    return []


def _field_at(lines: Sequence[tuple[int, str]], line: int) -> str:
    return next((name for first, name in reversed(lines) if first <= line), "")

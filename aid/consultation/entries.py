"""Reads ``knowledge/``: the laws and every consultation entry, with the file and line of each fault."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aid.consultation.checks import check_entries
from aid.consultation.entry import CASE_KINDS, Entry, EntryText, EntryVersion
from aid.consultation.laws import Laws, load_laws
from aid.consultation.lines import Document, read_document
from aid.faults import Fault, KnowledgeError

__all__ = ["CASE_KINDS", "Entry", "EntryVersion", "KnowledgeBase", "load_knowledge", "require_knowledge"]

_PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of an entry",
    "string_type": "must be a text",
    "too_short": "has too few items",
    "too_long": "has too many items",
    "tuple_type": "must be a list",
    "date_from_datetime_parsing": "must be a date such as 2026-11-22",
    "date_type": "must be a date such as 2026-11-22",
}


@dataclass(frozen=True)
class KnowledgeBase:
    """All sound entries in the order of the files, and the laws."""

    entries: dict[str, Entry]
    laws: Laws

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with this id."""
        return self.entries.get(entry_id)

    @property
    def topics(self) -> dict[str, str]:
        """Topics and their labels."""
        return {entry.topic: entry.topic_label for entry in self.entries.values()}

    @property
    def fingerprint(self) -> str:
        """Changes with whatever the search reads: ids, labels and variants."""
        digest = hashlib.sha256()
        for entry in sorted(self.entries.values(), key=lambda entry: entry.id):
            digest.update("\n".join((entry.id, entry.label, *entry.variants, "")).encode())
        return digest.hexdigest()


def load_knowledge(folder: Path, today: date, instead: Mapping[Path, str] | None = None) -> tuple[KnowledgeBase, list[Fault]]:
    """Read and check ``folder``; entries whose schema is at fault are left out.

    ``instead``: texts of topics' files by their paths, read in place of what the files hold; so that an edit is checked before it is made.

    Raises:
        KnowledgeError: ``folder`` has no ``consultations``.
    """
    if not (folder / "consultations").is_dir():
        raise KnowledgeError([Fault(folder, 0, "has no folder 'consultations'")])
    laws, faults = load_laws(folder / "laws.yml")
    entries: list[Entry] = []
    documents: dict[tuple[Path, int], tuple[Document, int]] = {}
    for path in sorted((folder / "consultations").glob("*.yml")):
        document = read_document(path, (instead or {}).get(path))
        faults += document.faults
        if not document.faults:
            for number, entry in _entries_of(document, path, laws, faults):
                entries.append(entry)
                documents[(path, entry.line)] = (document, number)

    def at(entry: Entry, place: Sequence[str | int]) -> int:
        document, number = documents[(entry.file, entry.line)]
        return document.line(("entries", number, *place))

    faults += check_entries(entries, laws, today, at)
    sound: dict[str, Entry] = {}
    for entry in entries:
        sound.setdefault(entry.id, entry)
    return KnowledgeBase(sound, laws), sorted(set(faults))


def load_entries(folder: Path, ids: Collection[str]) -> dict[str, Entry]:
    """The sound entries of these ids; only the files that name one are read, for who needs a few of many at once."""
    laws, _faults = load_laws(folder / "laws.yml")
    found: dict[str, Entry] = {}
    for path in sorted((folder / "consultations").glob("*.yml")):
        lines = set(path.read_text("utf-8", errors="replace").split("\n"))
        document = read_document(path) if any(f"  - id: {one}" in lines for one in ids) else None
        if document is not None and not document.faults:
            for _number, entry in _entries_of(document, path, laws, []):
                if entry.id in ids:
                    found.setdefault(entry.id, entry)
    return found


def all_entries(folder: Path) -> dict[str, Entry]:
    """Every sound entry, unchecked, in the order of the files: for who looks one up. Raises ``KnowledgeError`` for a folder without laws."""
    laws, _faults = load_laws(folder / "laws.yml")
    found: dict[str, Entry] = {}
    for path in sorted((folder / "consultations").glob("*.yml")):
        document = read_document(path)
        if not document.faults:
            for _number, entry in _entries_of(document, path, laws, []):
                found.setdefault(entry.id, entry)
    return found


def require_knowledge(folder: Path, today: date) -> KnowledgeBase:
    """The knowledge without a single error; warnings pass.

    Raises:
        KnowledgeError: with the faults, when there is an error.
    """
    knowledge, faults = load_knowledge(folder, today)
    errors = [fault for fault in faults if fault.level == "error"]
    if errors:
        raise KnowledgeError(errors)
    return knowledge


def _entries_of(document: Document, path: Path, laws: Laws, faults: list[Fault]) -> list[tuple[int, Entry]]:
    content = document.content
    topic = re.sub(r"-\d+$", "", path.stem)
    if not isinstance(content, dict) or not isinstance(content.get("entries"), list):
        faults.append(document.fault((), "needs 'topic', 'label' and a list 'entries'"))
        return []
    for name in set(content) - {"topic", "label", "entries"}:
        faults.append(document.fault((name,), f"'{name}' is not a field of a topic"))
    if content.get("topic") != topic:
        faults.append(document.fault(("topic",), f"'topic' must be '{topic}', the file's name"))
    if not isinstance(content.get("label"), str):
        faults.append(document.fault(("label",), "'label' of the topic is missing"))
    found: list[tuple[int, Entry]] = []
    for number, row in enumerate(content["entries"]):
        try:
            text = EntryText.model_validate(row)
        except ValidationError as error:
            faults += [_schema_fault(document, number, row, detail) for detail in error.errors()]
            continue
        line = document.line(("entries", number))
        found.append((number, Entry(text, topic, str(content.get("label")), laws, path, line)))
    return found


def _schema_fault(document: Document, number: int, row: Any, detail: Any) -> Fault:
    place = [part for part in detail["loc"] if part not in ("tuple", "date")]
    name = row.get("id", f"entry {number + 1}") if isinstance(row, dict) else f"entry {number + 1}"
    field = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place)
    problem = _PLAIN.get(detail["type"]) or str(detail["msg"]).removeprefix("Value error, ")
    return document.fault(("entries", number, *place), f"{name}: {field or 'the entry'}: {problem}")

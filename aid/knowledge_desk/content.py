"""The content of one entry as the desk holds it: a plain dictionary in the order of knowledge/README.md, clean and of a known digest."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from aid.consultation.entry import EntryText
from aid.consultation.lines import read_document
from aid.knowledge_desk.errors import BadText
from aid.privacy.masking import mask

Content = dict[str, Any]
FIELDS = tuple(EntryText.model_fields)
"""The fields of an entry in their order."""
MOST_CHARACTERS = 40_000
"""Of an entry's YAML; the largest of all entries has a tenth of it."""
MOST_DEEP = 6
"""Blocks within blocks; an entry with ``later`` has five."""
MOST_ITEMS = {"variants": 80, "basis": 30, "later": 6, "related": 12, "roles": 5}
MOST_OF_CITATION = 60
"""Characters of a law's name and of what it says."""
ABSENT = ""
"""The digest of an entry that is not there."""
_UNSEEN = {"Cc": "a control sign", "Cf": "an unseen sign", "Cs": "half a sign", "Co": "a sign of no script", "Cn": "a sign of no script",
           "Zl": "a line break", "Zp": "a line break"}  # fmt: skip


def content_of(row: Any) -> Content:
    """An entry's fields, as a form or a file gives them, clean and in order.

    Raises:
        BadText: it is no entry, or a text in it holds control signs, a line break, personal data, or is far too long.
    """
    if not isinstance(row, Mapping):
        raise BadText("an entry is a block of fields")
    for place, text in _texts(row, ()):
        _check_text(text, ".".join(place))
    try:
        return plain(EntryText.model_validate(row))
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"] if part not in ("tuple", "date"))
        raise BadText(str(first["msg"]).removeprefix("Value error, "), where) from fault


def plain(text: EntryText) -> Content:
    """An entry as a dictionary of texts and lists: dates as 2026-11-22, what is not said left out."""
    said = text.model_dump(mode="json", by_alias=True, exclude_none=True)
    for rows in (said["basis"], *(later.get("basis", []) for later in said["later"])):
        for row in rows:
            if not row["says"]:
                del row["says"]
    if not said["later"]:
        del said["later"]
    for name, most in MOST_ITEMS.items():
        if len(said.get(name, ())) > most:
            raise BadText(f"has more than {most} items", name)
    return said


def entry_text(content: Content) -> EntryText:
    """The content as the assistant reads it."""
    return EntryText.model_validate(content)


def content_from_yaml(text: str) -> Content:
    """One entry written as YAML, by itself, as a list of one, or as a topic's file with one entry.

    Raises:
        BadText: it is no YAML of one entry; it is too long or too deep, or has an anchor, an alias, a tag or a second document.
    """
    _check_yaml(text)
    document = read_document(Path("entry"), text)
    if document.faults:
        raise BadText(f"line {document.faults[0].line}: {document.faults[0].message}")
    found = document.content
    if isinstance(found, dict) and isinstance(found.get("entries"), list):
        found = found["entries"]
    if isinstance(found, list):
        if len(found) != 1:
            raise BadText(f"there must be one entry, not {len(found)}")
        found = found[0]
    return content_of(found)


def to_text(content: Content | None) -> str | None:
    """As it is kept in the database."""
    return None if content is None else json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str | None) -> Content | None:
    """The contrary of ``to_text``."""
    found: Content | None = None if text is None else json.loads(text)
    return found


def digest(content: Content | None) -> str:
    """64 hexadecimal digits that change with whatever the entry says; ``ABSENT`` for none. How it is laid out in the file counts for nothing."""
    if content is None:
        return ABSENT
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _texts(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if len(place) > MOST_DEEP:
        raise BadText("has too many blocks within blocks", place[0])
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise BadText("a field's name must be a word", ".".join(place))
            yield from _texts(inner, (*place, key[:40]))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from _texts(inner, (*place, str(number)))


def _check_text(text: str, where: str) -> None:
    limit = MOST_OF_CITATION if ".law" in f".{where}" or ".says" in f".{where}" else MOST_CHARACTERS
    if len(text) > limit:
        raise BadText(f"has {len(text)} characters, allowed are at most {limit}", where)
    for sign in text.strip():
        kind = _UNSEEN.get(unicodedata.category(sign))
        if kind:
            raise BadText(f"holds {kind} (U+{ord(sign):04X}); type the sentence again", where)
    if mask(text) != text:
        raise BadText(f"holds a telephone, an identity number or an e-mail address ({mask(text)[:40]}); take it out", where)


def _check_yaml(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise BadText(f"has {len(text)} characters, allowed are at most {MOST_CHARACTERS}")
    depth = documents = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BadText(f"line {line}: anchors (&) and aliases (*) are not allowed; put quotation marks around a text that begins so")
            if getattr(event, "tag", None):
                raise BadText(f"line {line}: tags (!) are not allowed; put quotation marks around a text that begins so")
            if depth > MOST_DEEP + 2 or documents > 1:
                raise BadText(f"line {line}: one entry, and no blocks that lie so deep")
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise BadText(f"{where}the YAML cannot be read: {getattr(fault, 'problem', None) or fault}") from fault

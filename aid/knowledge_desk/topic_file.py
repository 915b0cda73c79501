"""A topic's file with one entry changed: only the lines of what changed are written anew, every other byte stays as its editor left it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from aid.knowledge_desk.content import FIELDS, Content, content_of, digest
from aid.knowledge_desk.errors import BadText, FolderFailed
from aid.knowledge_desk.layout import block_items, field_lines

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BY_ITEM = ("variants", "points", "steps", "basis")
"""Lists that are written one item a line, and of which unchanged items keep their lines."""


class TopicFile:
    """The text of one topic's file."""

    def __init__(self, text: str) -> None:
        """Raises ``FolderFailed`` when it is not a topic's file."""
        self.text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.splitlines(keepends=True) if "\n" in text else [text]
        try:
            root = yaml.compose(text, Loader=_Loader)
            self._data = yaml.load(text, Loader=_Loader)
        except (yaml.YAMLError, ValueError) as fault:
            raise FolderFailed(f"the topic's file is not YAML: {fault}") from fault
        self._entries = _value(root, "entries")
        if not isinstance(self._entries, yaml.SequenceNode) or self._entries.flow_style or not self._entries.value:
            raise FolderFailed("the topic's file has no list of entries, one below the other")

    @property
    def count(self) -> int:
        """How many entries it has."""
        return len(self._entries.value)

    def content(self, entry_id: str) -> Content | None:
        """An entry; ``None`` when it is not in this file. Raises ``FolderFailed`` when it is there and is none."""
        number = self._number(entry_id)
        if number is None:
            return None
        try:
            return content_of(self._data["entries"][number])
        except BadText as fault:
            raise FolderFailed(f"the entry {entry_id} in the file has a fault: {fault}") from fault

    def line(self, entry_id: str) -> int:
        """The line, from 1, on which an entry begins; 0 when it is not here."""
        number = self._number(entry_id)
        return 0 if number is None else self._entries.value[number].start_mark.line + 1

    def with_entry(self, content: Content) -> str:
        """The file's text with this entry in the place of its former text, or as its last one.

        Raises:
            FolderFailed: the file is written in a way in which nothing else would stay as it is.
        """
        number = self._number(content["id"])
        text = "".join(self._added(content) if number is None else self._changed(number, content))
        self._require(text, content, number)
        return text

    def _number(self, entry_id: str) -> int | None:
        rows = self._data["entries"]
        found = [number for number, row in enumerate(rows) if isinstance(row, dict) and row.get("id") == entry_id]
        if len(found) > 1:
            raise FolderFailed(f"the id {entry_id} stands {len(found)} times in the file")
        return found[0] if found else None

    def _added(self, content: Content) -> list[str]:
        last = _last_line(self._entries)
        before, after = self._lines[: last + 1], self._lines[last + 1 :]
        if before and not before[-1].endswith("\n"):
            before[-1] += self._newline
        dash = self._entries.start_mark.column
        fields = [line for name in FIELDS if name in content for line in field_lines(name, content[name], dash + 2)]
        fields[0] = " " * dash + "- " + fields[0].lstrip()
        return [*before, self._newline, *(line + self._newline for line in fields), *after]

    def _changed(self, number: int, content: Content) -> list[str]:
        node = self._entries.value[number]
        if node.flow_style:
            raise FolderFailed(f"the entry {content['id']} is written on one line; write its fields below each other first")
        old, lines = content_of(self._data["entries"][number]), list(self._lines)
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += self._newline
        places = {key.value: (key, value) for key, value in node.value}
        indent = node.start_mark.column
        edits: list[tuple[int, int, list[str]]] = []
        for name in FIELDS:
            new = content.get(name)
            if new == old.get(name) and (name in places) == (name in content):
                continue
            if name in places and new is None:
                edits.append((places[name][0].start_mark.line, _last_line(places[name][1]) + 1, []))
            elif name in places:
                edits.append(self._field_edit(name, *places[name], old[name], new, indent))
            elif new is not None and new != old.get(name):
                at = max(_last_line(value) for key, value in places.values() if _rank(key.value) < _rank(name)) + 1
                edits.append((at, at, field_lines(name, new, indent)))
        for first, end, made in sorted(edits, key=lambda edit: edit[:2], reverse=True):
            lines[first:end] = [line + self._newline for line in made]
        return lines

    def _field_edit(self, name: str, key: Any, value: Any, old: Any, new: Any, indent: int) -> tuple[int, int, list[str]]:
        first, end = key.start_mark.line, _last_line(value) + 1
        if name in _BY_ITEM and isinstance(value, yaml.SequenceNode) and not value.flow_style and new:
            return value.value[0].start_mark.line, end, self._items(value, old, new)
        made = field_lines(name, new, indent)
        if first == _line_of_first(self._entries, key):  # the entry's first field stands behind the dash
            made[0] = " " * (indent - 2) + "- " + made[0].lstrip()
        rest = self._lines[end - 1].rstrip("\r\n")[value.end_mark.column :] if value.end_mark.line == end - 1 else ""
        if re.fullmatch(r"\s+#.*", rest):
            made[-1] += rest
        return first, end, made

    def _items(self, value: Any, old: Sequence[Any], new: Sequence[Any]) -> list[str]:
        """The lines of a list; an item that stays keeps its lines, with the comments above it."""
        ends = [_last_line(item) for item in value.value]
        starts = [value.value[0].start_mark.line, *(end + 1 for end in ends[:-1])]
        kept = [[line.rstrip("\r\n") for line in self._lines[a : b + 1]] for a, b in zip(starts, ends, strict=True)]
        made, dash = block_items(new, value.start_mark.column), [repr(item) for item in old]
        lines: list[str] = []
        for tag, i, j, m, n in SequenceMatcher(None, dash, [repr(item) for item in new], autojunk=False).get_opcodes():
            lines += [line for rows in kept[i:j] for line in rows] if tag == "equal" else made[m:n]
        return lines

    def _require(self, text: str, content: Content, number: int | None) -> None:
        """The new text says the entry and leaves all others; so no text of a field can ever become anything else than a text."""
        try:
            data = yaml.load(text, Loader=_Loader)
            rows, before = list(data["entries"]), list(self._data["entries"])
            row = rows.pop(len(rows) - 1 if number is None else number)
            if number is not None:
                before.pop(number)
            same = rows == before and {k: v for k, v in data.items() if k != "entries"} == {
                k: v for k, v in self._data.items() if k != "entries"
            }
            same = same and digest(content_of(row)) == digest(content)
        except (yaml.YAMLError, ValueError, BadText, TypeError, KeyError, AttributeError):
            same = False
        if not same:
            raise FolderFailed(f"{content['id']} cannot be written without touching its neighbours; change this file by hand")


def _line_of_first(entries: Any, key: Any) -> int:
    """The line of the entry whose first key this is; -1 when it is not its first."""
    for entry in entries.value:
        if entry.value and entry.value[0][0] is key:
            return int(entry.start_mark.line)
    return -1


def _rank(name: str) -> int:
    return FIELDS.index(name) if name in FIELDS else len(FIELDS)


def _value(root: Any, name: str) -> Any:
    rows = root.value if isinstance(root, yaml.MappingNode) else ()
    return next((value for key, value in rows if key.value == name), None)


def _last_line(node: Any) -> int:
    """The last line, from 0, that a node's text reaches; the end mark of a block lies before whatever follows it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return max(_last_line(value) for _key, value in node.value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return max(_last_line(item) for item in node.value)
    end = node.end_mark
    return int(end.line if end.column > 0 or end.line == node.start_mark.line else end.line - 1)

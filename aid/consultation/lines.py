"""YAML with the line of every part, so that a fault can say where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from aid.faults import Fault

Place = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Document:
    """The content of a YAML file and where its parts stand."""

    file: Path
    content: Any = None
    faults: list[Fault] = field(default_factory=list)
    _lines: dict[Place, int] = field(default_factory=dict)

    def line(self, place: Sequence[str | int]) -> int:
        """The line of a part, counted from 1; of its nearest known ancestor when it is not there."""
        for length in range(len(place), 0, -1):
            found = self._lines.get(tuple(place[:length]))
            if found:
                return found
        return 1

    def fault(self, place: Sequence[str | int], message: str) -> Fault:
        """An error at a part of this document."""
        return Fault(self.file, self.line(place), message)

    def warning(self, place: Sequence[str | int], message: str) -> Fault:
        """A warning at a part of this document."""
        return Fault(self.file, self.line(place), message, "warning")


def read_document(path: Path, text: str | None = None) -> Document:
    """Read a YAML file; what keeps it from being read is in ``faults``, and ``content`` is then ``None``.

    A file that has not changed since the last time is not parsed again, and its document is not to be changed. With ``text``: as if the
    file held it.
    """
    try:
        return _parsed(path, path.read_text(encoding="utf-8") if text is None else text)
    except (OSError, UnicodeDecodeError) as error:
        return Document(path, faults=[Fault(path, 1, f"cannot be read: {error}")])


@lru_cache(maxsize=1024)
def _parsed(path: Path, text: str) -> Document:
    document = Document(path)
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is not None:
                _number(document, node, ())
                document.content = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "is not YAML"
        document.faults.append(Fault(path, mark.line + 1 if mark else 1, f"the YAML cannot be read: {problem}"))
    except ValueError as error:  # 2026-02-30 reads as a date that does not exist
        document.faults.append(Fault(path, 1, f"a value cannot be read: {error}"))
    if document.faults:
        document.content = None
    return document


def _number(document: Document, node: Any, place: Place) -> None:
    document._lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = (*place, str(key.value))
            if key.value in seen:
                message = f"'{key.value}' stands twice in the same block"
                document.faults.append(Fault(document.file, key.start_mark.line + 1, message))
            seen.add(key.value)
            document._lines[here] = key.start_mark.line + 1
            _number(document, value, here)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _number(document, item, (*place, number))

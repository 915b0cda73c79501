"""How the fields of an entry are laid out in YAML: as in knowledge/README.md, one field a line, lists one item a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import yaml

from aid.knowledge_desk.content import FIELDS, Content

_ON_ONE_LINE = ("roles", "related")
_WIDE = 1_000_000


def entry_lines(content: Content, indent: int = 4) -> list[str]:
    """A whole entry, its fields below each other."""
    return [line for name in FIELDS if name in content for line in field_lines(name, content[name], indent)]


def field_lines(name: str, value: Any, indent: int) -> list[str]:
    """The lines of one field, without line ends."""
    space = " " * indent
    if name == "later":
        return [f"{space}later:", *(line for row in value for line in _later(row, indent + 2))]
    if name in _ON_ONE_LINE or value == []:
        return [f"{space}{name}: {_flow(value)}"]
    if isinstance(value, list):
        return [f"{space}{name}:", *block_items(value, indent + 2)]
    if isinstance(value, dict):
        return [f"{space}{name}: {_flow({key: date.fromisoformat(day) for key, day in value.items()})}"]
    if name in ("checked", "from"):
        return [f"{space}{name}: {value}"]
    return [f"{space}{name}: {_scalar(value)}"]


def block_items(items: Sequence[Any], indent: int) -> list[str]:
    """The items of a list, one a line: texts, or citations in braces."""
    space = " " * indent
    return [f"{space}- {_flow(_citation(item)) if isinstance(item, dict) else _scalar(item)}" for item in items]


def _later(row: dict[str, Any], indent: int) -> list[str]:
    names = ("from", "label", "short", "points", "steps", "basis")
    lines = [line for name in names if name in row for line in field_lines(name, row[name], indent + 2)]
    return [" " * indent + "- " + lines[0].lstrip(), *lines[1:]]


def _citation(row: dict[str, str]) -> dict[str, Any]:
    """An article that is a number stands without quotation marks, as editors write it."""
    return {key: int(value) if key == "article" and value.isdecimal() and value.isascii() else value for key, value in row.items()}


def _scalar(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True, width=_WIDE).removesuffix("\n").removesuffix("\n...")


def _flow(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, width=_WIDE, default_flow_style=True, sort_keys=False).removesuffix("\n")

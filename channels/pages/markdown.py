"""The small markdown subset as data: paragraphs, two kinds of lists, bold, http(s) links. Everything else is plain text.

The same subset as the chat page's (web/src/core/markdown.ts); a template makes elements of it and escapes every word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

_INLINE = re.compile(r"\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^()\s]+)\)|(https?://[A-Za-z0-9\-._~:/?#@!$&*+,;=%]+)")
_ITEM = re.compile(r"(?:([-*•])|(\d{1,2})[.、])\s+(.+)")
_ADDRESS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]!$&'*+,;=%]+")
"""Plain ASCII without "@": no name of a host that only looks like another, and nobody's name before it."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A piece of a line; ``href`` is set for a link alone."""

    type: Literal["text", "bold", "link"]
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a list, of lines."""

    type: Literal["paragraph", "bullets", "numbers"]
    lines: list[list[Inline]] = field(default_factory=list)


def safe_address(raw: str) -> str:
    """The address when it is a plain http(s) one, else ``""``."""
    if not _ADDRESS.fullmatch(raw):
        return ""
    try:
        parts = urlsplit(raw)
        _port = parts.port  # raises where it is no port
    except ValueError:
        return ""
    return raw if parts.scheme in ("http", "https") and parts.hostname else ""


def inline(text: str) -> list[Inline]:
    """The pieces of one line."""
    parts: list[Inline] = []
    done = 0
    for match in _INLINE.finditer(text):
        parts += _plain(text[done : match.start()])
        bold, label, target, bare = match.groups()
        href = safe_address(target or bare or "")
        if bold is not None:
            parts.append(Inline("bold", bold))
        elif href:
            parts.append(Inline("link", label or bare, href))
        else:
            parts += _plain(label or match[0])
        done = match.end()
    return parts + _plain(text[done:])


def blocks(text: str) -> list[Block]:
    """The text as paragraphs and lists."""
    found: list[Block] = []
    current: Block | None = None
    for line in map(str.strip, text.splitlines()):
        item = _ITEM.fullmatch(line)
        kind: Literal["paragraph", "bullets", "numbers"] = "paragraph" if not item else "bullets" if item[1] else "numbers"
        if not line:
            current = None
            continue
        if current is None or current.type != kind:
            current = Block(kind)
            found.append(current)
        current.lines.append(inline(item[3] if item else line))
    return found


def _plain(text: str) -> list[Inline]:
    return [Inline("text", text)] if text else []

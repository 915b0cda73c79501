"""Takes out of words what nobody sees: it could hide something, or turn the direction in which the rest is read."""

from __future__ import annotations

import unicodedata

_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_SHAPING = "\n\u200c\u200d"
"""Unseen characters that stay: line breaks, and the joiners of some scripts and signs."""


def seen(text: str) -> str:
    """``text`` without unseen characters, with ``\\n`` for every line break and a space for a tab."""
    even = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in even if c in _SHAPING or unicodedata.category(c) not in _UNSEEN)

"""Phrases as editors write them in the tables: plain words, ``…`` for up to six characters of the same clause (``我…专利``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_GAP = r"[^，。！？；,.!?;\n]{0,6}"


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(_GAP.join(re.escape(part) for part in phrase.lower().split("…")))


def longest_said(phrases: Iterable[str], text: str) -> int:
    """Length of the longest phrase, gaps not counted, that the normalised text holds; 0 for none. Case is not heeded."""
    lower = text.lower()
    return max((len(phrase.replace("…", "")) for phrase in phrases if _pattern(phrase).search(lower)), default=0)


def is_said(phrases: Iterable[str], text: str) -> bool:
    """Whether the normalised text holds one of the phrases."""
    lower = text.lower()
    return any(_pattern(phrase).search(lower) for phrase in phrases)

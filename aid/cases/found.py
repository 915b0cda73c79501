"""A fact heard in a sentence, and which of several candidates for one field the speaker settled on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_DENIED_BEFORE = re.compile(
    r"(?:不是(?:投诉|举报|说|在|指|要)?|不在|不叫|并非|没有?|而非|(?<![行好能成])不|不想|不愿|不打算|不用|别打|不要打|别再打|不用打|"
    r"以前(?:那个|的)?|原来(?:那个|的)?)\s*[“\"']?$"
)
_TAKEN_BACK = re.compile(
    r"[哦噢啊呃嗯哎]\s*,?\s*不|不对|(?<!是)不是|错了|写错|打错|说错|记错|搞错|弄错|看错|更正|应该是|改成|纠正|其实是|sorry", re.IGNORECASE
)
_NEAR = 14


@dataclass(frozen=True, slots=True)
class Found:
    """A fact heard: which field, its value, and where in the text it stands."""

    key: str
    value: str
    start: int
    end: int


def settled(candidates: Iterable[Found], text: str) -> list[Found]:
    """The candidates that are neither denied (不是B12) nor taken back (B12，哦不对，是B21), in their order."""
    candidates = list(candidates)
    gone = {f for f in candidates if _DENIED_BEFORE.search(text[: f.start])}
    by_place = sorted(candidates, key=lambda f: f.start)
    for one, other in pairwise(by_place):
        between = text[one.end : other.start]
        if len(between) <= _NEAR and other not in gone and one.value != other.value and _TAKEN_BACK.search(between):
            gone.add(one)
    return [f for f in candidates if f not in gone]

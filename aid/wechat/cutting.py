"""Cutting a text where it may be cut: at the ends of lines and sentences, never inside a link, a number or an emoji."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message may hold: ``characters`` in UTF-16 units (an emoji is two), ``octets`` in UTF-8."""

    characters: int = 600
    octets: int = 2048

    def hold(self, text: str) -> bool:
        """Whether the text keeps within both."""
        characters, octets = cost(text)
        return characters <= self.characters and octets <= self.octets

    def less(self, text: str) -> Limits:
        """What is left when ``text`` stands there already."""
        characters, octets = cost(text)
        return Limits(self.characters - characters, self.octets - octets)


LIMITS = Limits()
"""The platform takes 2,048 bytes; beyond about 600 characters passive replies were seen to fail."""

_UNIT = r"(?:\s?(?:年|月|日|号|元|万元?|亿元?|天|时|点|分|项|条|件|个|楼|馆|号馆|展位|%))*"
_ATOM = re.compile(
    r"https?://[^\s<>“”‘’（），。；！？、：]+"
    rf"|(?:[A-Za-z0-9][A-Za-z0-9@._:/#?=&%+~-]*(?:\s(?=\d)[0-9-]+)*{_UNIT})+"
    r"|第[一二三四五六七八九十百千零〇两\d]+(?:条|款|项|个)(?:之[一二三四五六七八九十]+)?"
)
_SENTENCE = re.compile(r"[。！？!?；;…]+[”’）)」』]*")
_CLAUSE = re.compile(r"[，、,：:]+")
_LINE = re.compile(r"\n+")
_PLACES = ((_LINE, 0.5), (_SENTENCE, 0.3), (_CLAUSE, 0.2))
"""Where a text is cut, the best place first, and from which share of the room on."""


def cost(text: str) -> tuple[int, int]:
    """UTF-16 units and UTF-8 bytes of a text without halves of surrogate pairs."""
    return len(text) + sum(c > "\uffff" for c in text), len(text.encode("utf-8"))


def first_piece(text: str, room: Limits) -> int:
    """How many characters of ``text`` go into ``room``, cut at the best place; 0 when not even the first fits."""
    most = _longest(text, room)
    if most >= len(text):
        return most
    inside = _inside(text, most)
    for places, share in _PLACES:
        ends = [m.end() for m in places.finditer(text, 0, most + 1) if share * most <= m.end() <= most and m.end() not in inside]
        if ends:
            return ends[-1]
    return next((at for at in range(most, 0, -1) if at not in inside), most)


def pieces(text: str, room: Limits) -> list[str]:
    """The whole text in pieces that each fit into ``room``."""
    found = []
    while text:
        at = first_piece(text, room) or 1
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [piece for piece in found if piece]


def _longest(text: str, room: Limits) -> int:
    characters = octets = 0
    for at, sign in enumerate(text):
        characters += 2 if sign > "\uffff" else 1
        octets += len(sign.encode("utf-8"))
        if characters > room.characters or octets > room.octets:
            return at
    return len(text)


def _inside(text: str, most: int) -> set[int]:
    """Places up to ``most`` at which something would be cut in two. What is longer than the room may be cut."""
    found: set[int] = set()
    for start, end in _wholes(text[: 2 * most + 40]):
        if end - start <= most:
            found.update(range(start + 1, end))
    return {at for at in found if at <= most}


def _wholes(text: str) -> Iterator[tuple[int, int]]:
    """Spans that stay whole: links, numbers with their units, and signs that are drawn as one."""
    for match in _ATOM.finditer(text):
        yield match.span()
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _one_sign(text[at - 1], text[at]):
            if at - start > 1:
                yield start, at
            start = at


def _one_sign(left: str, right: str) -> bool:
    """Whether two characters are drawn as one: marks, joined emoji, skin tones, flags."""
    if left == "\u200d" or right == "\u200d" or "\ufe00" <= right <= "\ufe0f" or "\U0001f3fb" <= right <= "\U0001f3ff":
        return True
    flags = "\U0001f1e6" <= left <= "\U0001f1ff" and "\U0001f1e6" <= right <= "\U0001f1ff"
    return flags or unicodedata.category(right).startswith("M") or "\U000e0020" <= right <= "\U000e007f"

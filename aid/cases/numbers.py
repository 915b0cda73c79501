"""Numbers of rights in a story: patents, trademarks (also in Chinese figures), registrations of works and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aid.cases.found import Found
from aid.language.entity import Entity

# 国作登字-2024-F-00012345, 吉作登字2023F00012345, 软著登字第1234567号, 2021SR0123456.
_WORK = re.compile(r"[\u4e00-\u9fff]作登字[\s-]?(?:\(?\d{4}\)?)[\s-]?[A-Z][\s-]?\d{5,8}(?!\d)", re.IGNORECASE)
_PROGRAM = re.compile(r"(?:软著(?:变补|变|补)?登字\s?第?\s?\d{6,8}\s?号?|(?<![A-Z0-9])20\d{2}\s?SR\s?\d{6,7})(?!\d)", re.IGNORECASE)
_VARIETY = re.compile(r"(?<![A-Z0-9])CNA\s?(?:20\d{6}|20\d{2}\d{4,6})(?:\.\d)?(?!\d)", re.IGNORECASE)
_SPOKEN = "零〇一二三四五六七八九幺"
_FIGURES = str.maketrans(_SPOKEN, "001234567891")
_MARK = r"(?:商标|注册证)(?:的?注册)?(?:证|证书)?(?:号码|编号|号)?|注册号码?"
_TRADEMARK = re.compile(
    rf"(?:{_MARK})[^\d,。;!?{_SPOKEN}]{{0,4}}(?P<spoken>[{_SPOKEN}]{{6,9}})(?![{_SPOKEN}十百千万])"
    rf"|(?:商标|注册证)[^。;!?\d]{{0,12}}(?:号码?|编号)(?:是|为|:)?\s?第?\s?(?P<figures>\d{{6,9}}[A-Z]?)(?![\dA-Z.年])",
    re.IGNORECASE,
)
_KINDS = ("patent_number", "trademark_number")


def find_numbers(key: str, text: str, entities: Sequence[Entity]) -> Iterator[Found]:
    """Numbers with a shape of their own, then those beside 商标; Chinese figures become Arabic ones."""
    yield from (Found(key, e.value, e.start, e.end) for e in entities if e.kind in _KINDS)
    for pattern in (_WORK, _PROGRAM, _VARIETY):
        yield from (Found(key, re.sub(r"\s", "", m[0]).upper(), *m.span()) for m in pattern.finditer(text))
    for match in _TRADEMARK.finditer(text):
        start, end = match.span("spoken" if match["spoken"] else "figures")
        if not any(start < e.end and e.start < end for e in entities):
            yield Found(key, text[start:end].translate(_FIGURES).upper(), start, end)

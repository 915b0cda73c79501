"""Documents that an answer may cite, their versions by day, and how an article is written (``knowledge/laws.yml``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from aid.consultation.lines import Document, read_document
from aid.faults import Fault

_NUMERALS = "零一二三四五六七八九"
_ARTICLE = re.compile(r"[1-9]\d{0,3}(?:-[1-9]\d?)?")
_STATE = "中华人民共和国"
_NUMBERED = re.compile(r"法释〔\d{4}〕\d+号")


def chinese_numeral(number: int) -> str:
    """A whole number of 1 to 9999 as in a statute: 65 → 六十五, 219 → 二百一十九, 1008 → 一千零八."""
    text, gap = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += ("零" if gap and text else "") + _NUMERALS[digit] + unit
        gap = not digit
    return text[1:] if text.startswith("一十") else text


def article_name(article: str) -> str:
    """``65`` → 第六十五条, ``219-1`` → 第二百一十九条之一."""
    number, _, inserted = article.partition("-")
    return f"第{chinese_numeral(int(number))}条" + (f"之{chinese_numeral(int(inserted))}" if inserted else "")


class LawVersion(BaseModel):
    """One version of a document. ``citable``: articles that may be cited by number (``None``: all; empty: none)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    official: str
    effective: date
    until: date | None = None
    articles: int = Field(default=0, ge=0)
    citable: tuple[str, ...] | None = None
    inserted: tuple[str, ...] = ()

    @field_validator("citable", "inserted", mode="before")
    @classmethod
    def _as_texts(cls, value: Any) -> Any:
        return [str(item) for item in value] if isinstance(value, list) else value

    @property
    def names(self) -> frozenset[str]:
        """The official name, with and without the state's name, and the number of an interpretation (法释〔2021〕4号)."""
        number = {self.version} if _NUMBERED.fullmatch(self.version) else set()
        return frozenset({self.official, self.official.removeprefix(_STATE)} | number)

    def holds_on(self, day: date) -> bool:
        """Whether this version is in force on ``day``."""
        return self.effective <= day and (self.until is None or day <= self.until)

    def has(self, article: str) -> bool:
        """Whether the article exists in this version."""
        if article in self.inserted:
            return True
        return article.isdigit() and 1 <= int(article) <= self.articles

    def may_cite(self, article: str) -> bool:
        """Whether the article may be cited by its number."""
        return self.has(article) and (self.citable is None or article in self.citable)


@dataclass(frozen=True)
class Law:
    """A document under its key, with its versions by date, and what documents that it replaced were called."""

    key: str
    versions: tuple[LawVersion, ...]
    old_names: tuple[str, ...] = ()

    def on(self, day: date) -> LawVersion | None:
        """The version in force on ``day``."""
        return next((version for version in self.versions if version.holds_on(day)), None)

    def within(self, first: date, last: date) -> Iterator[LawVersion]:
        """Versions in force on any day from ``first`` to ``last``."""
        for version in self.versions:
            if version.effective <= last and (version.until is None or version.until >= first):
                yield version

    def first_gap(self, first: date, last: date) -> date | None:
        """The first day from ``first`` to ``last`` on which no version is in force."""
        day = first
        for version in self.versions:
            if version.holds_on(day):
                if version.until is None or version.until >= last:
                    return None
                day = version.until + timedelta(days=1)
        return day

    def shown_as(self, version: LawVersion) -> str:
        """The name to show: the short key where the official name only puts the state's name before it."""
        return self.key if version.official == _STATE + self.key else version.official

    @cached_property
    def names(self) -> frozenset[str]:
        """The key and every official name, with and without the state's name."""
        return frozenset({self.key}.union(*(version.names for version in self.versions)))


@dataclass(frozen=True)
class Laws:
    """Every document of ``laws.yml``."""

    laws: dict[str, Law]

    def get(self, key: str) -> Law | None:
        """The document under ``key``."""
        return self.laws.get(key)

    def gone(self, first: date, last: date) -> Iterator[str]:
        """Names that belong only to documents and versions not in force between two days, and every document's old names."""
        alive: set[str] = set()
        for law in self.laws.values():
            for version in law.within(first, last):
                alive |= {law.key, *version.names}
        known = {name for law in self.laws.values() for name in (*law.names, *law.old_names)}
        yield from known - alive


def is_article(text: str) -> bool:
    """Whether a text has the form of an article: ``65`` or ``219-1``."""
    return bool(_ARTICLE.fullmatch(text))


def load_laws(path: Path) -> tuple[Laws, list[Fault]]:
    """Read ``laws.yml``; documents with a fault are left out and named in the faults."""
    document = read_document(path)
    faults = list(document.faults)
    laws: dict[str, Law] = {}
    if not document.faults and not isinstance(document.content, dict):
        faults.append(document.fault((), "must map the key of each document to its versions"))
    elif isinstance(document.content, dict):
        for key, block in document.content.items():
            law, found = _law(document, str(key), block)
            faults += found
            if law:
                laws[law.key] = law
    return Laws(laws), faults


def _law(document: Document, key: str, block: Any) -> tuple[Law | None, list[Fault]]:
    rows = block.get("versions") if isinstance(block, dict) else None
    if not isinstance(rows, list) or not rows:
        return None, [document.fault((key,), f"{key}: 'versions' must list at least one version")]
    versions: list[LawVersion] = []
    faults = [document.fault((key, name), f"{key}: '{name}' is no field of a document") for name in set(block) - {"versions", "old_names"}]
    old_names = block.get("old_names", [])
    if not isinstance(old_names, list) or not all(isinstance(name, str) and name for name in old_names):
        faults.append(document.fault((key, "old_names"), f"{key}: 'old_names' must be a list of names"))
    for number, row in enumerate(rows):
        try:
            versions.append(LawVersion.model_validate(row))
        except ValidationError as error:
            for detail in error.errors():
                place = (key, "versions", number, *detail["loc"])
                field = ".".join(map(str, detail["loc"]))
                faults.append(document.fault(place, f"{key}: {field}: {detail['msg']}"))
    for number, (older, newer) in enumerate(pairwise(versions), start=1):
        if older.until is None or older.until >= newer.effective:
            message = f"{key}: two versions are in force on the same day"
            faults.append(document.fault((key, "versions", number), message))
    return (None if faults else Law(key, tuple(versions), tuple(old_names))), faults

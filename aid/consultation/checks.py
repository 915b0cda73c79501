"""What must hold of the entries as a whole: citations, names of laws, figures, references, variants too much alike."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from aid.consultation.entry import Citation, Entry
from aid.consultation.laws import Laws
from aid.faults import Fault
from aid.language.normalise import normalise as _normalise

normalise = lru_cache(60_000)(_normalise)  # the knowledge is checked again at every edit, which changes little of it
CITY_REPLY = "长市监议字[2025]18号"
ALIKE = 0.85
_NUMBER = r"(?:\d[\d,.]*|[一二两三四五六七八九十百千万亿半]+)"
_FIGURE = re.compile(
    rf"{_NUMBER}\s*(?:余|多|几)?\s*(?:个?工作日|天|日(?!常)|个月|周年|年|周(?!边)|小时|[万亿]?元|块钱|%|倍|成(?!立|员|果|本|功))"
    rf"|百分之{_NUMBER}|{_NUMBER}分之{_NUMBER}|(?:[2-9]|\d\d+|[两二三四五六七八九十]+)\s*次"
)
# A calendar day, a year of something (2026年), and idioms are not figures that a law must say.
_NOT_FIGURES = re.compile(
    r"(?:19|20)\d{2}\s*年(?:\d{1,2}\s*月(?:\d{1,2}\s*[日号])?)?(?:度|起)?|\d{1,2}月\d{1,2}[日号]|[一二三四五六七八九十]月[一二三四五六七八九十]+[日号]"
    r"|第[一二两三四五六七八九十百\d]+|一天天|一天到晚|万一|十分|一年到头"
)
At = Callable[[Entry, Sequence[str | int]], int]
_MOST_TEXTS = 100_000
"""Texts whose reading is remembered: an edit changes few of them."""


@lru_cache(maxsize=_MOST_TEXTS)
def figures(text: str) -> tuple[str, ...]:
    """Figures with a unit (days, months, years, yuan, per cent, times) in a text, in Arabic or Chinese numerals."""
    return tuple(match[0] for match in _FIGURE.finditer(_NOT_FIGURES.sub(" ", normalise(text))))


def check_entries(entries: Sequence[Entry], laws: Laws, today: date, at: At) -> Iterator[Fault]:
    """Every check that needs more than one entry's own schema. ``at`` tells the line of a part of an entry."""
    ids = Counter(entry.id for entry in entries)
    for entry in entries:
        yield from _check_identity(entry, ids, at)
        yield from _check_dates(entry, today, at)
        for first, last in entry.periods():
            yield from _check_period(entry, laws, first, last, today, at)
    yield from _check_variants(entries, at)


def _check_identity(entry: Entry, ids: Counter[str], at: At) -> Iterator[Fault]:
    line = at(entry, ("id",))
    if not re.fullmatch(re.escape(entry.topic) + r"\.[a-z0-9]+(?:-[a-z0-9]+)*", entry.id):
        yield Fault(entry.file, line, f"the id {entry.id} must be '{entry.topic}.' and a lower-case ASCII slug")
    if ids[entry.id] > 1:
        yield Fault(entry.file, line, f"the id {entry.id} is used {ids[entry.id]} times")
    for number, other in enumerate(entry.related):
        if other not in ids or other == entry.id:
            reason = "is the entry itself" if other == entry.id else "does not exist"
            yield Fault(entry.file, at(entry, ("related", number)), f"{entry.id}: the related entry {other} {reason}")


def _check_dates(entry: Entry, today: date, at: At) -> Iterator[Fault]:
    valid = entry.text.valid
    if valid.until and valid.until < valid.first:
        yield Fault(entry.file, at(entry, ("valid",)), f"{entry.id}: 'until' is before 'from'")
    for number, later in enumerate(entry.text.later):
        if later.first <= valid.first or (valid.until and later.first > valid.until):
            message = f"{entry.id}: 'later' from {later.first} is not within the days on which the answer is valid"
            yield Fault(entry.file, at(entry, ("later", number)), message)
    if entry.checked > today:
        yield Fault(entry.file, at(entry, ("checked",)), f"{entry.id}: 'checked' is in the future")
    elif entry.checked < today - timedelta(days=365):
        message = f"{entry.id}: last checked on {entry.checked}, more than twelve months ago"
        yield Fault(entry.file, at(entry, ("checked",)), message, "warning")


def _check_period(entry: Entry, laws: Laws, first: date, last: date, today: date, at: At) -> Iterator[Fault]:
    version = entry.on(first)
    if version is None:
        return
    block = _block_of(entry, first)
    for number, row in enumerate(version.basis):
        line = at(entry, (*block("basis"), number))
        for message, level in _citation_problems(row, laws, first, last, today):
            yield Fault(entry.file, line, f"{entry.id}: {message}", level)
    for name in laws.gone(max(first, today), last) if last >= today else ():
        if any(name in text for text in version.texts()):
            yield Fault(entry.file, at(entry, block("short")), f"{entry.id}: names {name}, which is no longer in force")
    answer = (version.label, version.short, *version.points, *version.steps)
    said = [figure for text in answer for figure in figures(text)]
    if said and not any(row.article or row.law == CITY_REPLY for row in version.basis):
        message = f"{entry.id}: says {'、'.join(said[:4])} but no article (nor {CITY_REPLY}) in its basis says so"
        yield Fault(entry.file, at(entry, block("short")), message)


def _block_of(entry: Entry, first: date) -> Callable[[str], tuple[str | int, ...]]:
    """Where a field's value on ``first`` is written: in the entry itself or in the newest ``later`` that names it."""

    def place(field: str) -> tuple[str | int, ...]:
        rows = [(later.first, number) for number, later in enumerate(entry.text.later)
                if later.first <= first and getattr(later, field) is not None]  # fmt: skip
        return ("later", max(rows)[1], field) if rows else (field,)

    return place


def _citation_problems(
    row: Citation, laws: Laws, first: date, last: date, today: date
) -> Iterator[tuple[str, Literal["error", "warning"]]]:
    law = laws.get(row.law)
    if law is None:
        yield f"{row.law} is not in laws.yml", "error"
        return
    gap = law.first_gap(first, last)
    if gap is not None:
        yield f"no version of {row.law} is in force on {gap}, yet the answer is valid then", "error"
        return
    if row.article is None:
        return
    versions = list(law.within(first, last))
    for version in versions:
        if not version.has(row.article) and version.citable != ():
            yield f"{row.law} ({version.version}) has no article {row.article}", "error"
        elif not version.may_cite(row.article):
            how = "by name only" if not version.citable else "by number only for " + ", ".join(version.citable)
            yield f"{row.law} ({version.version}) may be cited {how}; leave out article {row.article}", "error"
    if len(versions) > 1:
        change = versions[-1].effective
        yield (
            f"{row.law} changes on {change}, within the days of this answer: the article's number may mean another; "
            + ("add a 'later' block from that day" if change > today else "let 'valid: from' begin there"),
            "error" if change > today else "warning",
        )


def _check_variants(entries: Sequence[Entry], at: At) -> Iterator[Fault]:
    rows = [(entry, number, _bare(text)) for entry in entries for number, text in enumerate(entry.variants)]
    first_with: dict[str, tuple[Entry, int]] = {}
    grams: list[frozenset[str]] = []
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for index, (entry, number, bare) in enumerate(rows):
        line = at(entry, ("variants", number))
        shared: Counter[int] = Counter()
        own = frozenset(bare[start : start + 3] for start in range(max(1, len(bare) - 2)))
        if bare in first_with:
            other, _ = first_with[bare]
            where = "twice in this entry" if other is entry else f"also in {other.id}"
            yield Fault(entry.file, line, f"{entry.id}: the variant '{entry.variants[number]}' stands {where}")
        else:
            first_with[bare] = (entry, number)
            for gram in own:
                shared.update(holders[gram])
            for near, common in shared.items():
                if rows[near][0] is not entry and common / (len(own) + len(grams[near]) - common) >= ALIKE:
                    message = f"'{entry.variants[number]}' is nearly '{rows[near][0].variants[rows[near][1]]}'"
                    yield Fault(entry.file, line, f"{entry.id}: {message} of {rows[near][0].id}", "warning")
        grams.append(own)
        for gram in own:
            holders[gram].append(index)


@lru_cache(maxsize=_MOST_TEXTS)
def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", normalise(text).lower()) or text

"""What a report is about: which days, and which cases only."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Self

from aid.reports.errors import UnknownFilter, UnknownPeriod
from aid.reports.words import Dimension, PeriodKind, ReportWords

LONGEST_BY_DAY = 62
"""Days up to which a period is told by day; a longer one by month."""
LONGEST = 3660
"""Days that a period may have: about ten years."""
_YEARS = range(2000, 3000)
PARAMETERS = {"event": "expo"}
"""How a filter is called in an address, where it is not called by its name."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in Changchun, both ends with. ``event_name`` is given for an expo's days."""

    kind: PeriodKind
    first: date
    last: date
    event_name: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise UnknownPeriod(f"{self.last} lies before {self.first}")

    @property
    def step(self) -> Dimension:
        """Whether its course is told by day or by month."""
        return "day" if (self.last - self.first).days < LONGEST_BY_DAY else "month"

    def named(self, words: ReportWords) -> str:
        """The period as people write it: ``2026年``, ``2026年11月``."""
        return words.periods[self.kind].format(
            year=self.first.year, month=self.first.month, day=self.first.day, first=self.first, last=self.last, event=self.event_name
        )

    def steps(self) -> list[str]:
        """Every day (``2026-11-30``) or month (``2026-11``) of it, so that one in which nothing came is seen."""
        if self.step == "day":
            return [date.fromordinal(n).isoformat() for n in range(self.first.toordinal(), self.last.toordinal() + 1)]
        months = range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month)
        return [f"{n // 12}-{n % 12 + 1:02}" for n in months]


def year(number: int) -> Period:
    """A calendar year. Raises ``UnknownPeriod``."""
    if number not in _YEARS:
        raise UnknownPeriod(f"{number} is no year of ours")
    return Period("year", date(number, 1, 1), date(number, 12, 31))


def month(number: int, of_year: int) -> Period:
    """A calendar month. Raises ``UnknownPeriod``."""
    if not (1 <= number <= 12 and of_year in _YEARS):
        raise UnknownPeriod(f"{of_year}-{number} is no month")
    return Period("month", date(of_year, number, 1), date(of_year, number, monthrange(of_year, number)[1]))


def spanning(first: date, last: date) -> Period:
    """The period of these days, as the day, month or year that it is, else as a span. Raises ``UnknownPeriod``."""
    whole: Sequence[Period] = (month(first.month, first.year), year(first.year)) if first.year in _YEARS else ()
    same = (period for period in (Period("day", first, first), *whole) if (period.first, period.last) == (first, last))
    return next(same, None) or Period("span", first, last)


def read_period(kind: PeriodKind, said: str, today: date) -> Period:
    """The day (``2026-11-30``), month (``2026-11``), year (``2026``) or span (``2026-07-01..2026-07-10``) that is meant; empty: the present one.

    Raises:
        UnknownPeriod: it is none.
    """
    try:
        if kind == "year":
            return year(int(said or today.year))
        if kind == "month":
            found = re.fullmatch(r"(\d{4})-(\d{1,2})", said or f"{today:%Y-%m}")
            return month(int(found[2]), int(found[1])) if found else month(0, 0)
        if kind == "span":
            first, sign, last = said.partition("..")
            return Period("span", *_days(date.fromisoformat(first), date.fromisoformat(last if sign else first)))
        day = date.fromisoformat(said) if said else today
        return Period("day", *_days(day, day))
    except ValueError as fault:
        raise UnknownPeriod(f"{said} is no {kind}") from fault


def _days(first: date, last: date) -> tuple[date, date]:
    """These days, where they are of our years and not too many. Raises ``UnknownPeriod``."""
    if first.year not in _YEARS or last.year not in _YEARS or (last - first).days >= LONGEST:
        raise UnknownPeriod(f"{first} to {last} is no period of ours: {LONGEST} days at most, from {_YEARS[0]} on")
    return first, last


@dataclass(frozen=True, slots=True)
class Narrow:
    """Only cases of this center, matter, kind of case, door and event; ``None``: all. ``""``: those for which none is known."""

    center: str | None = None
    matter: str | None = None
    kind: str | None = None
    door: str | None = None
    event: str | None = None

    def given(self) -> dict[str, str]:
        """What is narrowed."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None}

    def also(self, dimension: str, value: str) -> Self:
        """Narrowed further."""
        return type(self)(**{**self.given(), dimension: value})


@dataclass(frozen=True, slots=True)
class Drill:
    """The cases behind one figure: as query parameters of an address, and back."""

    figure: str
    first: date
    last: date
    narrow: Narrow

    def parameters(self) -> dict[str, str]:
        """``figure``, ``since``, ``until`` and what is narrowed; a value that is not known is ``-``."""
        return {
            "figure": self.figure,
            "since": self.first.isoformat(),
            "until": self.last.isoformat(),
            **{PARAMETERS.get(name, name): value or "-" for name, value in self.narrow.given().items()},
        }

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """From the parameters; others are left alone.

        Raises:
            UnknownPeriod: a day is missing or none.
            UnknownFilter: no figure is named.
        """
        if not (figure := parameters.get("figure", "")):
            raise UnknownFilter("no figure is named")
        try:
            first, last = (date.fromisoformat(parameters.get(name, "")) for name in ("since", "until"))
        except ValueError as fault:
            raise UnknownPeriod("since and until are days like 2026-11-30") from fault
        if last < first:
            raise UnknownPeriod(f"{last} lies before {first}")
        given = {field.name: parameters.get(PARAMETERS.get(field.name, field.name), "") for field in fields(Narrow)}
        return cls(figure, first, last, Narrow(**{name: "" if value == "-" else value for name, value in given.items() if value}))

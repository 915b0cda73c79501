"""Working days: weekdays without public holidays, with worked weekends, from knowledge/calendar/<year>.yml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.yaml_files import YamlFile

ONE_DAY = timedelta(days=1)
_COUNTED_FROM = 2020


class _Span(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class CalendarYear(BaseModel):
    """One year's arrangement of public holidays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    year: int
    source: str
    checked: date
    holidays: dict[str, _Span]
    worked_weekends: list[date]

    @model_validator(mode="after")
    def _consistent(self) -> CalendarYear:
        for name, span in self.holidays.items():
            if span.first > span.last or span.first.year != self.year or span.last.year != self.year:
                raise ValueError(f"{name} does not lie in {self.year}, or ends before it begins")
        for day in self.worked_weekends:
            if day.weekday() < 5 or day.year != self.year or self.is_holiday(day):
                raise ValueError(f"{day} is no weekend day of {self.year}, or is a holiday too")
        return self

    def is_holiday(self, day: date) -> bool:
        """Whether ``day`` is off by the arrangement."""
        return any(span.first <= day <= span.last for span in self.holidays.values())


@dataclass(frozen=True, slots=True)
class DueDay:
    """A reckoned day; an estimate when a year on the way has no calendar yet."""

    day: date
    is_estimate: bool


class WorkingDays:
    """The calendars at hand."""

    def __init__(self, years: dict[int, CalendarYear]) -> None:
        self._years = years
        self._counts: dict[int, list[int]] = {}
        self._worked: dict[date, bool] = {}

    @classmethod
    def load(cls, knowledge_dir: Path) -> WorkingDays:
        """Read every year's file. Raises ``KnowledgeError`` with file and line."""
        years = {}
        for path in sorted((knowledge_dir / "calendar").glob("*.yml")):
            year = YamlFile(path).as_model(CalendarYear)
            years[year.year] = year
        return cls(years)

    def knows(self, year: int) -> bool:
        """Whether the year's holidays are at hand."""
        return year in self._years

    def is_working_day(self, day: date) -> bool:
        """Whether people work on ``day``; by the weekday alone in a year that is not at hand."""
        if day not in self._worked:  # reports ask of the same days a hundred thousand times
            self._worked[day] = self._is_worked(day)
        return self._worked[day]

    def _is_worked(self, day: date) -> bool:
        year = self._years.get(day.year)
        if year is None:
            return day.weekday() < 5
        return day in year.worked_weekends or (day.weekday() < 5 and not year.is_holiday(day))

    def mark(self) -> str:
        """All that the calendars say, in one text."""
        return "\n".join(self._years[year].model_dump_json() for year in sorted(self._years))

    def between(self, day: date, end: date) -> int:
        """Working days after ``day`` up to and with ``end``; negative, those after ``end`` up to and with ``day``, when it lies before."""
        return self._until(end) - self._until(day)

    def _until(self, day: date) -> int:
        """Working days since the beginning of 2020 up to and with ``day``; only the difference of two is asked for."""
        return sum(self._of_year(year)[-1] for year in range(_COUNTED_FROM, day.year)) + self._of_year(day.year)[day.timetuple().tm_yday]

    def _of_year(self, year: int) -> list[int]:
        """Working days of a year up to its first, second, ... day; reckoned once."""
        if year not in self._counts:
            first = date(year, 1, 1)
            days = (first + ONE_DAY * n for n in range((date(year + 1, 1, 1) - first).days))
            self._counts[year] = [0, *accumulate(int(self.is_working_day(day)) for day in days)]
        return self._counts[year]

    def after(self, day: date, working_days: int) -> DueDay:
        """The last of ``working_days`` working days that follow ``day`` (the day itself does not count)."""
        known = self.knows(day.year)
        while working_days > 0:
            day += ONE_DAY
            known = known and self.knows(day.year)
            working_days -= self.is_working_day(day)
        return DueDay(day, not known)

"""Working days: weekdays without public holidays, with worked weekends, from knowledge/calendar/<year>.yml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aid.yaml_files import YamlFile

ONE_DAY = timedelta(days=1)


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

    def after(self, day: date, working_days: int) -> DueDay:
        """The last of ``working_days`` working days that follow ``day`` (the day itself does not count)."""
        known = self.knows(day.year)
        while working_days > 0:
            day += ONE_DAY
            known = known and self.knows(day.year)
            working_days -= self.is_working_day(day)
        return DueDay(day, not known)

"""Working days of 2026, and a year that is not at hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid.cases.calendar import WorkingDays

DAYS = WorkingDays.load(Path(__file__).parents[2] / "knowledge")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 1, 4), True),  # a worked Sunday
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2026, 2, 28), True),
        (date(2026, 4, 6), False),
        (date(2026, 5, 9), True),
        (date(2026, 6, 19), False),
        (date(2026, 9, 25), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 11, 23), True),
    ],
)
def test_holidays_and_worked_weekends(day: date, works: bool) -> None:
    assert DAYS.is_working_day(day) is works


def test_the_year_2026_has_248_working_days() -> None:
    """The count of the PyPI package chinesecalendar for 2026, taken on 2026-11-22."""
    first = date(2026, 1, 1)
    assert sum(DAYS.is_working_day(first + timedelta(days=n)) for n in range(365)) == 248


def test_a_day_beyond_the_known_years_is_an_estimate() -> None:
    assert DAYS.after(date(2026, 12, 30), 1).is_estimate is False
    beyond = DAYS.after(date(2026, 12, 31), 1)
    assert (beyond.day, beyond.is_estimate) == (date(2027, 1, 1), True)
    assert not DAYS.knows(2027)


@given(st.dates(date(2025, 1, 1), date(2028, 1, 1)), st.integers(1, 30))
def test_a_due_day_is_a_working_day_after_so_many(day: date, count: int) -> None:
    due = DAYS.after(day, count).day
    between = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert DAYS.is_working_day(due)
    assert sum(map(DAYS.is_working_day, between)) == count


@given(st.dates(date(2025, 10, 1), date(2027, 2, 1)), st.integers(-120, 120))
def test_working_days_between_two_days_are_those_that_one_counts(day: date, step: int) -> None:
    calendar = DAYS
    end = day + timedelta(days=step)
    first, last = sorted((day, end))
    counted = sum(calendar.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert calendar.between(day, end) == (counted if step >= 0 else -counted)
    if step >= 0:
        assert calendar.between(day, calendar.after(day, step).day) == step

"""Deadlines are reckoned from the log: working days, pauses, what stops a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from aid.cases.calendar import WorkingDays
from aid.cases.checks import check_tables
from aid.cases.deadlines import Deadline, load_deadlines
from aid.cases.kinds import load_kinds
from aid.cases.life import EventKind
from aid.clock import CHANGCHUN
from aid.faults import KnowledgeError


@dataclass(frozen=True)
class Event:
    kind: EventKind
    at: datetime


def log(*events: tuple[EventKind, str]) -> list[Event]:
    return [Event(kind, datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=CHANGCHUN)) for kind, day in events]


def reckoned(knowledge: Path, kind: str, events: list[Event]) -> dict[str, Deadline]:
    deadlines = load_deadlines(knowledge, WorkingDays.load(knowledge))
    return {one.rule.id: one for one in deadlines.of(load_kinds(knowledge)[kind], events)}


def due(deadline: Deadline) -> date | None:
    return deadline.due.day if deadline.due else None


def test_the_review_takes_fifteen_working_days_and_is_an_estimate(knowledge: Path) -> None:
    review = reckoned(knowledge, "aid_application", log(("received", "2026-11-02")))["review"]
    assert due(review) == date(2026, 11, 23)
    assert review.due is not None
    assert review.due.is_estimate
    assert not review.is_overdue(date(2026, 11, 23))
    assert review.is_overdue(date(2026, 11, 24))


def test_a_review_stands_still_while_material_is_awaited(knowledge: Path) -> None:
    waiting = log(("received", "2026-11-02"), ("returned", "2026-11-04"))
    found = reckoned(knowledge, "aid_application", waiting)
    assert due(found["review"]) is None
    assert due(found["correction"]) == date(2026, 11, 13)
    back = [*waiting, *log(("supplemented", "2026-11-11"))]  # five working days later
    found = reckoned(knowledge, "aid_application", back)
    assert due(found["review"]) == date(2026, 11, 30)
    assert found["correction"].met_at == back[-1].at


def test_a_clock_that_was_stopped_late_was_missed(knowledge: Path) -> None:
    late = reckoned(knowledge, "aid_application", log(("received", "2026-11-02"), ("accepted", "2026-11-25")))["review"]
    assert late.is_overdue(date(2027, 5, 1))
    in_time = reckoned(knowledge, "aid_application", log(("received", "2026-11-02"), ("accepted", "2026-11-20")))["review"]
    assert not in_time.is_overdue(date(2027, 5, 1))


def test_a_court_may_confirm_within_thirty_days_of_the_mediation(knowledge: Path) -> None:
    events = log(("received", "2026-11-02"), ("accepted", "2026-11-03"), ("started", "2026-11-03"), ("mediated", "2026-11-10"))
    found = reckoned(knowledge, "mediation_request", events)["joint_confirmation"]
    assert found.due is not None
    assert (found.due.day, found.due.is_estimate) == (date(2026, 12, 10), False)


def test_a_year_without_a_calendar_makes_an_estimate(knowledge: Path) -> None:
    found = reckoned(knowledge, "expo_complaint", log(("received", "2026-12-31")))["first_contact"]
    assert found.due is not None
    assert found.due.is_estimate


def test_only_the_kinds_named_have_a_deadline(knowledge: Path) -> None:
    assert set(reckoned(knowledge, "service_complaint", log(("received", "2026-11-02")))) == {"first_contact"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{id: a, label: x, since: received, met_by: [], source: x, verified: true}", "working_days or days"),
        ("{id: a, label: x, since: received, met_by: [], days: 3, paused_in: [returned], source: x, verified: true}", "paused"),
        ("{id: first_contact, label: x, since: received, met_by: [], days: 3, source: x, verified: true}", "first_contact"),
        ("{id: a, label: x, since: closed, met_by: [], days: 3, source: x, verified: true}", "since"),
    ],
)
def test_a_deadline_that_has_no_sense_is_refused_with_its_place(tmp_path: Path, rule: str, said: str) -> None:
    (tmp_path / "deadlines.yml").write_text(f"deadlines:\n  - {rule}\n", "utf-8")
    with pytest.raises(KnowledgeError, match=r"deadlines\.yml") as caught:
        load_deadlines(tmp_path, WorkingDays({}))
    assert said in str(caught.value)


def test_unconfirmed_deadlines_are_told_by_the_check(knowledge: Path) -> None:
    assert {f.level for f in check_tables(knowledge) if f.file.name == "deadlines.yml"} == {"warning"}

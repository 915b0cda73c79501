"""Figures over real questions."""

import pytest

from aid.clock import SystemClock, today
from aid.consultation.entries import require_knowledge
from aid.consultation.search import Hit, SearchResult
from aid.settings import PROJECT, read_settings
from bench import questions
from bench.data import read_lists, variants
from bench.effort import QUICK
from bench.questions import judge


def found(band: str, *entries: str) -> SearchResult:
    return SearchResult(band, 0.5, tuple(Hit(entry, 1.0, 0.5) for entry in entries), 1.0)  # type: ignore[arg-type]


def test_shares_are_of_the_covered_questions() -> None:
    wanted = {"1": ["a"], "2": ["a", "b"], "3": ["c"], "4": ["d"], "5": []}
    answers = {
        "1": found("answer", "a", "x"),
        "2": found("candidates", "x", "b", "y"),
        "3": found("answer", "x", "c"),
        "4": found("none", "d"),
        "5": found("answer", "x"),
    }
    figures = judge(wanted, answers)
    assert figures.covered == pytest.approx(0.8)
    assert (figures.top1, figures.top3) == (0.5, 1.0)
    assert (figures.answered, figures.wrong, figures.shown) == (0.5, 0.25, 0.5)


class AlwaysSure:
    """A search that answers everything with one entry."""

    def __init__(self, entry: str) -> None:
        self._entry = entry

    def search(self, _question: str) -> SearchResult:
        return found("answer", self._entry)


def test_the_projects_own_texts_are_judged_beside_the_real_ones() -> None:
    settings = read_settings()
    first = next(iter(variants(settings.clock().now().date())))
    rows = questions._own(settings, AlwaysSure(first), QUICK)  # type: ignore[arg-type]
    shares = [share for _, share, _ in rows]
    right = shares[0]
    assert rows[0][0].startswith("20 unseen questions")
    assert 0 < right < 0.5
    assert shares[1] == right
    assert (shares[2], shares[3], shares[4:]) == (1.0, pytest.approx(1 - right), [1.0, 1.0])


def test_grades_name_questions_of_the_map_and_entries_that_exist() -> None:
    grades = questions._grades()
    known = require_knowledge(PROJECT / "knowledge", today(SystemClock())).entries
    assert set(grades) == set(read_lists(PROJECT / "bench" / "questions_ip_dev.yml"))
    assert {entry for row in grades.values() for entry in row} <= set(known)
    assert questions.graded({"a": {"x": 2, "y": 1}}, 2) == {"a": ["x"]}

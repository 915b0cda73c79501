"""The figures are what their names say."""

from __future__ import annotations

import os
import time

import pytest

from bench.measures import Ranking, accuracy, macro_f1, percentile, search_figures, threshold
from bench.memory import processor_seconds


def found(*entries: str, score: float = 1.0, answered: bool | None = None, offered: bool = False) -> Ranking:
    return Ranking(entries, score, 2.0, answered, offered)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 1.0)] == [50.0, 95.0, 100.0]
    assert percentile([7.0], 0.95) == 7.0


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_five_percent_of_the_off_topic_texts_pass_the_threshold() -> None:
    off_topic = [found("a", score=n / 100) for n in range(100)]
    limit = threshold(off_topic)
    assert sum(row.score > limit for row in off_topic) == 5


def test_a_threshold_decides_for_a_search_without_a_say() -> None:
    asked = [("a", found("a", "b", score=0.9)), ("b", found("a", "b", score=0.8)), ("c", found("a", "b", score=0.2))]
    figures = search_figures(asked, [found("a", score=0.7), found("a", score=0.1)], above=0.5)
    assert figures.top1 == pytest.approx(1 / 3)
    assert figures.top3 == pytest.approx(2 / 3)
    assert figures.answered_right == pytest.approx(1 / 3)
    assert figures.answered_wrong == pytest.approx(1 / 3)
    assert figures.off_topic_answered == 0.5
    assert (figures.p50, figures.p95) == (2.0, 2.0)


def test_the_own_decision_of_a_search_counts_and_asking_back_is_no_answer() -> None:
    asked = [("a", found("a", answered=True)), ("b", found("a", "b", answered=False, offered=True))]
    figures = search_figures(asked, [found("a", answered=False, offered=True), found(answered=False)])
    assert (figures.answered_right, figures.answered_wrong, figures.offered_right) == (0.5, 0.0, 0.5)
    assert (figures.off_topic_answered, figures.off_topic_offered) == (0.0, 0.5)


def test_a_search_that_found_nothing_is_wrong_and_breaks_nothing() -> None:
    figures = search_figures([("a", found(score=0.0, answered=False))], [found(score=0.0, answered=False)])
    assert (figures.top1, figures.top3, figures.answered_wrong) == (0.0, 0.0, 0.0)


def test_macro_f1_weighs_rare_intents_like_common_ones() -> None:
    wanted = ["a", "a", "a", "b"]
    given = ["a", "a", "a", "a"]
    assert accuracy(wanted, given) == 0.75
    assert macro_f1(wanted, given) == pytest.approx((6 / 7 + 0) / 2)
    assert macro_f1(wanted, wanted) == 1.0


def test_processor_time_is_read_and_grows_with_work() -> None:
    before = processor_seconds([os.getpid()])
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert 0.05 < processor_seconds([os.getpid()]) - before < 5
    assert processor_seconds([2**22 + 1]) == 0.0

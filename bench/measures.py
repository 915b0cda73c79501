"""Figures of quality and time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ranking:
    """What a search made of one question.

    ``entries`` are the best first; ``score`` is the first one's, higher is surer; ``answered`` tells whether the search
    itself would answer at once (``None``: it has no say, a threshold decides); ``offered`` that it asks back.
    """

    entries: tuple[str, ...]
    score: float
    milliseconds: float
    answered: bool | None = None
    offered: bool = False


@dataclass(frozen=True)
class SearchFigures:
    """Shares between 0 and 1, and milliseconds of one search."""

    top1: float
    top3: float
    answered_right: float
    answered_wrong: float
    offered_right: float
    off_topic_answered: float
    off_topic_offered: float
    p50: float
    p95: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of the values do not exceed (nearest rank).

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def threshold(off_topic: Sequence[Ranking], passing: float = 0.05) -> float:
    """The score above which at most ``passing`` of these off-topic texts lie."""
    return percentile([ranking.score for ranking in off_topic], 1 - passing)


def search_figures(
    asked: Sequence[tuple[str, Ranking]], off_topic: Sequence[Ranking], above: float | None = None
) -> SearchFigures:
    """Judge a search.

    Args:
        asked: the right entry and what was found, for each question.
        off_topic: what was found for texts that no entry answers.
        above: answers are given above this score; ``None``: the search's own decision counts.
    """

    def answers(found: Ranking) -> bool:
        return found.score > above if above is not None else bool(found.answered)

    def share(hits: Sequence[bool]) -> float:
        return sum(hits) / len(hits) if hits else 0.0

    right = [found.entries[:1] == (wanted,) for wanted, found in asked]
    answered = [answers(found) for _, found in asked]
    times = [found.milliseconds for _, found in asked]
    return SearchFigures(
        top1=share(right),
        top3=share([wanted in found.entries[:3] for wanted, found in asked]),
        answered_right=share([a and r for a, r in zip(answered, right, strict=True)]),
        answered_wrong=share([a and not r for a, r in zip(answered, right, strict=True)]),
        offered_right=share([found.offered and wanted in found.entries[:3] for wanted, found in asked]),
        off_topic_answered=share([answers(found) for found in off_topic]),
        off_topic_offered=share([found.offered for found in off_topic]),
        p50=percentile(times, 0.5),
        p95=percentile(times, 0.95),
    )


def accuracy(wanted: Sequence[str], given: Sequence[str]) -> float:
    """The share of right labels."""
    return sum(w == g for w, g in zip(wanted, given, strict=True)) / len(wanted)


def macro_f1(wanted: Sequence[str], given: Sequence[str]) -> float:
    """The mean over the wanted labels of F1; each label weighs the same."""
    scores = []
    for label in sorted(set(wanted)):
        hits = sum(w == g == label for w, g in zip(wanted, given, strict=True))
        scores.append(2 * hits / (wanted.count(label) + given.count(label)) if hits else 0.0)
    return sum(scores) / len(scores)

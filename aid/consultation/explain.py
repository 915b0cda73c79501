"""Why a question gets the answer that it gets: for editors who try one. It looks where the search looks and decides nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from aid.consultation.calibration import TOP_FEATURES, Band, top_features
from aid.consultation.ranking import OFF_TOPIC, POSED, SAID, VARIANT, Evidence, highest, prepared, read_as
from aid.consultation.search import Searcher
from aid.language.normalise import is_meaningless

ORIGINS = {VARIANT: "variant", POSED: "posed", SAID: "said", OFF_TOPIC: "off_topic"}
SHOWN, SHOWN_TEXTS = 8, 3


@dataclass(frozen=True, slots=True)
class Because:
    """A text of the entry that is like the question. ``origin``: variant, posed (data/questions) or said (its own answer).

    ``part``: the part of the question that is like it. ``lexical``, ``sentence``: cosines, 0 to 1; ``together``: as the ranking counts them.
    """

    text: str
    origin: str
    part: str
    lexical: float
    sentence: float
    together: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry and its scores. ``probability``: of the best three only; ``sieve``: of the first look over all entries."""

    entry: str
    label: str
    score: float
    sieve: float
    probability: float | None
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """What a feature of the best entry adds to or takes from its log-odds (``TOP_FEATURES``)."""

    feature: str
    value: float
    adds: float


@dataclass(frozen=True)
class Explanation:
    """The whole of it: ``band`` follows from ``probability`` against ``high`` and ``low``; ``parts``: as what the question was read.

    ``two``: labels, when the text asks two or three things of which each has a sure answer of its own.
    """

    question: str
    parts: tuple[str, ...]
    band: Band
    probability: float
    high: float
    low: float
    off_topic: float
    ranked: tuple[Ranked, ...]
    weights: tuple[Weight, ...]
    two: tuple[str, ...]


def explain(searcher: Searcher, question: str, today: date) -> Explanation:
    """Search as always, and tell the scores, what matched, and how the thresholds decided."""
    result, calibration, ranking = searcher.search(question, today), searcher.calibration, searcher.ranking
    text = prepared(question)
    thresholds = (calibration.high, calibration.low)
    if is_meaningless(text) or not ranking.entry_ids:
        return Explanation(question, (), result.band, 0.0, *thresholds, 0.0, (), (), ())
    evidence = ranking.weigh(text, searcher.valid_on(today))
    chances = dict(calibration.probabilities(evidence, len(text)))
    ranked = tuple(
        Ranked(
            entry=ranking.entry_ids[number],
            label=_label(searcher, ranking.entry_ids[number], today),
            score=float(evidence.scores[number]),
            sieve=float(evidence.sieve[number]),
            probability=chances.get(int(number)),
            because=tuple(
                Because(row.text, ORIGINS[row.origin], row.part, row.lexical, row.sentence, row.together)
                for row in ranking.nearest_rows(text, int(number), SHOWN_TEXTS)
            ),
        )
        for number in highest(evidence.scores, SHOWN)
    )
    two = tuple(_label(searcher, part.hits[0].entry_id, today) for part in searcher.search_parts(question, today))
    weights = _weights(searcher, evidence, len(text)) if ranked else ()
    parts = tuple(read_as(text))
    return Explanation(question, parts, result.band, result.probability, *thresholds, evidence.off_topic, ranked, weights, two)


def _weights(searcher: Searcher, evidence: Evidence, length: int) -> tuple[Weight, ...]:
    top = searcher.calibration.top
    values = top_features(evidence, length)
    adds = (values - np.array(top.mean)) / np.array(top.scale) * np.array(top.weights)
    rows = [Weight(name, float(value), float(add)) for name, value, add in zip(TOP_FEATURES, values, adds, strict=True)]
    return tuple(sorted(rows, key=lambda row: -abs(row.adds)))


def _label(searcher: Searcher, entry_id: str, today: date) -> str:
    version = searcher.knowledge.entries[entry_id].on(today)
    return version.label if version else entry_id

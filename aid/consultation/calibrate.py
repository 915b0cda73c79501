"""Fit the search's probability and thresholds: ``python -m aid.consultation.calibrate --knowledge knowledge ...``.

The trials (see ``evaluation``) are fresh questions that the search does not know (data/calibration), texts whose
entry is left out, and off-topic texts. An entry's own texts, left out one by one, are no measure of what people ask: a
writer makes them differ from one another (top-1 .53, where fresh questions have .90), and a probability fitted on them
is far too low. The probabilities that choose the thresholds and are reported come from five folds, by entry.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from aid.clock import SystemClock
from aid.clock import today as day_of
from aid.consultation.calibration import Calibration, Logistic, best, next_features, top_features
from aid.consultation.entries import load_knowledge
from aid.consultation.errors import CalibrationError
from aid.consultation.evaluation import Trial, trials
from aid.consultation.ranking import Posed, Ranking
from aid.errors import AidError
from aid.language.encoders import SentenceEncoder

CALIBRATION_NAME = "search.json"
WRONG_ANSWERS = 0.015
"""Share of the fresh questions that may get a wrong answer in the answer band.

Many of these wrong answers are a neighbour of the entry that was meant. Of the real questions (../shared/questions), which are vaguer, about
twice as many get one.
"""
OFF_TOPIC_ANSWERS = 0.03
OFF_TOPIC_CANDIDATES = 0.25
KIND_WEIGHT = {"posed": 1.0, "uncovered": 0.03, "off_topic": 0.3}
"""Weight of each kind of trial as a whole."""
_FOLDS = 5
_FEWEST = 20


@dataclass(frozen=True)
class Report:
    """What the fit measured; shares are of the questions posed where the name does not say otherwise."""

    measured: dict[str, float]

    def __str__(self) -> str:
        """One line for the operator."""
        m = self.measured
        return (
            f"{m['entries']:.0f} entries, {m['questions']:.0f} questions posed: top-1 {m['top_1']:.3f}, "
            f"top-3 {m['top_3']:.3f}; answered {m['answered']:.3f} (wrong {m['answered_wrong']:.3f} of all), "
            f"candidates {m['candidates']:.3f} (with the right one {m['candidates_right']:.3f}), none {m['none']:.3f}; "
            f"off topic answered {m['off_topic_answered']:.3f}, candidates {m['off_topic_candidates']:.3f}; "
            f"uncovered answered {m['uncovered_answered']:.3f}; calibration error {m['ece']:.3f}; "
            f"answer from {m['high']:.2f}, candidates from {m['low']:.2f}"
        )


def read_off_topic(path: Path) -> tuple[str, ...]:
    """One text a line; ``#`` begins a comment.

    Raises:
        CalibrationError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"{path} cannot be read.") from error
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.startswith("#")))


def read_questions(place: Path) -> dict[str, tuple[str, ...]]:
    """Questions by the id of the entry that they mean, from a file or from every ``*.yml`` of a folder and the folders in it.

    Raises:
        CalibrationError: there is no file, one cannot be read, or is no list of texts by entry.
    """
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(place.rglob("*.yml")) if place.is_dir() else [place]:
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise CalibrationError(f"{path} cannot be read.") from error
        rows: dict[Any, Any] = content if isinstance(content, dict) else {"": None}
        if not all(isinstance(row, list) and all(isinstance(text, str) for text in row) for row in rows.values()):
            raise CalibrationError(f"{path}: each id of an entry needs a list of questions.")
        for entry, questions in rows.items():
            found[str(entry)] = (*found.get(str(entry), ()), *questions)
    if not found:
        raise CalibrationError(f"{place} holds no questions.")
    return found


@dataclass(frozen=True)
class Fitting:
    """A fit that has everything encoded and only has to be carried out."""

    ranking: Ranking
    posed: Posed
    fresh: Posed
    strange: tuple[str, ...]
    encoders: str
    target: Path

    def carry_out(self) -> Report:
        """Fit, save, and say what was measured. Raises ``CalibrationError``: too little to fit on."""
        calibration = fit(self.ranking, self.fresh, self.strange, self.encoders).model_copy(update={"posed": dict(self.posed)})
        calibration.save(self.target)
        return Report(calibration.measured)


def begin_fit(knowledge: Path, data: Path, models: Path, today: date | None = None) -> Fitting:
    """Read ``knowledge`` and the texts of ``data`` and encode what is new; the fit is saved as ``models/search.json``.

    ``data`` holds ``questions`` and ``off_topic.txt``, which the ranking reads, and ``calibration`` with fresh ones of both.

    Raises:
        CalibrationError, KnowledgeError, LanguageError: texts, knowledge or encoders are missing.
    """
    base, _ = load_knowledge(knowledge, today or day_of(SystemClock()))
    encoders = SentenceEncoder(models)
    posed, fresh = read_questions(data / "questions"), read_questions(data / "calibration")
    strange = read_off_topic(data / "calibration" / "off_topic.txt")
    ranking = Ranking(base, read_off_topic(data / "off_topic.txt"), posed, encoders)
    return Fitting(ranking, posed, fresh, strange, encoders.fingerprint, models / CALIBRATION_NAME)


def fit(ranking: Ranking, fresh: Posed, strange: Sequence[str], encoders: str = "") -> Calibration:
    """Fit both regressions, choose the thresholds and measure.

    Raises:
        CalibrationError: fewer than 20 questions or off-topic texts.
    """
    cases = list(trials(ranking, fresh, strange))
    kinds = np.array([case.kind for case in cases])
    if min((kinds == kind).sum() for kind in KIND_WEIGHT) < _FEWEST:
        raise CalibrationError(f"The search cannot be fitted on fewer than {_FEWEST} questions or off-topic texts.")
    features = np.array([top_features(case.evidence, len(case.text)) for case in cases])
    right = np.array([best(case.evidence.scores)[:1] == [case.right] for case in cases])
    weights = np.array([KIND_WEIGHT[kind] * len(cases) / (kinds == kind).sum() for kind in kinds])
    folds = _folds(cases)
    chances = np.zeros(len(cases))
    for fold in range(_FOLDS):
        out = folds == fold
        chances[out] = _logistic(features[~out], right[~out], weights[~out]).probability(features[out])
    high, low = _thresholds(chances, right, kinds)
    calibration = Calibration(
        knowledge=ranking.knowledge.fingerprint,
        encoders=encoders,
        top=_logistic(features, right, weights),
        following=_following(cases, chances, weights),
        high=high,
        low=low,
        off_topic=tuple(
            text for text, owner in zip(ranking.rows.texts, ranking.rows.owner, strict=True)
            if owner == len(ranking.entry_ids)
        ),
    )  # fmt: skip
    measured = _measure(calibration, cases, chances, right, kinds, weights, len(ranking.entry_ids))
    return calibration.model_copy(update={"measured": measured})


def _folds(cases: Sequence[Trial]) -> NDArray[np.int64]:
    """All trials of one entry fall into one fold; those without an entry are dealt out one by one."""
    return np.array([(number if case.right is None else case.right) % _FOLDS for number, case in enumerate(cases)])


def _logistic(features: NDArray[Any], right: NDArray[Any], weights: NDArray[Any]) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale == 0] = 1.0
    if right.all() or not right.any():
        raise CalibrationError("The search cannot be fitted: the trials are all right or all wrong.")
    model = LogisticRegression(C=1.0, max_iter=1000).fit((features - mean) / scale, right, sample_weight=weights)
    return Logistic(
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
        weights=tuple(model.coef_[0].tolist()),
        intercept=float(model.intercept_[0]),
    )


def _following(cases: Sequence[Trial], chances: NDArray[np.float64], weights: NDArray[Any]) -> Logistic:
    """The chance of the second and third entry, given that of the first."""
    rows, right, kept = [], [], []
    for case, chance, weight in zip(cases, chances, weights, strict=True):
        for number in best(case.evidence.scores)[1:]:
            rows.append(next_features(case.evidence, number, float(chance)))
            right.append(number == case.right)
            kept.append(weight)
    if not any(right):  # every first entry was right: nothing can be learnt of the others but that they are seldom meant
        return Logistic(mean=(0.0,) * 3, scale=(1.0,) * 3, weights=(0.0,) * 3, intercept=-float(np.log(len(rows) + 1)))
    return _logistic(np.array(rows), np.array(right), np.array(kept))


def _thresholds(chances: NDArray[Any], right: NDArray[Any], kinds: NDArray[Any]) -> tuple[float, float]:
    """The lowest thresholds, in hundredths, that keep the three limits at the head of this module."""
    posed, off = kinds == "posed", kinds == "off_topic"

    def keeps(high: float) -> bool:
        said = chances >= high
        wrong, strange = (said & ~right)[posed].mean(), said[off].mean()
        return bool(wrong <= WRONG_ANSWERS and strange <= OFF_TOPIC_ANSWERS)

    steps = [step / 100 for step in range(5, 100)]
    high = next((step for step in steps if step >= 0.4 and keeps(step)), 0.99)
    low = next((step for step in steps if (chances >= step)[off].mean() <= OFF_TOPIC_CANDIDATES), high)
    return high, min(low, high)


def _measure(
    calibration: Calibration,
    cases: Sequence[Trial],
    chances: NDArray[Any],
    right: NDArray[Any],
    kinds: NDArray[Any],
    weights: NDArray[Any],
    entries: int,
) -> dict[str, float]:
    posed, off, uncovered = (kinds == kind for kind in ("posed", "off_topic", "uncovered"))
    in_three = np.array([case.right in best(case.evidence.scores) for case in cases])
    answered = chances >= calibration.high
    shown = (chances >= calibration.low) & ~answered
    measured = {
        "entries": entries,
        "questions": int(posed.sum()),
        "top_1": right[posed].mean(),
        "top_3": in_three[posed].mean(),
        "answered": answered[posed].mean(),
        "answered_wrong": (answered & ~right)[posed].mean(),
        "candidates": shown[posed].mean(),
        "candidates_right": (shown & in_three)[posed].mean(),
        "none": (chances < calibration.low)[posed].mean(),
        "off_topic_answered": answered[off].mean(),
        "off_topic_candidates": shown[off].mean(),
        "uncovered_answered": answered[uncovered].mean(),
        "ece": expected_calibration_error(chances, right, weights),
        "ece_posed": expected_calibration_error(chances[posed], right[posed], weights[posed]),
        "high": calibration.high,
        "low": calibration.low,
    }
    return {name: round(float(value), 4) for name, value in measured.items()}


def expected_calibration_error(
    chances: NDArray[Any], right: NDArray[Any], weights: NDArray[Any], bins: int = 10
) -> float:
    """Mean distance of the stated chance from the share that was right, over equal bins of chance, by weight."""
    places = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [abs(float((weights * (chances - right))[places == place].sum())) for place in range(bins)]
    return sum(gaps) / float(weights.sum())


def main(arguments: list[str] | None = None) -> int:
    """Command line; prints what was measured and returns the exit code."""
    parser = argparse.ArgumentParser(description="Fit the search of the consultation.")
    parser.add_argument("--knowledge", type=Path, default=Path("knowledge"))
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        report = begin_fit(options.knowledge, options.data, options.models).carry_out()
    except AidError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, value in report.measured.items():
        sys.stdout.write(f"{name:24}{value:g}\n")
    sys.stdout.write(f"fitted in {time.monotonic() - started:.0f} s\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

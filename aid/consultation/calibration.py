"""From the evidence of a ranking to one calibrated probability, and the bands that hang on it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from aid.consultation.errors import CalibrationError
from aid.consultation.ranking import Evidence, highest

Band = Literal["answer", "candidates", "none"]
Features = NDArray[np.float64]
FORMAT = 2
TOP_FEATURES = ("score", "margin_2", "margin_3", "share", "off_topic", "length", "sieve", "sieve_margin")
NEXT_FEATURES = ("score", "gap", "top_probability")
MOST_CANDIDATES = 3


class Logistic(BaseModel):
    """A logistic regression on standardised features."""

    model_config = ConfigDict(frozen=True)

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def probability(self, features: Features) -> Features:
        """For ``[n, features]`` the probabilities ``[n]``."""
        standard = (features - np.array(self.mean)) / np.array(self.scale)
        result: Features = 1 / (1 + np.exp(-np.clip(standard @ np.array(self.weights) + self.intercept, -30, 30)))
        return result


class Calibration(BaseModel):
    """All that is fitted: two regressions, two thresholds, and the texts beside the knowledge that the ranking knows."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    knowledge: str = ""
    encoders: str = ""
    top: Logistic
    following: Logistic
    high: float
    low: float
    least_candidate: float = 0.005
    off_topic: tuple[str, ...] = ()
    posed: dict[str, tuple[str, ...]] = {}
    measured: dict[str, float] = {}

    def band(self, probability: float) -> Band:
        """Answer from ``high``, candidates from ``low``, else none."""
        return "answer" if probability >= self.high else "candidates" if probability >= self.low else "none"

    def probabilities(self, evidence: Evidence, length: int) -> list[tuple[int, float]]:
        """The best three entries by number, each with the chance that it is the one asked for; at most 1 in all."""
        order = best(evidence.scores)
        if not order:
            return []
        first = float(self.top.probability(top_features(evidence, length)[None])[0])
        found = [(order[0], first)]
        for number in order[1:]:
            features = next_features(evidence, number, first)
            chance = float(self.following.probability(features[None])[0])
            found.append((number, min(chance, found[-1][1], 1 - sum(p for _, p in found))))
        return found

    def save(self, path: Path) -> None:
        """Write it in one step (a reader sees the old or the new file)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(self.model_dump(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read a saved calibration.

        Raises:
            CalibrationError: the file is missing, damaged or of another format.
        """
        try:
            found = cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise CalibrationError(f"{path} cannot be read; fit it again with `aid train`.") from error
        sizes = [(found.top, len(TOP_FEATURES)), (found.following, len(NEXT_FEATURES))]
        fits = all(len(part.mean) == len(part.scale) == len(part.weights) == size for part, size in sizes)
        if found.format != FORMAT or not fits:
            raise CalibrationError(f"{path} is of another format; fit it again with `aid train`.")
        return found


def best(scores: NDArray[np.float32]) -> list[int]:
    """Numbers of the best three entries that have a score; entries not valid on the day have ``-inf``."""
    return [int(number) for number in highest(scores, MOST_CANDIDATES)]


def top_features(evidence: Evidence, length: int) -> Features:
    """The features of the best entry (``TOP_FEATURES``); ``length`` is the question's, in characters."""
    scores = np.sort(evidence.scores[np.isfinite(evidence.scores)])[::-1][:5]
    ladder = np.concatenate([scores, np.zeros(max(0, 3 - len(scores)), dtype=np.float32)])
    share = ladder[0] / (np.maximum(ladder, 0).sum() + 0.1)
    margins = (ladder[0] - ladder[1], ladder[0] - ladder[2])
    passed = np.sort(evidence.sieve[np.isfinite(evidence.sieve)])[::-1]
    sieve = float(evidence.sieve[int(np.argmax(evidence.scores))]) if len(passed) else 0.0
    others = sieve - (float(passed[1]) if len(passed) > 1 else 0.0)
    features = [ladder[0], *margins, share, evidence.off_topic, np.log1p(length), sieve, others]
    return np.array(features, dtype=np.float64)


def next_features(evidence: Evidence, number: int, top_probability: float) -> Features:
    """The features of an entry after the best (``NEXT_FEATURES``)."""
    score = float(evidence.scores[number])
    gap = float(evidence.scores.max()) - score
    return np.array([score, gap, top_probability], dtype=np.float64)

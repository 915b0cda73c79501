"""tf-idf of one short text without scikit-learn's ceremony, which costs milliseconds a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np


def character_grams(text: str, longest: int = 3) -> list[str]:
    """Runs of 1 to ``longest`` characters, lower case, white space folded (as ``TfidfVectorizer(analyzer="char")`` makes them)."""
    folded = " ".join(text.lower().split(" "))
    return [folded[at : at + size] for size in range(1, longest + 1) for at in range(len(folded) - size + 1)]


def word_grams(words: list[str]) -> list[str]:
    """Words and pairs of words, lower case."""
    low = [word.lower() for word in words]
    return low + [f"{first} {second}" for first, second in pairwise(low)]


class GramWeights:
    """What each known gram of a text adds to the score of each class.

    Args:
        grams: the vocabulary, in the order of the rows.
        idf: inverse document frequencies, ``[grams]``.
        weights: ``[grams, classes]``.
    """

    def __init__(self, grams: list[str], idf: np.ndarray, weights: np.ndarray) -> None:
        self._row = {gram: number for number, gram in enumerate(grams)}
        self._idf = idf
        self._weights = np.ascontiguousarray(weights, dtype=np.float32)

    def scores(self, grams: Iterable[str]) -> np.ndarray:
        """Sum over the text's grams of tf-idf (sublinear, unit length) times weight: ``[classes]``."""
        counted = Counter(row for row in map(self._row.get, grams) if row is not None)
        if not counted:
            return np.zeros(self._weights.shape[1], dtype=np.float32)
        rows = np.fromiter(counted.keys(), dtype=np.int64)
        values = (1 + np.log(np.fromiter(counted.values(), dtype=np.float64))) * self._idf[rows]
        values /= np.linalg.norm(values)
        total: np.ndarray = values.astype(np.float32) @ self._weights[rows]
        return total

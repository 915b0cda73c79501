"""Likeness by characters: tf-idf vectors of character 1-3-grams.

No word segmentation, so slips of typing and new terms do little harm.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

_SIGNS = re.compile(r"[\W_]+")


def grams(text: str) -> Counter[str]:
    """Counts of the character 1-, 2- and 3-grams within the parts between signs and blanks."""
    parts = _SIGNS.sub(" ", text.lower()).split()
    return Counter(part[i : i + size] for part in parts for size in (1, 2, 3) for i in range(len(part) - size + 1))


class CharacterVectors:
    """tf-idf vectors over the grams of a fixed list of texts, of length one; unknown grams count in the length."""

    def __init__(self, texts: Sequence[str]) -> None:
        held = Counter(gram for text in texts for gram in grams(text))
        size = len(texts)
        self._columns = {gram: number for number, gram in enumerate(held)}
        self._rarity = {gram: float(np.log(1 + (size - n + 0.5) / (n + 0.5))) for gram, n in held.items()}
        self._unheard = float(np.log(1 + (size + 0.5) / 0.5))

    def vectors(self, texts: Sequence[str]) -> Any:
        """A sparse matrix ``[len(texts), grams]``; the product with another's transpose is the cosine."""
        values: list[float] = []
        columns: list[int] = []
        starts = [0]
        for text in texts:
            weights = {
                gram: (1 + float(np.log(count))) * self._rarity.get(gram, self._unheard)
                for gram, count in grams(text).items()
            }
            length = float(np.sqrt(sum(weight * weight for weight in weights.values()))) or 1.0
            known = [gram for gram in weights if gram in self._columns]
            columns += [self._columns[gram] for gram in known]
            values += [weights[gram] / length for gram in known]
            starts.append(len(columns))
        parts = (np.array(values, np.float32), np.array(columns, np.int32), np.array(starts, np.int32))
        return csr_matrix(parts, (len(texts), len(self._columns)))

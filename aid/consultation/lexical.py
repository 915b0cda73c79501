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
    """tf-idf vectors over the grams of a fixed list of texts, of length one; unknown grams count in the length.

    ``rows``: the vectors of the texts themselves, sparse ``[texts, grams]``.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        columns: dict[str, int] = {}
        counted = [grams(text) for text in texts]
        places = np.array([columns.setdefault(gram, len(columns)) for one in counted for gram in one], dtype=np.int32)
        counts = np.array([count for one in counted for count in one.values()], dtype=np.float32)
        starts = np.cumsum([0, *map(len, counted)], dtype=np.int32)
        held = np.bincount(places, minlength=len(columns))
        rarity = np.log(1 + (len(texts) - held + 0.5) / (held + 0.5)).astype(np.float32)
        self._columns, self._rarity = columns, rarity
        self._unheard = float(np.log(1 + (len(texts) + 0.5) / 0.5))
        weights = (1 + np.log(counts)) * rarity[places] if len(places) else counts
        owner = np.repeat(np.arange(len(texts)), np.diff(starts))
        lengths = np.sqrt(np.bincount(owner, weights=weights**2, minlength=len(texts)))
        lengths[lengths == 0] = 1.0
        values = (weights / lengths[owner]).astype(np.float32)
        self.rows = csr_matrix((values, places, starts), (len(texts), len(columns)))

    def vectors(self, texts: Sequence[str]) -> Any:
        """A sparse matrix ``[len(texts), grams]``; the product with another's transpose is the cosine."""
        values: list[float] = []
        columns: list[int] = []
        starts = [0]
        for text in texts:
            weights = {gram: (1 + float(np.log(count))) * self._rarity_of(gram) for gram, count in grams(text).items()}
            length = float(np.sqrt(sum(weight * weight for weight in weights.values()))) or 1.0
            known = [gram for gram in weights if gram in self._columns]
            columns += [self._columns[gram] for gram in known]
            values += [weights[gram] / length for gram in known]
            starts.append(len(columns))
        parts = (np.array(values, np.float32), np.array(columns, np.int32), np.array(starts, np.int32))
        return csr_matrix(parts, (len(texts), len(self._columns)))

    def _rarity_of(self, gram: str) -> float:
        place = self._columns.get(gram)
        return self._unheard if place is None else float(self._rarity[place])

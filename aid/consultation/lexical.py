"""Likeness by characters: tf-idf vectors of character 1-3-grams.

No word segmentation, so slips of typing and new terms do little harm.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction.text import HashingVectorizer

from aid.consultation.vectors import MANY

_SIGNS = re.compile(r"[\W_]+")
PART = 50_000
PLACES = 2**18
"""Places that grams are hashed to: no list of grams is kept, and products of sparse matrices cost time by their width."""


def grams(text: str) -> Counter[str]:
    """Counts of the character 1-, 2- and 3-grams within the parts between signs and blanks."""
    parts = _SIGNS.sub(" ", text.lower()).split()
    return Counter(part[i : i + size] for part in parts for size in (1, 2, 3) for i in range(len(part) - size + 1))


def _every(text: str) -> list[str]:
    return list(grams(text).elements())


_LOGS = np.log(np.maximum(np.arange(256, dtype=np.float32), 1))
_COUNTS = HashingVectorizer(analyzer=_every, n_features=PLACES, alternate_sign=False, norm=None, dtype=np.float32)


class CharacterVectors:
    """tf-idf vectors over the grams of a fixed list of texts, of length one; grams that no text has count in the length.

    Counts are kept, a byte each; of many texts nothing else, and ``take`` weighs the rows that are wanted. Texts that
    ``before`` has counted are not counted again.
    """

    def __init__(self, texts: Sequence[str], before: CharacterVectors | None = None) -> None:
        self._counts = _counts(texts) if before is None else before._counted_with(texts)
        self._texts = texts
        held = np.bincount(self._counts.indices, minlength=PLACES)
        self._rarity = np.log(1 + (len(texts) - held + 0.5) / (held + 0.5)).astype(np.float32)
        self._rows = self._weighed(self._counts) if len(texts) < MANY else None

    def take(self, rows: Any) -> Any:
        """The vectors of these texts (numbers, a mask or a slice), sparse ``[rows, 2**18]``."""
        return self._weighed(self._counts[rows]) if self._rows is None else self._rows[rows]

    def vectors(self, texts: Sequence[str]) -> Any:
        """A sparse matrix ``[len(texts), 2**18]``; the product with another's transpose is the cosine."""
        return self._weighed(_counts(texts))

    def _counted_with(self, texts: Sequence[str]) -> Any:
        known = {text: place for place, text in enumerate(self._texts)}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        every = vstack([self._counts, _counts(new)], format="csr", dtype=np.uint8)
        places = known | {text: len(self._texts) + number for number, text in enumerate(new)}
        return every[[places[text] for text in texts]]

    def _weighed(self, counts: Any) -> Any:
        weights = (1 + _LOGS[counts.data]) * self._rarity[counts.indices]
        owner = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        lengths = np.sqrt(np.bincount(owner, weights=weights**2, minlength=counts.shape[0]))
        values = (weights / lengths[owner]).astype(np.float32)
        return csr_matrix((values, counts.indices, counts.indptr), counts.shape)


def _counts(texts: Sequence[str]) -> Any:
    """``[texts, 2**18]``, at most 255 each."""
    parts = [_counted(texts[start : start + PART]) for start in range(0, len(texts), PART)]
    return vstack(parts, format="csr", dtype=np.uint8) if parts else csr_matrix((0, PLACES), dtype=np.uint8)


def _counted(texts: Sequence[str]) -> Any:
    counts = _COUNTS.transform(texts)
    counts.data = np.minimum(counts.data, 255).astype(np.uint8)
    return counts

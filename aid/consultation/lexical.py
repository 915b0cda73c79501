"""Likeness by words: BM25 over jieba's search tokens and character bigrams, and the cosine of character 1-3-grams."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
_K1, _B = 1.5, 0.75
_SIGNS = re.compile(r"[\W_]+")
# Endings and fillers that say nothing of the matter.
_STOP = frozenset("的了吗呢吧啊呀嘛么是在我你您他她它有和就都也还要把被给让跟与对这那个")


def plain(text: str) -> str:
    """Lower case, signs as single blanks."""
    return _SIGNS.sub(" ", text.lower()).strip()


class _Postings:
    """For each term the rows that hold it and the term's weight there."""

    def __init__(self, rows: Sequence[Counter[str]], weights: Iterable[dict[str, float]]) -> None:
        held: dict[str, tuple[list[int], list[float]]] = {}
        for number, row in enumerate(weights):
            for term, weight in row.items():
                numbers, values = held.setdefault(term, ([], []))
                numbers.append(number)
                values.append(weight)
        self._size = len(rows)
        self._held = {
            term: (np.array(numbers, dtype=np.int32), np.array(values, dtype=np.float32))
            for term, (numbers, values) in held.items()
        }

    def score(self, query: dict[str, float]) -> Scores:
        """The sum over the query's terms of its weight times the row's weight, for every row."""
        found = [(self._held[term], weight) for term, weight in query.items() if term in self._held]
        if not found:
            return np.zeros(self._size, dtype=np.float32)
        numbers = np.concatenate([rows for (rows, _), _ in found])
        values = np.concatenate([weights * weight for (_, weights), weight in found])
        return np.bincount(numbers, weights=values, minlength=self._size).astype(np.float32)


class LexicalIndex:
    """Scores every text of a fixed list against a query; both scores lie between 0 and 1."""

    def __init__(self, texts: Sequence[str], tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        words = [Counter(self._words(text)) for text in texts]
        grams = [Counter(_grams(text)) for text in texts]
        self._word_idf, self._no_word = _idf(words)
        self._gram_idf, self._no_gram = _idf(grams)
        mean = sum(row.total() for row in words) / max(1, len(words)) or 1.0
        self._words_index = _Postings(words, (self._bm25(row, mean) for row in words))
        self._grams_index = _Postings(grams, (self._unit(row) for row in grams))

    def score(self, text: str) -> tuple[Scores, Scores]:
        """BM25 as a share of what a perfect row would get, and the cosine of character n-grams; each ``[rows]``."""
        asked = dict.fromkeys(self._words(text), 1.0)
        perfect = sum(self._word_idf.get(word, self._no_word) for word in asked) * (_K1 + 1) / 1.6
        bm25 = self._words_index.score(asked) / max(perfect, 1e-6)
        return np.minimum(bm25, 1.0), self._grams_index.score(self._unit(Counter(_grams(text))))

    def coverage(self, text: str) -> float:
        """The share of the query's words, weighted by rarity, that occur in any row: 0 to 1."""
        weights = {word: self._word_idf.get(word, self._no_word) for word in set(self._words(text))}
        total = sum(weights.values())
        return sum(weight for word, weight in weights.items() if word in self._word_idf) / total if total else 0.0

    def _words(self, text: str) -> list[str]:
        kept = plain(text)
        found = [word for word in self._tokenizer.lcut_for_search(kept) if word.strip() and word not in _STOP]
        return found + [f"#{part[i : i + 2]}" for part in kept.split() for i in range(len(part) - 1)]

    def _bm25(self, row: Counter[str], mean: float) -> dict[str, float]:
        norm = _K1 * (1 - _B + _B * row.total() / mean)
        return {word: self._word_idf[word] * count * (_K1 + 1) / (count + norm) for word, count in row.items()}

    def _unit(self, row: Counter[str]) -> dict[str, float]:
        weights = {
            gram: (1 + float(np.log(count))) * self._gram_idf.get(gram, self._no_gram) for gram, count in row.items()
        }
        length = float(np.sqrt(sum(weight * weight for weight in weights.values()))) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}


def _grams(text: str) -> list[str]:
    parts = plain(text).split()
    return [part[i : i + size] for part in parts for size in (1, 2, 3) for i in range(len(part) - size + 1)]


def _idf(rows: Sequence[Counter[str]]) -> tuple[dict[str, float], float]:
    held = Counter(term for row in rows for term in row)
    size = len(rows)
    return (
        {term: float(np.log(1 + (size - count + 0.5) / (count + 0.5))) for term, count in held.items()},
        float(np.log(1 + (size + 0.5) / 0.5)),
    )

"""Searches over the variants of the entries: the peers, each encoder alone, and ours; all in one form."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aid.language.encoders import Encoder
from aid.language.normalise import normalise
from aid.language.words import ProjectWords, tokenizer
from bench.measures import Ranking

Known = Mapping[str, Sequence[str]]


class Ranker(Protocol):
    """Finds entries for a question."""

    def rank(self, question: str) -> Ranking:
        """The entries, best first, and the milliseconds it took."""
        ...


class RowRanker:
    """Scores every variant; an entry is as good as its best variant.

    Args:
        known: entry id to variants.
        scorer: takes all variants, gives a function from a question to one score a variant.
    """

    def __init__(self, known: Known, scorer: Callable[[list[str]], Callable[[str], NDArray[Any]]]) -> None:
        texts = [normalise(text) for rows in known.values() for text in rows]
        starts = np.cumsum([0, *(len(rows) for rows in known.values())])[:-1]
        self._names, self._starts = list(known), starts
        self._score = scorer(texts)

    def rank(self, question: str) -> Ranking:
        """See ``Ranker``."""
        started = time.perf_counter()
        best = np.maximum.reduceat(self._score(normalise(question)), self._starts)
        order = np.argsort(-best, kind="stable")[:10]
        spent = (time.perf_counter() - started) * 1000
        return Ranking(tuple(self._names[i] for i in order), float(best[order[0]]), spent)


def bm25(texts: list[str]) -> Callable[[str], NDArray[Any]]:
    """Okapi BM25 (k1 1.5, b 0.75) over jieba's words."""
    cut = tokenizer(ProjectWords()).lcut
    rows = [Counter(word for word in cut(text) if word.strip()) for text in texts]
    mean = sum(row.total() for row in rows) / len(rows)
    held = Counter(word for row in rows for word in row)
    postings: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for word in row:
            holders[word].append(number)
    for word, count in held.items():
        numbers = holders[word]
        rarity = math.log(1 + (len(rows) - count + 0.5) / (count + 0.5))
        often = np.array([rows[number][word] for number in numbers], dtype=float)
        norm = np.array([1.5 * (0.25 + 0.75 * rows[number].total() / mean) for number in numbers])
        postings[word] = (np.array(numbers), rarity * often * 2.5 / (often + norm))

    def score(question: str) -> NDArray[Any]:
        scores = np.zeros(len(rows))
        for word in set(cut(question)) & postings.keys():
            numbers, weights = postings[word]
            scores[numbers] += weights
        return scores

    return score


def character_tfidf(texts: list[str]) -> Callable[[str], NDArray[Any]]:
    """The cosine of tf-idf over character 1-3-grams."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    matrix = vectorizer.fit_transform(texts)

    def score(question: str) -> NDArray[Any]:
        scores: NDArray[Any] = (matrix @ vectorizer.transform([question]).T).toarray()[:, 0]
        return scores

    return score


def encoder_alone(encoder: Encoder) -> Callable[[list[str]], Callable[[str], NDArray[Any]]]:
    """The cosine of one sentence encoder's vectors."""

    def over(texts: list[str]) -> Callable[[str], NDArray[Any]]:
        matrix = encoder.encode(texts)

        def score(question: str) -> NDArray[Any]:
            scores: NDArray[Any] = matrix @ encoder.encode([question])[0]
            return scores

        return score

    return over


class OurRanker:
    """The project's own search, with its own bands.

    Args:
        searcher: ``aid.consultation.search.Searcher`` or anything that searches like it.
        today: the day whose answers count.
    """

    def __init__(self, searcher: Any, today: date) -> None:
        self._searcher, self._today = searcher, today

    def rank(self, question: str) -> Ranking:
        """See ``Ranker``."""
        started = time.perf_counter()
        found = self._searcher.search(question, self._today)
        spent = (time.perf_counter() - started) * 1000
        return Ranking(
            tuple(hit.entry_id for hit in found.hits),
            float(found.probability),
            spent,
            answered=found.band == "answer",
            offered=found.band == "candidates",
        )

"""How much each entry fits a question: a sieve over all entries, then a kernel ridge regression over the few that pass.

The kernel of two texts is .3 lexical + .7 sentence vectors squared (cosines, none below 0). Its rows are the variants, labels
and answer texts of the entries that passed, the questions that people posed of them, and texts that are off topic, of
all these the nearest; each entry is a class and off topic is one more. A ridge over the rows of *all* entries is as good
(with the encoder as published, over 667 entries, top-1: .826; over the best 20: .840; the nearest variant alone: .644), but takes 20 s
and 800 MB to solve at every edit, and grows with the cube. This one is solved for each question, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from aid.consultation.entries import Entry, KnowledgeBase
from aid.consultation.lexical import CharacterVectors
from aid.consultation.sieve import Left, Sieve
from aid.consultation.vectors import Vectors
from aid.language.encoders import SentenceEncoder
from aid.language.normalise import clauses, normalise, strip_courtesy

Floats = NDArray[np.float32]
LEXICAL, SENTENCE = 0.3, 0.7
NOISE = 0.3
PASSING = 20
NEAREST = 200
NEAR_OFF_TOPIC = 40
SIEVE_WEIGHT = 0.2
LONG_TEXT = 60
MOST_CLAUSES = 4
CLAUSES_WEIGHT = 1 / 3
MOST_REMEMBERED = 60_000


Posed = Mapping[str, Sequence[str]]
"""Questions that people posed, by the id of the entry that they mean; those of an unknown entry are left out."""
VARIANT, POSED, SAID, OFF_TOPIC = range(4)


def prepared(question: str) -> str:
    """A question as the search compares it: normalised, without courtesy."""
    return strip_courtesy(normalise(question))


@lru_cache(MOST_REMEMBERED)  # an edit changes few rows; what people say is not kept here
def _prepared_row(text: str) -> str:
    """``prepared``, the very same text where nothing changes: then it is in memory once."""
    made = prepared(text)
    return text if made == text else made


@dataclass(frozen=True)
class Rows:
    """The texts that the ranking knows.

    ``owner``: the entry's number, or the number of entries for off topic. ``origin``: what the text is, one of the
    four constants.
    """

    texts: tuple[str, ...]
    owner: NDArray[np.int32]
    origin: NDArray[np.int8]

    @classmethod
    def of(cls, knowledge: KnowledgeBase, off_topic: Sequence[str], posed: Posed) -> Rows:
        """Entries in the order of ``knowledge``, then the off-topic texts."""
        rows: list[tuple[str, int, int]] = []
        for number, entry in enumerate(knowledge.entries.values()):
            rows += [(variant, number, VARIANT) for variant in entry.variants]
            rows += [(question, number, POSED) for question in posed.get(entry.id, ())]
            rows += [(text, number, SAID) for text in (entry.label, *_answers(entry))]
        rows += [(text, len(knowledge.entries), OFF_TOPIC) for text in off_topic]
        return cls(
            texts=tuple(_prepared_row(text) for text, _, _ in rows),
            owner=np.array([owner for _, owner, _ in rows], dtype=np.int32),
            origin=np.array([origin for _, _, origin in rows], dtype=np.int8),
        )


def _answers(entry: Entry) -> list[str]:
    """What the entry answers, today or later: its short answer, and its label with its points."""
    texts: list[str] = []
    for first, _ in entry.periods():
        version = entry.on(first)
        if version:
            texts += [version.short, f"{version.label} {' '.join(version.points)}"[:120]]
    return list(dict.fromkeys(texts))


def _telling_clauses(question: str) -> list[str]:
    """The first clause and the last ones: what happened and, mostly at the end, what is asked."""
    found = clauses(question)
    return found if len(found) <= MOST_CLAUSES else [found[0], *found[-(MOST_CLAUSES - 1) :]]


def read_as(question: str) -> list[str]:
    """The texts as which a prepared question is compared: the whole, and of a long one its telling clauses besides."""
    parts = _telling_clauses(question) if len(question) > LONG_TEXT else []
    return [question, *parts] if len(parts) > 1 else [question]


class Evidence(NamedTuple):
    """What speaks for each entry and for the question being off topic.

    ``scores`` and ``sieve`` are ``[entries]``, about 0 to 1, and ``-inf`` for entries that did not pass the sieve.
    """

    scores: Floats
    off_topic: float
    sieve: Floats


class Likeness(NamedTuple):
    """A text of an entry and how like it is: of characters, of sense (both cosines), and as the ranking counts them together.

    ``origin``: one of the four constants. ``part``: the part of the question that is most like it; the whole question, if it is short.
    """

    text: str
    origin: int
    part: str
    lexical: float
    sentence: float
    together: float


class _Asked(NamedTuple):
    """Some texts with their vectors, and how much each counts."""

    grams: Any
    vectors: Floats
    weights: Floats


class Ranking:
    """Ranks the entries of one state of the knowledge; does not change once built. Safe to share among threads.

    ``before``: the ranking of an earlier state, which spares work for the texts that both have.
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        off_topic: Sequence[str],
        posed: Posed,
        encoders: SentenceEncoder,
        before: Ranking | None = None,
    ) -> None:
        self.knowledge = knowledge
        self.entry_ids = tuple(knowledge.entries)
        self.rows = Rows.of(knowledge, off_topic, posed)
        self._encoders = encoders
        # One thread: on matrices this small more threads wait for one another, worst on a busy machine.
        self._threads = ThreadpoolController()
        self._characters: CharacterVectors = CharacterVectors(self.rows.texts, before._characters if before else None)
        self._vectors = Vectors(encoders.encode_many(self.rows.texts))
        owners = len(self.entry_ids) + 1
        self._sieve = Sieve(self._vectors, self._characters, self.rows.owner, owners)
        ends = np.searchsorted(self.rows.owner, np.arange(owners + 1))
        self._rows_of = [np.arange(begin, end) for begin, end in pairwise(ends.tolist())]

    def weigh(self, question: str, allowed: NDArray[np.bool_] | None = None) -> Evidence:
        """Weigh a prepared question against the entries that are ``allowed`` (``[entries]``; all, when not given).

        A text of more than 60 characters is also read clause by clause (four of them), and the mean over its clauses
        counts a third: people tell their story before they ask.
        """
        return self._weighed(self._asked(read_as(question)), allowed, None)

    def nearest_rows(self, question: str, number: int, most: int) -> list[Likeness]:
        """Which texts of an entry are most like a prepared question, the likest first; what an editor is shown, no part of a search."""
        parts = read_as(question)
        asked, rows = self._asked(parts), self._rows_of[number]
        with self._threads.limit(limits=1):
            lexical = (self._characters.take(rows) @ asked.grams.T).toarray()
            sentence = np.maximum(self._vectors.take(rows) @ asked.vectors.T, 0)
            near = _kernel(lexical, sentence)
        found = []
        for row in np.argsort(-(near @ asked.weights), kind="stable")[:most]:
            part, place = int(np.argmax(near[row])), int(rows[row])
            likeness = (float(lexical[row, part]), float(sentence[row, part]), float(near[row] @ asked.weights))
            found.append(Likeness(self.rows.texts[place], int(self.rows.origin[place]), parts[part], *likeness))
        return found

    def weigh_row(self, row: int, allowed: NDArray[np.bool_] | None = None) -> Evidence:
        """Weigh the text of a row as if nobody had written it there."""
        asked = _Asked(self._characters.take([row]), self._vectors.take([row]), np.ones(1, np.float32))
        return self._weighed(asked, allowed, Left(row, int(self.rows.owner[row])))

    def _asked(self, texts: list[str]) -> _Asked:
        """The texts of a question with their weights: its clauses, where there are any, count a third in all."""
        weights, clauses_ = np.ones(1, np.float32), len(texts) - 1
        if clauses_:
            weights = np.array([1 - CLAUSES_WEIGHT, *[CLAUSES_WEIGHT / clauses_] * clauses_], np.float32)
        return _Asked(self._characters.vectors(texts), self._encoders.encode(texts), weights)

    def _weighed(self, asked: _Asked, allowed: NDArray[np.bool_] | None, left: Left | None) -> Evidence:
        with self._threads.limit(limits=1):
            looked = asked.weights @ self._sieve.scores(asked.vectors, asked.grams, left)
            first = looked[:-1] if allowed is None else np.where(allowed, looked[:-1], -np.inf)
            passing = highest(first, PASSING)
            chances = self._solve(asked, passing, left)
        scores = np.full(len(self.entry_ids), -np.inf, dtype=np.float32)
        sieve = scores.copy()
        sieve[passing] = first[passing]
        scores[passing] = chances[:-1] + SIEVE_WEIGHT * first[passing]
        return Evidence(scores, float(chances[-1]), sieve)

    def _solve(self, asked: _Asked, passing: NDArray[np.int64], left: Left | None) -> Floats:
        """The ridge over the nearest rows of the passing entries and of off topic: ``[passing + 1]``."""
        own = self._nearest([self._rows_of[number] for number in passing], NEAREST, asked, left)
        strange = self._nearest([self._rows_of[-1]], NEAR_OFF_TOPIC, asked, left)
        rows, toward = np.concatenate([own[0], strange[0]]), np.concatenate([own[1], strange[1]])
        if not len(rows):
            return np.zeros(len(passing) + 1, dtype=np.float32)
        grams, vectors = self._characters.take(rows), self._vectors.take(rows)
        system = _kernel((grams @ grams.T).toarray(), vectors @ vectors.T)
        system[np.diag_indices(len(rows))] += NOISE
        answers = np.linalg.solve(system, toward)
        place = {int(number): index for index, number in enumerate(passing)}
        owners = [place.get(int(owner), len(passing)) for owner in self.rows.owner[rows]]
        return np.bincount(owners, weights=answers, minlength=len(passing) + 1).astype(np.float32)

    def _nearest(
        self, groups: Sequence[NDArray[np.int64]], most: int, asked: _Asked, left: Left | None
    ) -> tuple[NDArray[np.int64], Floats]:
        """The rows of the groups that are nearest to what is asked, at most so many, and their kernels with it."""
        rows = np.concatenate(groups) if groups else np.zeros(0, dtype=np.int64)
        if left is not None:
            rows = rows[rows != left.row]
        if not len(rows):
            return rows, np.zeros(0, dtype=np.float32)
        lexical = (self._characters.take(rows) @ asked.grams.T).toarray()
        near = _kernel(lexical, self._vectors.take(rows) @ asked.vectors.T)
        toward = near @ asked.weights
        best = np.argsort(-toward, kind="stable")[:most]
        return rows[best], toward[best]


def highest(values: Floats, most: int) -> NDArray[np.int64]:
    """Places of the highest finite values, the highest first, of equals the earlier; without sorting all of them."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) > most:
        least = np.partition(values[known], -most)[-most]
        known = known[values[known] >= least]
    return known[np.argsort(-values[known], kind="stable")][:most]


def _kernel(lexical: Floats, sentence: Floats) -> Floats:
    total: Floats = (LEXICAL * lexical + SENTENCE * np.maximum(sentence, 0) ** 2).astype(np.float32)
    return total

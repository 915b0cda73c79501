"""One run of bench.growth: ``python -m bench.growth_run ours|bm25|tfidf ENTRIES QUESTIONS`` prints its figures as JSON."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

import numpy as np

from aid.consultation.calibrate import read_off_topic
from aid.consultation.calibration import Calibration
from aid.consultation.entries import KnowledgeBase, require_knowledge
from aid.consultation.entry import Entry
from aid.consultation.ranking import Ranking, prepared
from aid.consultation.search import Searcher
from aid.language.encoders import Halves, Matrix, SentenceEncoder
from aid.settings import PROJECT, read_settings
from bench import data
from bench.measures import percentile
from bench.memory import proportional_mb
from bench.peers.rankers import RowRanker, bm25, character_tfidf

NOISE = 0.02
ROUGHENED = 8
"""One character in so many is changed."""


class Copies:
    """Copies of entries, and which text each of their texts comes from."""

    def __init__(self, known: KnowledgeBase, entries: int) -> None:
        self.origin: dict[str, str] = {}
        self._random = random.Random(7)
        found = dict(known.entries)
        for round_ in count(1):
            for entry in known.entries.values() if len(found) < entries else ():
                if len(found) < entries:
                    copy = self._copy(entry, round_)
                    found[copy.id] = copy
            if len(found) >= entries:
                break
        self.knowledge = replace(known, entries=found)

    def _copy(self, entry: Entry, round_: int) -> Entry:
        variants = tuple(self._rough(text) for text in entry.variants)
        self.origin.update(zip(map(prepared, variants), map(prepared, entry.variants), strict=True))
        return replace(entry, text=entry.text.model_copy(update={"id": f"{entry.id}-{round_}", "variants": variants}))

    def _rough(self, text: str) -> str:
        signs = list(text)
        for place in range(len(signs)):
            if self._random.randrange(ROUGHENED) == 0:
                signs[place] = self._random.choice(("", signs[place] * 2, self._random.choice(text)))
        return "".join(signs)


class NoisyEncoder:
    """Encodes questions truly, and the texts of copies as their originals with noise."""

    def __init__(self, encoder: SentenceEncoder, origin: dict[str, str]) -> None:
        self._encoder, self._origin = encoder, origin
        self._numbers = np.random.default_rng(7)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """As ``SentenceEncoder``."""
        return self._encoder.encode(texts)

    def encode_many(self, texts: Sequence[str]) -> Halves:
        """As ``SentenceEncoder``, a part at a time."""
        firsts = [self._origin.get(text, text) for text in texts]
        different = list(dict.fromkeys(firsts))
        place = {text: number for number, text in enumerate(different)}
        rows = self._encoder.encode_many(different)[[place[text] for text in firsts]]
        copied = np.array([text in self._origin for text in texts])
        for start in range(0, len(rows), 20_000):
            part = rows[start : start + 20_000].astype(np.float32)
            noise = self._numbers.normal(0, NOISE, part.shape) * copied[start : start + len(part), None]
            part = part + noise.astype(np.float32)
            rows[start : start + 20_000] = part / np.linalg.norm(part, axis=1, keepdims=True)
        return rows


def main(search: str, entries: int, questions: int) -> None:
    """Build, search, print."""
    settings = read_settings()
    today = settings.clock().now().date()
    copies = Copies(require_knowledge(settings.knowledge_dir, today), entries)
    known = {entry.id: list(entry.variants) for entry in copies.knowledge.entries.values()}
    asked = [text for _, text in data.pairs(data.unseen_questions(known), questions)]
    started = time.monotonic()
    if search == "ours":
        off_topic = read_off_topic(PROJECT / "data" / "off_topic.txt")
        encoder = NoisyEncoder(SentenceEncoder(settings.models_dir), copies.origin)
        ranking = Ranking(copies.knowledge, off_topic, {}, encoder)  # type: ignore[arg-type]
        searcher = Searcher(ranking, Calibration.load(settings.models_dir / "search.json"))
        texts = len(ranking.rows.texts)
        find: Callable[[str], object] = partial(searcher.search, today=today)
    else:
        texts = sum(map(len, known.values()))
        find = RowRanker(known, bm25 if search == "bm25" else character_tfidf).rank
    made = time.monotonic() - started
    copies.origin.clear()  # the bench's own, no part of a search
    find("商标怎么注册")
    times = []
    for text in asked:
        began = time.perf_counter()
        find(text)
        times.append((time.perf_counter() - began) * 1000)
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    memory = proportional_mb([os.getpid()])
    figures = {"entries": len(known), "texts": texts, "p50": p50, "p95": p95, "memory": memory, "made": made}
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

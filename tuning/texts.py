"""The texts to learn from, and their batches: questions of the same entry shall lie near, others far, near ones farthest of all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aid.clock import SystemClock, today
from aid.consultation.calibrate import read_off_topic, read_questions
from aid.consultation.entries import load_knowledge
from aid.consultation.ranking import Rows, prepared

SEEDS, NEIGHBOURS, EACH, STRANGE = 24, 3, 2, 16
"""A batch: so many entries, so many near ones of each, so many texts of each; and so many off-topic texts."""
NEAREST = 12
PREFIXED, JOINED, CUT = 0.08, 0.1, 0.1
"""Chances that a text gets an off-topic one before it, is joined with one of its entry, loses a character."""
LONGEST_JOINED = 70
PLAIN = 0.5
"""Chance that a text is drawn from its entry's questions in plain register (data/questions/plain), which are few beside the others."""


@dataclass(frozen=True)
class Texts:
    """All texts; ``of[n]`` are the places of those of entry n, ``plain[n]`` of its plain questions, ``strange`` those of off topic."""

    texts: tuple[str, ...]
    of: list[list[int]]
    plain: list[list[int]]
    strange: list[int]

    @classmethod
    def read(cls, root: Path) -> Texts:
        """Variants, labels, answers, posed questions and off-topic texts of the project in ``root``."""
        knowledge, _ = load_knowledge(root / "knowledge", today(SystemClock()))
        posed = read_questions(root / "data" / "questions")
        rows = Rows.of(knowledge, read_off_topic(root / "data" / "off_topic.txt"), posed)
        places = [np.flatnonzero(rows.owner == number).tolist() for number in range(len(knowledge.entries) + 1)]
        plain = {text for questions in read_questions(root / "data" / "questions" / "plain").values() for text in map(prepared, questions)}
        return cls(rows.texts, places[:-1], [[place for place in own if rows.texts[place] in plain] for own in places[:-1]], places[-1])

    def batch(self, near: Any) -> tuple[list[str], list[int]]:
        """Texts and their entries, -1, -2 ... for off topic. ``near`` [entries, 12]: the nearest entries of each."""
        entries: dict[int, None] = {}
        for seed in random.sample(range(len(self.of)), SEEDS):
            entries.update(dict.fromkeys([seed, *random.sample(list(near[seed]), NEIGHBOURS)]))
        chosen = [(place, entry) for entry in entries for place in self._drawn(entry)]
        chosen += [(place, -1 - number) for number, place in enumerate(random.sample(self.strange, STRANGE))]
        return [self._roughened(place, entry) for place, entry in chosen], [entry for _, entry in chosen]

    def _drawn(self, entry: int) -> list[int]:
        """``EACH`` different texts of the entry."""
        found: dict[int, None] = {}
        while len(found) < EACH:
            own = self.plain[entry] if self.plain[entry] and random.random() < PLAIN else self.of[entry]
            found[random.choice(own)] = None
        return list(found)

    def _roughened(self, place: int, entry: int) -> str:
        """The text as people might run it together with others or mistype it."""
        text = self.texts[place]
        if random.random() < PREFIXED:
            text = self.texts[random.choice(self.strange)] + random.choice("，。 ") + text
        if entry >= 0 and random.random() < JOINED:
            other = self.texts[random.choice(self.of[entry])]
            if len(other) + len(text) < LONGEST_JOINED:
                text = random.choice("，。？").join(random.sample([text, other], 2))
        if len(text) > 8 and random.random() < CUT:
            at = random.randrange(len(text))
            text = text[:at] + text[at + 1 :]
        return text


def by_length(texts: Sequence[str], parts: int) -> list[list[int]]:
    """Places of the texts in so many parts, the short together, so that little is filled up."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    size = -(-len(order) // parts)
    return [order[start : start + size] for start in range(0, len(order), size)]

"""Questions whose answer is known, with the evidence that they meet: what the search's probability is fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aid.consultation.ranking import POSED, VARIANT, Evidence, Posed, Ranking, prepared

MOST_UNCOVERED = 300

Kind = Literal["posed", "uncovered", "off_topic"]


@dataclass(frozen=True)
class Trial:
    """One question with the evidence that it would have met.

    ``posed``: a question that the ranking does not know; ``uncovered``: a text of an entry without the whole entry, as
    if nobody had written it; ``off_topic``: an off-topic text that the ranking does not know. ``right`` is the entry's number, ``None`` when
    nothing is.
    """

    kind: Kind
    text: str
    evidence: Evidence
    right: int | None


def trials(ranking: Ranking, fresh: Posed, strange: Sequence[str]) -> Iterator[Trial]:
    """Every ``fresh`` question of an entry that is there, known texts in equal steps, and every ``strange`` (off-topic) text."""
    rows, entries = ranking.rows, np.arange(len(ranking.entry_ids))
    number_of = {entry: number for number, entry in enumerate(ranking.entry_ids)}
    for entry, questions in fresh.items():
        for question in questions if entry in number_of else ():
            text = prepared(question)
            yield Trial("posed", text, ranking.weigh(text), number_of[entry])
    known = np.flatnonzero((rows.origin == POSED) | (rows.origin == VARIANT))
    for row in _spread(known, MOST_UNCOVERED):
        yield Trial("uncovered", rows.texts[row], ranking.weigh_row(row, entries != rows.owner[row]), None)
    for text in map(prepared, strange):
        yield Trial("off_topic", text, ranking.weigh(text), None)


def _spread(rows: NDArray[np.int64], most: int) -> list[int]:
    """At most so many of the rows, in equal steps."""
    places = np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)
    return [int(row) for row in rows[places]]

"""Evidence as it would be without the row asked about: the closed forms of kernel ridge regression.

With ``G = (K + noise)^-1`` and ``A = G Y`` the prediction for row ``i`` of a ridge that never saw row ``i`` is
``Y_i - A_i / G_ii``, and for the rows ``B`` of a whole entry ``Y_B - G_BB^-1 A_B``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from aid.consultation.ranking import Evidence, Ranking


@dataclass(frozen=True)
class Trial:
    """One question with the evidence that it would have met.

    ``asked``: a variant without its own row; ``uncovered``: a variant without its whole entry, as if nobody had written
    it; ``off_topic``: an off-topic text without its own row. ``right`` is the entry's number, ``None`` when nothing is.
    """

    kind: Literal["asked", "uncovered", "off_topic"]
    text: str
    evidence: Evidence
    right: int | None


def trials(ranking: Ranking) -> list[Trial]:
    """Every variant twice (``asked``, ``uncovered``) and every off-topic text once."""
    rows, entries = ranking.rows, len(ranking.entry_ids)
    inverse = np.linalg.inv(ranking.regularised)
    answers = inverse @ ranking.targets
    without_row = ranking.targets - answers / np.diag(inverse)[:, None]
    found: list[Trial] = []
    for number in range(entries):
        own = np.flatnonzero(rows.owner == number)
        without_entry = ranking.targets[own] - np.linalg.solve(inverse[np.ix_(own, own)], answers[own])
        for row, scores in zip(own, without_entry, strict=True):
            if rows.variant[row]:
                text = rows.texts[row]
                asked = _evidence(without_row[row])
                found.append(Trial("asked", text, asked, number))
                found.append(Trial("uncovered", text, _without(_evidence(scores), number), None))
    for row in np.flatnonzero(rows.owner == entries):
        found.append(Trial("off_topic", rows.texts[row], _evidence(without_row[row]), None))
    return found


def _evidence(scores: NDArray[np.float64]) -> Evidence:
    return Evidence(scores[:-1].astype(np.float32), float(scores[-1]))


def _without(evidence: Evidence, number: int) -> Evidence:
    scores = evidence.scores.copy()
    scores[number] = -np.inf
    return Evidence(scores, evidence.off_topic)

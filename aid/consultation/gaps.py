"""What the knowledge misses: questions without a sure answer, and answers that did not help, grouped by likeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aid.consultation.ranking import prepared
from aid.language.encoders import SentenceEncoder

ALIKE = 0.72
"""Mean of both encoders' cosines from which a question joins a group."""


class Missed(Protocol):
    """A kept question, masked."""

    @property
    def asked(self) -> str:
        """The words."""
        ...

    @property
    def band(self) -> str:
        """The search's band."""
        ...

    @property
    def at(self) -> datetime:
        """When it was asked."""
        ...

    @property
    def entry(self) -> str | None:
        """The nearest entry."""
        ...


@dataclass(frozen=True)
class Gap:
    """Questions that are much alike. ``questions``: different wordings, the one most like all others first."""

    questions: tuple[str, ...]
    count: int
    bands: dict[str, int]
    entry: str | None
    last: datetime


def gaps(missed: Sequence[Missed], encoders: SentenceEncoder) -> list[Gap]:
    """Groups of kept questions, the largest first, then the newest. ``entry``: the nearest entry of most of them."""
    texts = list(dict.fromkeys(prepared(row.asked) for row in missed))
    if not texts:
        return []
    found = encoders.encode_many(texts).astype(np.float32)
    likeness = found @ found.T
    group_of = _groups(likeness)
    members: dict[int, list[Missed]] = {}
    for row in missed:
        members.setdefault(group_of[texts.index(prepared(row.asked))], []).append(row)
    made = []
    for group, rows in members.items():
        own = [number for number in range(len(texts)) if group_of[number] == group]
        central = sorted(own, key=lambda number: -float(likeness[number, own].sum()))
        said = {prepared(row.asked): row.asked for row in reversed(rows)}
        nearest = Counter(row.entry for row in rows if row.entry).most_common(1)
        bands = dict(Counter(row.band for row in rows).most_common())
        questions = tuple(said[texts[number]] for number in central)
        made.append(Gap(questions, len(rows), bands, nearest[0][0] if nearest else None, max(row.at for row in rows)))
    return sorted(made, key=lambda gap: (-gap.count, -gap.last.timestamp()))


def _groups(likeness: NDArray[np.floating[Any]]) -> list[int]:
    """Each text joins the group whose members are on average most like it, if they are alike enough."""
    groups: list[list[int]] = []
    for number in range(len(likeness)):
        means = [float(likeness[number, group].mean()) for group in groups]
        best = int(np.argmax(means)) if means else -1
        if best >= 0 and means[best] >= ALIKE:
            groups[best].append(number)
        else:
            groups.append([number])
    place = {number: index for index, group in enumerate(groups) for number in group}
    return [place[number] for number in range(len(likeness))]

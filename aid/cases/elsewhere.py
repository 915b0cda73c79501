"""What belongs elsewhere: from a person's words to the body that handles it (knowledge/agencies.yml). Precision comes first.

A right holder's case is no consumer dispute even where he speaks of returned goods (市场监督管理投诉举报处理办法 art. 3: a 投诉 is a consumer's).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aid.cases.phrases import is_said, longest_said
from aid.cases.tables import Agencies, Agency, Clue
from aid.language.normalise import normalise
from aid.yaml_files import read_yaml_model

SHORTEST = 4
"""Characters below which words tell of nothing."""


class Elsewhere:
    """Knows the matters of other bodies. Pure."""

    def __init__(self, agencies: Agencies) -> None:
        self._agencies = agencies

    @classmethod
    def load(cls, knowledge_dir: Path) -> Elsewhere:
        """Read ``agencies.yml``. Raises ``KnowledgeError``: it is missing or not as it should be."""
        return cls(read_yaml_model(knowledge_dir / "agencies.yml", Agencies))

    def find(self, said: str, kind: str = "") -> Agency | None:
        """The body that handles what the words tell of; ``None`` where it may be the center's.

        Args:
            said: a person's words, whole.
            kind: the case that they begin or stand in; empty outside a case.
        """
        text = normalise(said)
        if len(text) < SHORTEST or kind in self._agencies.silent_in:
            return None
        is_holder = is_said(self._agencies.holder, text)
        named = [(length, -number) for number, length in self._lengths(text, is_holder)]
        return self._agencies.agencies[-max(named)[1]] if named else None

    def _lengths(self, text: str, is_holder: bool) -> Iterator[tuple[int, int]]:
        """Each body whose matter the text names, by place in the table, with the length of the words that name it."""
        for number, agency in enumerate(self._agencies.agencies):
            if (agency.not_for_holder and is_holder) or is_said(agency.unless, text):
                continue
            length = max(longest_said(agency.matters, text), max((_length(clue, text) for clue in agency.clues), default=0))
            if length:
                yield number, length


def _length(clue: Clue, text: str) -> int:
    """Length of the words by which a clue is met; 0 where it is not."""
    lengths = [longest_said(words, text) for words in clue.when]
    return max(lengths) if all(lengths) and not is_said(clue.unless, text) else 0

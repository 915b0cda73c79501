"""Citations against the texts of the laws: the article exists, and what is said of it shares its terms.

The texts are not part of the project. A folder of them holds one JSON file a document: ``name``, ``version``, ``effective``, ``articles``
``[{no, text}]``; ``text`` is null where it was not at hand.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aid.consultation.entry import Citation, Entry, EntryVersion
from aid.consultation.errors import TextsError
from aid.consultation.laws import Laws, LawVersion
from aid.faults import Fault

_SIGNS = re.compile(r"[\W_\d]+")
_COMMON = frozenset("的了和与或在是不有可以为对等应当其他及由按照规定本法前款")
WEAKEST = 20


@dataclass(frozen=True)
class CheckedCitation:
    """A citation with the text of its article. ``shared``: share of the said terms (pairs of characters) that the article has too."""

    entry: Entry
    citation: Citation
    version: str
    text: str
    shared: float

    def __str__(self) -> str:
        """One block for a person to read."""
        cited = f"{self.citation.law}（{self.version}）{self.citation.article}"
        return f"{self.shared:.2f}  {self.entry.id}  {cited}\n      says: {self.citation.says}\n      text: {self.text[:200]}"


class LawTexts:
    """The articles of a folder of texts."""

    def __init__(self, articles: dict[tuple[str, str], dict[str, str | None]]) -> None:
        self._articles = articles

    @classmethod
    def read(cls, folder: Path) -> LawTexts:
        """Read every ``*.json`` of ``folder``.

        Raises:
            TextsError: there are none, or one is not of the form at the head of this module.
        """
        found: dict[tuple[str, str], dict[str, str | None]] = {}
        for path in sorted(folder.glob("*.json")):
            try:
                content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                key = (str(content["name"]), str(content["effective"]))
                found[key] = {str(row["no"]): row.get("text") for row in content["articles"]}
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
                raise TextsError(f"{path.name} is no text of a law: {type(fault).__name__}") from fault
        if not found:
            raise TextsError(f"{folder} holds no texts of laws (*.json)")
        return cls(found)

    def article(self, version: LawVersion, number: str) -> str | None:
        """The article's text; ``None`` when it is not at hand.

        Raises:
            KeyError: the document is at hand, but has no such article.
        """
        articles = self._articles.get((version.official, version.effective.isoformat()))
        return None if articles is None else articles[number]


def check_citations(
    entries: Iterable[Entry], laws: Laws, texts: LawTexts, today: date
) -> tuple[list[Fault], list[CheckedCitation]]:
    """Faults of citations by number that hold today or later, and the 20 that share least with their article, weakest first."""
    faults: list[Fault] = []
    checked: dict[tuple[str, str, str, str], CheckedCitation] = {}
    for entry in entries:
        for version, law_version, citation in _by_number(entry, laws, today):
            cited = f"{entry.id}: {citation.law}（{law_version.version}） article {citation.article}"
            try:
                text = texts.article(law_version, str(citation.article))
            except KeyError:
                faults.append(Fault(entry.file, entry.line, f"{cited} is not in the text"))
                continue
            if not text:
                faults.append(Fault(entry.file, entry.line, f"{cited}: its text is not at hand; cite the document by name", "warning"))
                continue
            key = (entry.id, citation.law, law_version.version, str(citation.article))
            shared = _shared(f"{citation.says} {version.label} {version.short}", citation.says, text)
            checked[key] = CheckedCitation(entry, citation, law_version.version, text, shared)
    return faults, sorted(checked.values(), key=lambda row: (row.shared, row.entry.id))[:WEAKEST]


def _by_number(entry: Entry, laws: Laws, today: date) -> Iterator[tuple[EntryVersion, LawVersion, Citation]]:
    for first, last in entry.periods():
        day = max(first, today)
        version = entry.on(day) if day <= last else None
        for citation in version.basis if version else ():
            law = laws.get(citation.law)
            law_version = law.on(day) if law else None
            if version and law_version and citation.article:
                yield version, law_version, citation


def _shared(answer: str, says: str, text: str) -> float:
    """The larger of two shares of pairs of characters found in the article: those of ``says``, and those of the whole answer."""
    return max(_share(says, text), _share(answer, text))


def _share(said: str, text: str) -> float:
    own, there = _pairs(said), _pairs(text)
    total = sum(own.values())
    return sum(count for pair, count in own.items() if pair in there) / total if total else 0.0


def _pairs(text: str) -> Counter[str]:
    parts = _SIGNS.sub(" ", text).split()
    pairs = (part[i : i + 2] for part in parts for i in range(len(part) - 1))
    return Counter(pair for pair in pairs if not set(pair) <= _COMMON)

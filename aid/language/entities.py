"""Finds the entities of a message: regular expressions on the raw text first, then the project's words by spaCy."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import date
from typing import Any

from aid.language.companies import companies
from aid.language.dates import find_dates
from aid.language.entity import Entity
from aid.language.normalise import character_table
from aid.language.numerals import fold, valid_check_digit
from aid.language.patterns import FINDERS
from aid.language.words import ProjectWords

__all__ = ["Entity", "EntityFinder", "valid_check_digit"]


class EntityFinder:
    """Finds entities by shape and by the project's words. Safe to share among threads.

    Kinds by shape: ticket_number, lookup_code, patent_number, trademark_number, phone, email, link, booth, money, date,
    company; by word: the kinds of ``knowledge/words`` (event, district, market, platform, right …).
    """

    def __init__(self, words: ProjectWords) -> None:
        self._pipeline = _pipeline(words) if words.words else None

    def find(self, text: str, today: date | None = None) -> list[Entity]:
        """Entities in order of place, none overlapping: a shape wins over a word, then the longer over the shorter.

        Offsets are of ``text`` as given. ``today`` is needed for dates such as 明天; without it they are not found.
        """
        plain = fold(text).translate(character_table())  # one character to one: offsets stay
        shaped = [entity for finder in FINDERS for entity in finder(plain)]
        shaped += find_dates(plain, today)
        shaped += companies(plain)
        kept = _without_overlaps(shaped, [])
        kept = _without_overlaps(self._words(plain), kept)
        return [
            Entity(found.kind, found.value, text[found.start : found.end], found.start, found.end)
            for found in sorted(kept, key=lambda found: found.start)
        ]

    def _words(self, plain: str) -> list[Entity]:
        if self._pipeline is None or not plain.strip():
            return []
        document = self._pipeline(plain)
        return [
            Entity(span.label_, span.ent_id_, plain[span.start_char : span.end_char], span.start_char, span.end_char)
            for span in document.ents
        ]


def _without_overlaps(found: Iterable[Entity], kept: list[Entity]) -> list[Entity]:
    kept = list(kept)
    for entity in sorted(found, key=lambda entity: (entity.start - entity.end, entity.start)):
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    return kept


def _pipeline(words: ProjectWords) -> Any:
    """A blank Chinese pipeline, one token a character (so a term inside a longer word is seen), with an EntityRuler."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spaCy's dependencies warn of their own deprecations at import
        import spacy
    pipeline = spacy.blank("zh")
    ruler: Any = pipeline.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    patterns = [
        {"label": word.kind, "pattern": fold(name), "id": word.value} for word in words.words for name in word.names
    ]
    if patterns:
        ruler.add_patterns(patterns)
    return pipeline

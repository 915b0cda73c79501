"""What a finder of entities gives back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entity:
    """One thing named in a text. ``text`` is ``raw[start:end]``; ``value`` is its canonical form."""

    kind: str
    value: str
    text: str
    start: int
    end: int

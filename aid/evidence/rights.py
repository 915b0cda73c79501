"""Who may read a file: the one check that every way out asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Owned(Protocol):
    """What the check looks at."""

    @property
    def conversation_id(self) -> str:
        """The conversation in which it was sent."""
        ...

    @property
    def ticket_id(self) -> str | None:
        """The ticket that it was filed with."""
        ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person at a door, who holds the token of this conversation."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of the center's staff, and why he reads."""

    name: str
    reason: str


Reader = Visitor | Staff


def may_read(reader: Reader, evidence: Owned) -> bool:
    """A person reads what his own conversation sent; staff read what was filed, with name and reason, never what is still being written."""
    if isinstance(reader, Visitor):
        return bool(reader.conversation_id) and reader.conversation_id == evidence.conversation_id
    return evidence.ticket_id is not None and bool(reader.name.strip()) and bool(reader.reason.strip())

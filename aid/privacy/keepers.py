"""What is kept sealed outside the tables, such as files: whoever keeps it says how it is re-sealed, listed and deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from aid.privacy.vault import Vault


class Keeper(Protocol):
    """A store of sealed things beside the database. The commands of privacy are given every keeper there is."""

    name: str
    """How the things are called in counts, e.g. ``evidence``."""
    tables: frozenset[str]
    """Tables of the database that it deletes itself, since it needs their rows to find its things."""

    def stale(self, vault: Vault) -> int:
        """How many things the newest key did not seal."""
        ...

    def reseal(self, vault: Vault) -> int:
        """Seal anew what the newest key did not seal, each thing whole or not at all; gives how many were sealed."""
        ...

    def listed(self, tickets: Collection[str], conversations: Collection[str]) -> list[dict[str, Any]]:
        """What belongs to these tickets and conversations (ids), readable, ready for JSON."""
        ...

    def erase(self, tickets: Collection[str], conversations: Collection[str]) -> int:
        """Delete what belongs to them; gives how many things were deleted. Called again for what is gone, it does nothing."""
        ...

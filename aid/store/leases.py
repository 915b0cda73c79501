"""Who runs a conversation's turns: one replica of the doors at a time, as long as a message of it waits for its answer.

The lease lies in the conversation's own row. It is taken by the statement that numbers a new message and let go by the transaction that ends
the last turn, so it costs no transaction of its own. It has no expiry and needs no common clock: a holder raises ``turn_beat`` while a turn
runs, and who sees a holder stand still for long enough takes over by compare-and-set. A holder who has lost it can end no turn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update

from aid.store import statements
from aid.store.engine import Store
from aid.store.models import ConversationRow

NOBODY = "-"
"""In place of a holder: a message waits, and whoever comes first may run it."""
AT_ONCE = 400
"""Conversations in one statement."""


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation in which a message waits, and its holder's last sign of life."""

    conversation_id: str
    holder: str | None
    beat: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What changes in a conversation's row when there is something new for those who follow it."""

    last_seq: int
    last_number: int
    generation: int
    is_open: bool


class Leases:
    """Reads and changes who runs whose turns. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def waiting(self) -> list[Held]:
        """Every conversation in which a message waits for its answer."""
        with self._store.reading() as session:
            return [Held(*row) for row in session.execute(statements.WAITING)]

    def take_over(self, seen: Held, holder: str) -> bool:
        """Make ``holder`` the one who runs the turns, if all is still as it was seen; gives whether he does now."""
        row = ConversationRow
        # "IS" finds a holder of NULL too.
        same = (row.id == seen.conversation_id, row.turn_holder.is_not_distinct_from(seen.holder), row.turn_beat == seen.beat)
        change = update(row).where(*same).values(turn_holder=holder, turn_beat=row.turn_beat + 1)
        with self._store.session() as session:
            return session.scalar(change.returning(row.id)) is not None

    def renew(self, holder: str, conversation_ids: Collection[str]) -> None:
        """A sign of life for the turns that ``holder`` runs."""
        row = ConversationRow
        for some in _parts(conversation_ids):
            with self._store.session() as session:
                session.execute(update(row).where(row.turn_holder == holder, row.id.in_(some)).values(turn_beat=row.turn_beat + 1))

    def leave(self, holder: str, conversation_id: str | None = None) -> None:
        """Leave what ``holder`` has not ended, in one conversation or in all, to whoever comes first."""
        row = ConversationRow
        change = update(row).where(row.turn_holder == holder).values(turn_holder=NOBODY, turn_beat=row.turn_beat + 1)
        if conversation_id is not None:
            change = change.where(row.id == conversation_id)
        with self._store.session() as session:
            session.execute(change)

    def marks(self, conversation_ids: Collection[str]) -> dict[str, Mark]:
        """The marks of those conversations that exist."""
        row = ConversationRow
        found = {}
        for some in _parts(conversation_ids):
            query = select(row.id, row.last_seq, row.last_number, row.generation, row.state).where(row.id.in_(some))
            with self._store.reading() as session:
                found.update({r.id: Mark(r.last_seq, r.last_number, r.generation, r.state == "open") for r in session.execute(query)})
        return found


def _parts(ids: Collection[str]) -> list[list[str]]:
    known = list(ids)
    return [known[start : start + AT_ONCE] for start in range(0, len(known), AT_ONCE)]

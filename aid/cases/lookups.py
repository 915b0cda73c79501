"""Counting of wrong lookups, so that a ticket's code cannot be guessed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from aid.store.models import LookupFailureRow

WRONG_LOOKUPS = 5
"""Wrong lookups in the window after which the next one is refused."""
LOOKUP_WINDOW = timedelta(minutes=10)
LOOKUP_LOCK = 20251  # any number that all processes share


def wrong_lookups(session: Session, now: datetime, conversation_id: str, number: str) -> int:
    """Wrong lookups in the window: of this conversation or for this number, whichever are more.

    Until the transaction ends no other lookup counts: guesses at the same moment win no further tries.
    """
    if session.connection().dialect.name == "postgresql":  # SQLite lets one transaction write anyway
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOOKUP_LOCK})
    row = LookupFailureRow
    recent = select(func.count()).select_from(row).where(row.at > now - LOOKUP_WINDOW)
    of_conversation = session.scalar(recent.where(row.conversation_id == conversation_id)) or 0
    return max(of_conversation, session.scalar(recent.where(row.number == number)) or 0)


def note_wrong_lookup(session: Session, now: datetime, conversation_id: str, number: str) -> None:
    """Count one more; what has left the window is forgotten."""
    session.execute(delete(LookupFailureRow).where(LookupFailureRow.at <= now - LOOKUP_WINDOW))
    session.add(LookupFailureRow(conversation_id=conversation_id, number=number, at=now))

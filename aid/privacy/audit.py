"""The log of what is done with personal data: when, by whom, why, how many of what. It holds no personal data itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.store.engine import Store
from aid.store.models import PrivacyEventRow

Action = Literal["rotation_begun", "rotated", "retired", "exported", "erased", "purged"]
Reason = Literal["key", "request", "consent", "retention"]
"""``request``: the person asked for it; ``consent``: consent was taken back; ``retention``: its time is over; ``key``: care for the key."""


class Audit:
    """Appends to the log in one person's name. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock, actor: str) -> None:
        """``actor``: the member of staff who acts; at most 64 characters are kept."""
        self._store, self._clock, self._actor = store, clock, actor[:64]

    @property
    def actor(self) -> str:
        """In whose name is written."""
        return self._actor

    def note(self, action: Action, reason: Reason, counts: Mapping[str, int]) -> None:
        """Write one line."""
        with self._store.session() as session:
            self.note_in(session, action, reason, counts)

    def note_in(self, session: Session, action: Action, reason: Reason, counts: Mapping[str, int]) -> None:
        """Write one line within the caller's transaction."""
        session.add(PrivacyEventRow(at=self._clock.now(), actor=self._actor, action=action, reason=reason, counts=dict(counts)))
        session.flush()

    def last(self, action: Action) -> datetime | None:
        """When this was done last."""
        newest = select(PrivacyEventRow.at).filter_by(action=action).order_by(PrivacyEventRow.at.desc(), PrivacyEventRow.id.desc())
        with self._store.reading() as session:
            return session.scalar(newest.limit(1))

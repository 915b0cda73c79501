"""Who has a case open: two people on one case are told of each other. A row a person and case, written over by each beat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text

from aid.clock import Clock
from aid.store.engine import Store
from aid.store.models import PresenceRow
from aid.store.types import Moment

HERE = timedelta(seconds=40)
"""A page beats every fifteen seconds; who was not heard of for longer has gone."""
# Told as SQL because both databases know it and SQLAlchemy has no common word for it.
_BEAT = text(
    "INSERT INTO presence (ticket_id, person, since, seen_at) VALUES (:ticket, :person, :now, :now) "
    "ON CONFLICT (ticket_id, person) DO UPDATE SET seen_at = excluded.seen_at, "
    "since = CASE WHEN presence.seen_at < :gone THEN excluded.since ELSE presence.since END"
).bindparams(bindparam("now", type_=Moment()), bindparam("gone", type_=Moment()))


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who has the case open, by the name under which he signs in, and since when."""

    person: str
    since: datetime


class Presence:
    """Keeps the beats. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def beat(self, ticket_id: str, person: str) -> list[Present]:
        """``person`` has the case open; gives the others who do, the first who came first. Clears away who went."""
        now = self._clock.now()
        with self._store.session() as session:
            others = (PresenceRow.ticket_id == ticket_id, PresenceRow.person != person)
            session.execute(delete(PresenceRow).where(*others, PresenceRow.seen_at < now - HERE))
            session.execute(_BEAT, {"ticket": ticket_id, "person": person, "now": now, "gone": now - HERE})
            query = select(PresenceRow).where(*others).order_by(PresenceRow.since)
            return [Present(row.person, row.since) for row in session.scalars(query)]

    def leave(self, ticket_id: str, person: str) -> None:
        """``person`` has closed the case."""
        with self._store.session() as session:
            session.execute(delete(PresenceRow).filter_by(ticket_id=ticket_id, person=person))

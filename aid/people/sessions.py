"""Sessions of the workbench: found by a token of which only a digest is kept, over when unused or old, ended by what ends rights."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import delete, or_, update

from aid.clock import Clock
from aid.people.accounts import Person, note, person_of
from aid.people.errors import SessionOver
from aid.store.engine import Store
from aid.store.people_rows import StaffSessionRow

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SECOND_WAITS = timedelta(minutes=5)
"""How long the second factor is waited for."""
TOUCH = timedelta(minutes=1)
"""A session's last use is written down no more often than this."""
Stage = Literal["second", "full"]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in. At ``stage`` second only the second factor may be told."""

    person: Person
    stage: Stage
    token: str


class Sessions:
    """Opens, finds and ends sessions. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def open(self, staff_id: str, stage: Stage, instead_of: str | None = None) -> str:
        """A new session; gives its token. ``instead_of``: the session that it follows, which ends. Sweeps those that are over."""
        now, token = self._clock.now(), secrets.token_urlsafe(32)
        row = StaffSessionRow
        with self._store.session() as session:
            session.execute(delete(row).where(or_(row.seen_at < now - IDLE, row.created_at < now - LONGEST)))
            if instead_of is not None:
                session.execute(delete(row).filter_by(token_digest=digest(instead_of)))
            session.add(row(token_digest=digest(token), staff_id=staff_id, stage=stage, created_at=now, seen_at=now))
        return token

    def find(self, token: str, *, touch: bool = True) -> Signed:
        """The session of ``token``; with ``touch`` it counts as used now (a page that asks by itself does not prolong it).

        Raises:
            SessionOver
        """
        now = self._clock.now()
        with self._store.reading() as session:
            row = session.get(StaffSessionRow, digest(token))
            if row is None or now - row.created_at >= (SECOND_WAITS if row.stage == "second" else LONGEST) or now - row.seen_at >= IDLE:
                raise SessionOver("the session is over")
            person = person_of(session, row.staff_id)
        if person.disabled_at is not None:
            raise SessionOver("the account is closed")
        if touch and now - row.seen_at >= TOUCH:
            with self._store.session() as session:
                session.execute(update(StaffSessionRow).filter_by(token_digest=row.token_digest).values(seen_at=now))
        return Signed(person, "second" if row.stage == "second" else "full", token)

    def end(self, token: str) -> None:
        """Sign out; what is over already stays so."""
        with self._store.session() as session:
            row = session.get(StaffSessionRow, digest(token))
            if row is not None:
                name = person_of(session, row.staff_id).name
                session.delete(row)
                note(session, self._clock, name, name, "signed_out")


def digest(token: str) -> str:
    """What is kept of a token of 256 random bits: it needs no secret to keep it from being guessed."""
    return hashlib.sha256(token.encode()).hexdigest()

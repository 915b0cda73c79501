"""Counting of failed tries, by account and by address: after a few a wait, which doubles with each further one.

A try is counted before it is made and forgiven when it succeeds, so that many at once gain nothing. Names that nobody has are counted
like any other.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.people.errors import TooManyTries
from aid.store.engine import Store
from aid.store.people_rows import SignInCountRow
from aid.store.types import Moment

_MADE = text(
    "INSERT INTO sign_in_count (mark, failures, last_at) VALUES (:mark, 0, :at) ON CONFLICT (mark) DO UPDATE SET mark = excluded.mark"
).bindparams(bindparam("at", type_=Moment))
"""The update changes nothing and locks the row, so that nobody takes it away (a success elsewhere) before it is counted."""
FORGOTTEN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` failures cost nothing; the wait then begins at ``first`` and doubles up to ``longest``."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after the last of so many failures none is tried."""
        over = failures - self.free
        return min(self.first * 2 ** min(over, 20), self.longest) if over >= 0 else timedelta(0)


ACCOUNT = Limit(5, timedelta(minutes=1), timedelta(minutes=30))
ADDRESS = Limit(20, timedelta(minutes=1), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Counted:
    """What a try counts for, and by which limit."""

    key: str
    limit: Limit


class Tries:
    """Counts tries. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock, mark: Callable[[str], str]) -> None:
        """``mark``: makes of a key what is kept of it (``Vault.fingerprint``)."""
        self._store, self._clock, self._mark = store, clock, mark

    def take(self, counted: Sequence[Counted]) -> bool:
        """Count one try as failed; ``True`` when the next one will have to wait.

        Raises:
            TooManyTries: it has to wait already; this try is not counted.
        """
        now = self._clock.now()
        with self._store.session() as session:
            session.execute(delete(SignInCountRow).where(SignInCountRow.last_at < now - FORGOTTEN))
            rows = [(self._row(session, one.key, now), one.limit) for one in sorted(counted, key=lambda one: one.key)]
            left = max((limit.wait(row.failures) - (now - row.last_at) for row, limit in rows), default=timedelta(0))
            if left > timedelta(0):
                raise TooManyTries(math.ceil(left.total_seconds()))
            for row, _limit in rows:
                row.failures, row.last_at = row.failures + 1, now
            return any(limit.wait(row.failures) for row, limit in rows)

    def forgive(self, whole: Sequence[Counted], one_of: Sequence[Counted] = ()) -> None:
        """A try succeeded: all failures of ``whole`` are forgotten, and one of each in ``one_of``."""
        with self._store.session() as session:
            for counted in sorted([*whole, *one_of], key=lambda one: one.key):  # in the order of ``take``: neither waits for the other in turn
                row = session.get(SignInCountRow, self._mark(counted.key), with_for_update=True)
                if row is not None and counted in whole:
                    session.delete(row)
                    session.flush()
                elif row is not None:
                    row.failures = max(0, row.failures - 1)

    def _row(self, session: Session, key: str, now: datetime) -> SignInCountRow:
        """The count, locked; made where there is none, so that two tries at once share it."""
        mark = self._mark(key)
        session.execute(_MADE, {"mark": mark, "at": now})
        return session.scalars(select(SignInCountRow).filter_by(mark=mark)).one()


def of_address(address: str | None) -> list[Counted]:
    """What an address counts for: of IPv6 its /64; this machine itself (a proxy that names nobody) is not counted."""
    try:
        known = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return [Counted(f"address:{address}", ADDRESS)] if address else []
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    if known.is_loopback:
        return []
    network = ipaddress.ip_network((known, 64), strict=False) if known.version == 6 else known
    return [Counted(f"address:{network}", ADDRESS)]


def of_account(name: str) -> Counted:
    """What a sign-in name counts for, whether or not somebody has it."""
    return Counted(f"name:{name}", ACCOUNT)


def of_second(staff_id: str) -> Counted:
    """What an account's second factor counts for."""
    return Counted(f"second:{staff_id}", ACCOUNT)

"""Which members of staff look at the talks at present."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, exists, select, text, update

from aid.clock import Clock
from aid.language.seen import seen
from aid.store.engine import Store
from aid.store.service_rows import AttendanceRow
from aid.store.types import Moment

HERE = timedelta(minutes=2)
"""So long after his last sign a member of staff counts as there."""
MOST_SIGN = 16
# Told as SQL because both databases know it and SQLAlchemy has no common word for it.
_SIGN = text(
    "INSERT INTO attendance (staff, seen_at, sign) VALUES (:staff, :now, '') ON CONFLICT (staff) DO UPDATE SET seen_at = excluded.seen_at"
).bindparams(bindparam("now", type_=Moment))


class Attendance:
    """Signs of life of staff. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def here(self, staff_id: str) -> None:
        """This member of staff looks at the talks now; to be said at least once a minute while he does."""
        with self._store.transaction() as transaction:
            transaction.connection.execute(_SIGN, {"staff": staff_id, "now": self._clock.now()})

    def gone(self, staff_id: str) -> None:
        """He looks no more."""
        with self._store.session() as session:
            session.execute(update(AttendanceRow).where(AttendanceRow.staff == staff_id).values(seen_at=None))

    def call(self, staff_id: str, sign: str) -> None:
        """From now on people see this of him, at most 16 characters; empty: nothing but his center."""
        self.here(staff_id)
        with self._store.session() as session:
            session.execute(update(AttendanceRow).where(AttendanceRow.staff == staff_id).values(sign=" ".join(seen(sign).split())[:MOST_SIGN]))

    def sign(self, staff_id: str) -> str:
        """What people see of him."""
        with self._store.reading() as session:
            return session.scalar(select(AttendanceRow.sign).where(AttendanceRow.staff == staff_id)) or ""

    def is_anybody(self) -> bool:
        """Whether somebody of staff is there, who could take a talk."""
        with self._store.reading() as session:
            return bool(session.scalar(select(exists().where(AttendanceRow.seen_at > self._clock.now() - HERE))))

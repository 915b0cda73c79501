"""Figures out of the record, for Prometheus: cases by center and state, deadlines missed, messages and people that wait.

They are asked for when Prometheus asks, by a few counting statements, no oftener than every ``KEPT_SECONDS`` and never waited for longer than
``WAIT_SECONDS``: what is not there by then is given as it was, and its age beside it. Every replica of the doors tells the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from aid.clock import Clock, today
from aid.operations.figures import OTHER, closed
from aid.store.engine import Store
from aid.store.errors import StoreUnavailable
from aid.store.models import BoardRow, InboundRow
from aid.store.service_rows import ServiceRow

KEPT_SECONDS = 15.0
WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted, and when (``time.monotonic``)."""

    tickets: dict[tuple[str, str], int]
    overdue: dict[str, int]
    pending: int
    pending_seconds: float
    waiting: int
    waiting_seconds: float
    with_staff: int
    at: float


class RecordFigures(Collector):
    """Collects the figures when the registry is read."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        centers: Sequence[str],
        *,
        kept: float = KEPT_SECONDS,
        wait: float = WAIT_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``centers``: ids of the centers there are; a case at another one counts under ``other``."""
        self._store, self._clock, self._centers = store, clock, frozenset(centers)
        self._kept, self._wait, self._now = kept, wait, now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="figures")
        self._lock = threading.Lock()
        self._asked: Future[Counted] | None = None
        self._last: Counted | None = None
        self._is_up = False

    def describe(self) -> list[Metric]:
        """Nothing is asked when the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures; the newest that could be had."""
        counted = self._newest()
        yield GaugeMetricFamily("aid_record_up", "Whether the record was counted when last asked.", value=float(self._is_up))
        if counted is None:
            return
        yield GaugeMetricFamily("aid_record_figures_age_seconds", "Age of the figures out of the record.", value=self._now() - counted.at)
        tickets = GaugeMetricFamily("aid_tickets", "Cases, by the center that has them and their state.", labels=["center", "state"])
        for (center, state), count in sorted(counted.tickets.items()):
            tickets.add_metric([center, state], count)
        yield tickets
        overdue = GaugeMetricFamily("aid_tickets_overdue", "Open cases whose deadline has passed, by the center that has them.", labels=["center"])
        for center in sorted(self._centers | set(counted.overdue)):
            overdue.add_metric([center], counted.overdue.get(center, 0))
        yield overdue
        for name, told, value in (
            ("aid_messages_pending", "Messages that wait for their answer.", counted.pending),
            ("aid_messages_pending_oldest_seconds", "How long the oldest of them has waited.", counted.pending_seconds),
            ("aid_staff_waiting", "People on the list who wait for staff.", counted.waiting),
            ("aid_staff_waiting_oldest_seconds", "How long the first of them has waited.", counted.waiting_seconds),
            ("aid_staff_talks", "Talks that staff have.", counted.with_staff),
        ):
            yield GaugeMetricFamily(name, told, value=value)

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _newest(self) -> Counted | None:
        with self._lock:
            if self._is_up and self._last is not None and self._now() - self._last.at < self._kept:
                return self._last
            if self._asked is None:
                self._asked = self._thread.submit(self._count)
            try:
                self._last, self._is_up, self._asked = self._asked.result(self._wait), True, None
            except NotYet:  # it goes on; the next one to ask finds it
                self._is_up = False
            except (StoreUnavailable, SQLAlchemyError):
                self._is_up, self._asked = False, None
            return self._last

    def _count(self) -> Counted:
        with self._store.reading() as session:
            tickets, overdue = self._cases(session)
            now = self._clock.now()
            # Told as a word, so that SQLite knows its index of what is pending.
            is_pending = InboundRow.status == literal_column("'pending'")
            pending, oldest = session.execute(select(func.count(), func.min(InboundRow.received_at)).where(is_pending)).one()
            under_way = select(ServiceRow.state, func.count(), func.min(ServiceRow.asked_at)).where(ServiceRow.ended_at.is_(None))
            people = {state: (count, first) for state, count, first in session.execute(under_way.group_by(ServiceRow.state))}
        waiting, first = people.get("waiting", (0, None))
        taken, _first = people.get("taken", (0, None))
        return Counted(tickets, overdue, pending, _since(oldest, now), waiting, _since(first, now), taken, self._now())

    def _cases(self, session: Session) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
        late = (~BoardRow.is_closed) & (BoardRow.due_on < today(self._clock))
        query = select(BoardRow.receiver, BoardRow.state, func.count(), func.count().filter(late)).group_by(BoardRow.receiver, BoardRow.state)
        tickets: dict[tuple[str, str], int] = {}
        overdue: dict[str, int] = {}
        for receiver, state, count, missed in session.execute(query):
            center = receiver if receiver in self._centers else OTHER
            key = center, closed("state", state)
            tickets[key] = tickets.get(key, 0) + count
            overdue[center] = overdue.get(center, 0) + missed
        return tickets, overdue


def _since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0

"""What tickets and their logs say in plain, one row a case: brought up to date from the log before a report, never edited.

Matter, expo, present center and rating lie sealed in facts and log; opening fifty thousand seals takes longer than anybody waits for a
report. Logs are appended only, so a row that has read a log to its end is true; how far it has read stands in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, or_, select, text
from sqlalchemy.orm import Session

from aid.cases.errors import ForbiddenTransition
from aid.cases.life import State, next_state
from aid.cases.routing import Router
from aid.clock import CHANGCHUN
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import ConversationRow, ReportCaseRow, TicketEventRow, TicketRow

BATCH = 400
"""Cases that are read anew in one transaction."""
REPORT_LOCK = 20251  # any number that all processes share
MERGED = "merged"
"""The event of a ticket that was a duplicate and goes on in another one."""
_TELLING = ("transferred", "rated")
"""Events whose detail is opened; of the others kind and time are enough."""
OTHER_EVENT = "other"
"""Stands for an expo that is not in events.yml: how people name one is free text."""


class Logged(NamedTuple):
    """A line of a log; ``detail`` is empty where nobody asks for it."""

    seq: int
    kind: str
    at: datetime
    detail: dict[str, str]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A row of ``report_case``; see there."""

    ticket_id: str
    seq: int
    kind: str
    door: str
    event: str
    matter: str
    center: str
    state: str
    merged: bool
    received_on: str
    contacted_on: str | None
    closed_on: str | None
    score: str
    rated_on: str | None


def line_of(ticket_id: str, plain: dict[str, str], log: Sequence[Logged], answers: Collection[str], known_score: str = "") -> CaseLine:
    """The row of a case.

    Args:
        ticket_id: its id.
        plain: ``kind``, ``door``, ``event``, ``matter``, and ``center``, which received it first.
        log: its whole log, oldest first.
        answers: kinds of event that are a first contact.
        known_score: what was read of its last rating earlier; counts when its log no longer says (its personal data was deleted).
    """
    state: State | None = None
    center, merged, score = plain["center"], False, known_score
    contacted: str | None = None
    closed: str | None = None
    rated: str | None = None
    for event in log:
        with suppress(ForbiddenTransition):  # a step that this version does not know
            state = next_state(state, event.kind)  # type: ignore[arg-type]
        if contacted is None and event.kind in answers:
            contacted = _day(event.at)
        if event.kind in ("mediated", "concluded"):
            closed = _day(event.at)
        elif event.kind == "reopened":
            closed, merged = None, False
        elif event.kind == MERGED:
            merged = True
        elif event.kind == "transferred":
            center = event.detail.get("receiver", center)
        elif event.kind == "rated":
            score, rated = event.detail.get("score", known_score), _day(event.at)
    return CaseLine(
        ticket_id, log[-1].seq, plain["kind"], plain["door"], plain["event"], plain["matter"], center, state or "received", merged,
        _day(log[0].at), contacted, closed, score[:16], rated,
    )  # fmt: skip


class CaseLines:
    """Keeps ``report_case`` up to date. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, router: Router, answers: Collection[str]) -> None:
        """``answers``: kinds of event that are a first contact."""
        self._store, self._vault, self._answers = store, vault, frozenset(answers)
        self._code = lru_cache(maxsize=512)(router.event_code)

    def refresh(self) -> int:
        """Read what was filed or happened since the last time; gives how many cases. Safe beside others who do the same."""
        newest = select(TicketEventRow.ticket_id, func.max(TicketEventRow.seq).label("seq")).group_by(TicketEventRow.ticket_id).subquery()
        stale = (
            select(newest.c.ticket_id)
            .outerjoin(ReportCaseRow, ReportCaseRow.ticket_id == newest.c.ticket_id)
            .where(or_(ReportCaseRow.seq.is_(None), ReportCaseRow.seq < newest.c.seq))
        )
        with self._store.reading() as session:
            ids = list(session.scalars(stale))
        for start in range(0, len(ids), BATCH):
            with self._store.session() as session:
                one_at_a_time(session)
                self._read(session, ids[start : start + BATCH])
        return len(ids)

    def _read(self, session: Session, ids: Sequence[str]) -> None:
        """Replace the rows of these tickets; what is read after the lock is the newest."""
        scores = dict(session.execute(select(ReportCaseRow.ticket_id, ReportCaseRow.score).where(ReportCaseRow.ticket_id.in_(ids))).all())
        logs = self._logs(session, ids)
        ticket = select(TicketRow.id, TicketRow.kind, TicketRow.receiver, TicketRow.facts_sealed, ConversationRow.door, ConversationRow.event_code)
        rows = session.execute(
            ticket.outerjoin(ConversationRow, ConversationRow.id == TicketRow.conversation_id).where(TicketRow.id.in_(ids))
        ).all()
        lines = [asdict(line_of(row.id, self._plain(row), logs[row.id], self._answers, scores.get(row.id, ""))) for row in rows if row.id in logs]
        session.execute(delete(ReportCaseRow).where(ReportCaseRow.ticket_id.in_(ids)))
        if lines:
            session.execute(insert(ReportCaseRow), lines)

    def _logs(self, session: Session, ids: Sequence[str]) -> dict[str, list[Logged]]:
        row = TicketEventRow
        query = select(row.ticket_id, row.seq, row.kind, row.at, row.detail_sealed).where(row.ticket_id.in_(ids))
        logs: dict[str, list[Logged]] = {}
        for ticket_id, seq, kind, at, sealed in session.execute(query.order_by(row.ticket_id, row.seq)):
            detail = self._vault.decrypt_json(sealed) if kind in _TELLING else {}
            logs.setdefault(ticket_id, []).append(Logged(seq, kind, at, detail))
        return logs

    def _plain(self, row: Any) -> dict[str, str]:
        facts: dict[str, str] = self._vault.decrypt_json(row.facts_sealed)
        told = facts.get("event", "")
        event = (self._code(told) or OTHER_EVENT) if told else row.event_code or ""
        matter = facts.get("right_kind", "")[:64]
        return {"kind": row.kind, "door": row.door or "", "event": event, "matter": matter, "center": row.receiver}


def one_at_a_time(session: Session) -> None:
    """Let one process count at a time, until the end of the transaction (SQLite lets in one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": REPORT_LOCK})


def _day(moment: datetime) -> str:
    return moment.astimezone(CHANGCHUN).date().isoformat()

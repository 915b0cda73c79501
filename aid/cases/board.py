"""The board: what the staff's queue looks at, reckoned from each ticket and its log and written anew whenever the log grows.

It is an index and no record. Whoever adds to a log calls ``Board.draw`` in the same transaction, so the board never says what the log does not;
what another state of the rules reckoned (deadlines, calendar) is drawn again by ``catch_up``. A test holds it against the log.
Nothing in it depends on the present day: overdue is what the queue asks for by day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aid.cases.deadlines import Deadlines
from aid.cases.kinds import CaseKind, Facts
from aid.cases.life import CLOSED, State, state_of
from aid.cases.routing import Router
from aid.cases.ticket import TicketEvent, event_of
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import BoardCenterRow, BoardRow, TicketEventRow, TicketRow

FORM = "1"
"""Raised when the reckoning below changes: every row is then drawn again."""
AT_ONCE = 200
_TAKES = ("accepted", "started")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands by its log. ``clock`` and ``due_on``: the deadline that runs out first while the case is open."""

    state: State
    receiver: str
    seeing: frozenset[str]
    clock: str | None
    due_on: date | None
    due_is_estimate: bool
    paused: bool
    taken_by: str | None
    changed_at: datetime
    last_seq: int


def standing(kind: CaseKind, receiver: str, copies: Sequence[str], log: Sequence[TicketEvent], deadlines: Deadlines) -> Standing:
    """The standing by ``log``; ``receiver`` and ``copies`` are the ticket's own, of its filing."""
    state, taken_by, seeing = state_of(event.kind for event in log), None, set(copies)
    for event in log:
        if event.kind in ("routed", "transferred"):
            receiver, taken_by = event.detail.get("receiver", receiver), None
        elif event.kind in _TAKES:
            taken_by = event.actor.partition(":")[2] or None
        elif event.kind == "referred" and event.detail.get("helper"):
            seeing.add(event.detail["helper"])
    is_open = state not in CLOSED
    running = [one for one in deadlines.of(kind, log) if one.met_at is None] if is_open else []
    due = min(((one.due.day, one.rule.id, one.due.is_estimate) for one in running if one.due), default=None)
    return Standing(
        state=state,
        receiver=receiver,
        seeing=frozenset(seeing | {receiver}),
        clock=due[1] if due else None,
        due_on=due[0] if due else None,
        due_is_estimate=bool(due and due[2]),
        paused=any(one.due is None for one in running),
        taken_by=taken_by,
        changed_at=log[-1].at,
        last_seq=log[-1].seq,
    )


class Board:
    """Draws the board's rows. Every method may raise ``StoreUnavailable`` and ``CannotUnseal``."""

    def __init__(self, store: Store, vault: Vault, kinds: dict[str, CaseKind], router: Router, deadlines: Deadlines) -> None:
        self._store, self._vault, self._kinds, self._router, self._deadlines = store, vault, kinds, router, deadlines
        self.mark = f"{deadlines.mark(kinds.values())[:14]}-{FORM}"

    def draw(self, session: Session, ticket_id: str) -> None:
        """Write the row of one ticket anew, in the caller's transaction, which holds the ticket's row or made it."""
        self._draw(session, [session.get_one(TicketRow, ticket_id)])

    def catch_up(self, at_once: int = AT_ONCE, stopped: Callable[[], bool] = lambda: False) -> int:
        """Draw every ticket that has no row, or one by other rules, until ``stopped``; how many. What a crash left undone is done the next time."""
        drawn = 0
        stale = (
            select(TicketRow.id)
            .outerjoin(BoardRow, BoardRow.ticket_id == TicketRow.id)
            .where(or_(BoardRow.ticket_id.is_(None), BoardRow.reckoned_by != self.mark))
            .limit(at_once)
        )
        while True:
            with self._store.session() as session:
                ids = list(session.scalars(stale))
                locked = select(TicketRow).where(TicketRow.id.in_(ids)).order_by(TicketRow.id).with_for_update()
                self._draw(session, list(session.scalars(locked)))
            drawn += len(ids)
            if len(ids) < at_once or stopped():
                return drawn

    def _draw(self, session: Session, tickets: Sequence[TicketRow]) -> None:
        ids = [ticket.id for ticket in tickets]
        logs: dict[str, list[TicketEvent]] = {}
        events = select(TicketEventRow).where(TicketEventRow.ticket_id.in_(ids)).order_by(TicketEventRow.ticket_id, TicketEventRow.seq)
        for event in session.scalars(events):
            logs.setdefault(event.ticket_id, []).append(event_of(event, self._vault))
        rows = {row.ticket_id: row for row in session.scalars(select(BoardRow).where(BoardRow.ticket_id.in_(ids)))}
        centers: dict[str, list[BoardCenterRow]] = {}
        for center in session.scalars(select(BoardCenterRow).where(BoardCenterRow.ticket_id.in_(ids))):
            centers.setdefault(center.ticket_id, []).append(center)
        for ticket in tickets:
            self._draw_one(session, ticket, logs[ticket.id], rows.get(ticket.id), centers.get(ticket.id, []))
        session.flush()

    def _draw_one(
        self, session: Session, ticket: TicketRow, log: list[TicketEvent], row: BoardRow | None, centers: list[BoardCenterRow]
    ) -> None:
        now = standing(self._kinds[ticket.kind], ticket.receiver, ticket.copies, log, self._deadlines)
        if row is None:
            row = BoardRow(ticket_id=ticket.id, number=ticket.number, kind=ticket.kind, received_at=ticket.created_at)
            self._matter(row, self._kinds[ticket.kind], self._vault.decrypt_json(ticket.facts_sealed))
            session.add(row)
        row.state, row.is_closed, row.receiver = now.state, now.state in CLOSED, now.receiver
        row.clock, row.due_on, row.due_is_estimate, row.paused = now.clock, now.due_on, now.due_is_estimate, now.paused
        row.taken_by, row.changed_at, row.last_seq, row.reckoned_by = now.taken_by, now.changed_at, now.last_seq, self.mark
        held = {center.center: center for center in centers}
        for gone in held.keys() - now.seeing:
            session.delete(held[gone])
        for name in sorted(now.seeing):
            if name not in held:
                session.add(BoardCenterRow(ticket_id=ticket.id, center=name, holds=name == now.receiver))
            else:
                held[name].holds = name == now.receiver

    def _matter(self, row: BoardRow, kind: CaseKind, facts: Facts) -> None:
        """What the case is about, of the form's own words and days only: these stay when personal data is deleted."""
        of_type = {field.type: facts.get(field.key, "") for field in reversed(kind.fields) if not field.personal}
        row.expo = self._router.event_code(of_type["event"]) if of_type.get("event") else None
        row.matter = of_type.get("right") or None
        try:
            row.leaves_on = date.fromisoformat(facts.get("leaves_on", ""))
        except ValueError:
            row.leaves_on = None

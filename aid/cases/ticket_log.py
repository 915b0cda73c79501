"""The log of a ticket: appended only, by who may; state and receiver are what it says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aid.cases.board import Board
from aid.cases.errors import ForbiddenTransition, LogMoved, NotMergeable, UnknownReceiver
from aid.cases.life import CLOSED, SYSTEM, Actor, EventKind, State, check_step, open_to, state_of
from aid.cases.routing import Route, Router
from aid.cases.ticket import Ticket, TicketEvent, event_of
from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import TicketEventRow, TicketRow


class TicketLog:
    """Reads logs and appends to them. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, router: Router, board: Board) -> None:
        self._store, self._vault, self._clock, self._router, self._board = store, vault, clock, router, board

    def events(self, ticket: Ticket) -> list[TicketEvent]:
        """The log, oldest first."""
        with self._store.reading() as session:
            return self._read(session, ticket.id)

    def state(self, ticket: Ticket) -> State:
        """The state that the log ends in."""
        return state_of(event.kind for event in self.events(ticket))

    def open_to(self, ticket: Ticket, actor: Actor) -> list[EventKind]:
        """What ``actor`` may do to the ticket now."""
        return open_to([event.kind for event in self.events(ticket)], actor.role)

    def receiver(self, ticket: Ticket, log: Sequence[TicketEvent] | None = None) -> str:
        """Id of the center that has the ticket now: the last one it was routed or transferred to."""
        events = log if log is not None else self.events(ticket)
        moved = [event.detail["receiver"] for event in events if event.kind in ("routed", "transferred")]
        return moved[-1] if moved else ticket.receiver

    def add(
        self,
        ticket: Ticket,
        kind: EventKind,
        actor: Actor,
        detail: dict[str, str] | None = None,
        key: str | None = None,
        seen: int | None = None,
    ) -> TicketEvent:
        """Append an event; one with the same ``key`` (the message that brought it) is the same event.

        ``seen``: the last line that the one who acts has seen; ``None`` when he acts whatever stands there.

        Raises:
            LogMoved: there are lines after ``seen``; nothing was written.
            ForbiddenTransition: the present state does not allow this event, or ``actor`` may not do it; nothing was written.
            IncompleteEvent: ``detail`` does not say what the event must.
            UnknownReceiver: a transfer to no center, or to the present one.
            NotMergeable: the case that this one is to be joined to is unknown, the same, or over.
        """
        detail = detail or {}
        with self._store.session() as session:
            row = self._locked(session, ticket, detail.get("into"))
            log = self._read(session, ticket.id)
            if key is not None:
                same = select(TicketEventRow).filter_by(ticket_id=ticket.id, idempotency_key=key)
                if (known := session.scalars(same).first()) is not None:
                    return event_of(known, self._vault)
            if kind == "reopened" and row is not None and row.erased_at is not None:
                raise ForbiddenTransition("the personal data of this ticket has been deleted")
            if seen is not None and seen != len(log):
                raise LogMoved(seen, len(log))
            check_step([event.kind for event in log], kind, actor.role, detail)
            if kind == "transferred":
                self._check_receiver(detail["receiver"], self.receiver(ticket, log))
            if kind == "merged":
                self._join(session, ticket, detail["into"], actor)
            return self.append(session, ticket.id, len(log) + 1, kind, actor, detail, key)

    def done_by(self, key: str) -> tuple[str, TicketEvent] | None:
        """Ticket id and event that the message ``key`` brought: for a turn that runs again after a crash."""
        with self._store.reading() as session:
            row = session.scalars(select(TicketEventRow).filter_by(idempotency_key=key)).first()
            return (row.ticket_id, event_of(row, self._vault)) if row is not None else None

    def begin(self, session: Session, ticket_id: str, inbound_id: str, route: Route, alike: str) -> None:
        """The first two lines, in the transaction that makes the ticket; ``alike``: number of a ticket that may be the same case."""
        received = {"inbound": inbound_id, **({"alike": alike} if alike else {})}
        self._write(session, ticket_id, 1, "received", SYSTEM, received)
        routed = {"rule": route.rule, "receiver": route.receiver, **({"referral": route.referral} if route.referral else {})}
        self.append(session, ticket_id, 2, "routed", SYSTEM, routed)

    def append(
        self, session: Session, ticket_id: str, seq: int, kind: EventKind, actor: Actor, detail: dict[str, str], key: str | None = None
    ) -> TicketEvent:
        """Write one line and draw the board; whether it may follow is the caller's to check."""
        event = self._write(session, ticket_id, seq, kind, actor, detail, key)
        self._board.draw(session, ticket_id)
        return event

    def _write(
        self, session: Session, ticket_id: str, seq: int, kind: EventKind, actor: Actor, detail: dict[str, str], key: str | None = None
    ) -> TicketEvent:
        row = TicketEventRow(
            ticket_id=ticket_id,
            seq=seq,
            kind=kind,
            at=self._clock.now(),
            actor=str(actor),
            detail_sealed=self._vault.encrypt_json(detail),
            idempotency_key=key,
        )
        session.add(row)
        session.flush()
        return TicketEvent(seq, kind, row.at, row.actor, detail)

    def _locked(self, session: Session, ticket: Ticket, into: str | None) -> TicketRow | None:
        """The ticket's row, and with it that of the case it is joined to, in the order of their ids: two mergers at once wait and do not block."""
        both = select(TicketRow).where(or_(TicketRow.id == ticket.id, TicketRow.number == (into or ""))).order_by(TicketRow.id)
        return next((row for row in session.scalars(both.with_for_update()) if row.id == ticket.id), None)

    def _join(self, session: Session, ticket: Ticket, into: str, actor: Actor) -> None:
        """The other half of a merger, in its transaction: the case that goes on says which one was joined to it."""
        other = session.scalar(select(TicketRow).filter_by(number=into))
        if other is None or other.id == ticket.id:
            raise NotMergeable("unknown" if other is None else "same")
        log = self._read(session, other.id)
        if state_of(event.kind for event in log) in CLOSED:
            raise NotMergeable("closed")
        check_step([event.kind for event in log], "joined", actor.role, {"number": ticket.number})
        self.append(session, other.id, len(log) + 1, "joined", actor, {"number": ticket.number})

    def _read(self, session: Session, ticket_id: str) -> list[TicketEvent]:
        query = select(TicketEventRow).filter_by(ticket_id=ticket_id).order_by(TicketEventRow.seq)
        return [event_of(row, self._vault) for row in session.scalars(query)]

    def _check_receiver(self, receiver: str, present: str) -> None:
        try:
            self._router.center(receiver)
        except KeyError as fault:
            raise UnknownReceiver(f"no center {receiver}") from fault
        if receiver == present:
            raise UnknownReceiver(f"{receiver} has the ticket already")

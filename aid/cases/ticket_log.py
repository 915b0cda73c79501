"""The log of a ticket: appended only, by who may; state and receiver are what it says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from aid.cases.errors import ForbiddenTransition, UnknownReceiver
from aid.cases.life import SYSTEM, Actor, EventKind, State, check_step, open_to, state_of
from aid.cases.routing import Route, Router
from aid.cases.ticket import Ticket, TicketEvent, event_of
from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import TicketEventRow, TicketRow


class TicketLog:
    """Reads logs and appends to them. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, router: Router) -> None:
        self._store, self._vault, self._clock, self._router = store, vault, clock, router

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

    def add(self, ticket: Ticket, kind: EventKind, actor: Actor, detail: dict[str, str] | None = None, key: str | None = None) -> TicketEvent:
        """Append an event; one with the same ``key`` (the message that brought it) is the same event.

        Raises:
            ForbiddenTransition: the present state does not allow this event, or ``actor`` may not do it; nothing was written.
            IncompleteEvent: ``detail`` does not say what the event must.
            UnknownReceiver: a transfer to no center, or to the present one.
        """
        detail = detail or {}
        with self._store.session() as session:
            row = session.get(TicketRow, ticket.id, with_for_update=True)
            log = self._read(session, ticket.id)
            if key is not None:
                same = select(TicketEventRow).filter_by(ticket_id=ticket.id, idempotency_key=key)
                if (known := session.scalars(same).first()) is not None:
                    return event_of(known, self._vault)
            if kind == "reopened" and row is not None and row.erased_at is not None:
                raise ForbiddenTransition("the personal data of this ticket has been deleted")
            check_step([event.kind for event in log], kind, actor.role, detail)
            if kind == "transferred":
                self._check_receiver(detail["receiver"], self.receiver(ticket, log))
            return self.append(session, ticket.id, len(log) + 1, kind, actor, detail, key)

    def done_by(self, key: str) -> tuple[str, TicketEvent] | None:
        """Ticket id and event that the message ``key`` brought: for a turn that runs again after a crash."""
        with self._store.reading() as session:
            row = session.scalars(select(TicketEventRow).filter_by(idempotency_key=key)).first()
            return (row.ticket_id, event_of(row, self._vault)) if row is not None else None

    def begin(self, session: Session, ticket_id: str, inbound_id: str, route: Route, alike: str) -> None:
        """The first two lines, in the transaction that makes the ticket; ``alike``: number of a ticket that may be the same case."""
        received = {"inbound": inbound_id, **({"alike": alike} if alike else {})}
        self.append(session, ticket_id, 1, "received", SYSTEM, received)
        routed = {"rule": route.rule, "receiver": route.receiver, **({"referral": route.referral} if route.referral else {})}
        self.append(session, ticket_id, 2, "routed", SYSTEM, routed)

    def append(
        self, session: Session, ticket_id: str, seq: int, kind: EventKind, actor: Actor, detail: dict[str, str], key: str | None = None
    ) -> TicketEvent:
        """Write one line; whether it may follow is the caller's to check."""
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

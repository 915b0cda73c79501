"""Deletion of one person's data (个人信息保护法 47): talks whole; of a filed case everything that tells who he is.

Of a case whose data is deleted there stay number, kind, receiver, the matter in the form's own words, and the log's steps: so the
statistics and the numbers stay whole. A case that is still dealt with needs its person; it keeps his data until it is withdrawn or over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from aid.cases.kinds import Facts
from aid.cases.life import CLOSED, Actor, EventKind, State, state_of
from aid.cases.office import Office
from aid.clock import Clock
from aid.privacy.audit import Action, Audit, Reason
from aid.privacy.keepers import Keeper
from aid.privacy.persons import Found
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import Base, ConversationRow, TicketEventRow, TicketRow
from aid.store.people_rows import SightRow
from aid.store.sealed import guard_lifted, tables_with

IMPERSONAL = ("choice", "right", "event", "date")
"""Types of fields whose values are the form's own words or a day: they tell nothing about a person."""
IMPERSONAL_DETAIL = ("rule", "receiver")
"""Keys of an event's detail that tell where a case went; all others may hold a person's words."""
OF_TICKETS = {"ticket_event", "evidence", "evidence_access", "sight"}
"""Tables of a ticket whose deletion is written below or by a keeper. A test holds that a table added later is here or of a conversation."""
Verdict = Literal["erase", "withdraw", "under_way", "erased"]


@dataclass(frozen=True, slots=True)
class PlannedTicket:
    """What becomes of a ticket: its data is deleted, deleted after withdrawal, kept since the case is under way, or gone already."""

    id: str
    number: str
    state: State
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be deleted, told before it is done. ``kept``: talks that belong to a case which is still under way."""

    tickets: list[PlannedTicket]
    conversations: list[str]
    kept: list[str]
    unclear: list[str]

    @property
    def refused(self) -> list[PlannedTicket]:
        """The tickets that keep their data."""
        return [ticket for ticket in self.tickets if ticket.verdict == "under_way"]


class Erasure:
    """Deletes personal data. Every method may raise ``StoreUnavailable``; what was done then stays done, it is run again."""

    def __init__(
        self, store: Store, vault: Vault, clock: Clock, office: Office, audit: Audit, keepers: Sequence[Keeper] = ()
    ) -> None:
        self._store, self._vault, self._clock, self._office = store, vault, clock, office
        self._kinds, self._audit, self._keepers = office.kinds, audit, keepers

    def plan(self, found: Found, *, withdraw: bool = False) -> Plan:
        """What becomes of what was found; with ``withdraw``, cases under way are withdrawn first."""
        tickets = []
        with self._store.reading() as session:
            for id_ in found.tickets:
                row, state = session.get_one(TicketRow, id_), _state(session, id_)
                open_verdict: Verdict = "withdraw" if withdraw else "under_way"
                verdict = "erased" if row.erased_at else "erase" if state in CLOSED else open_verdict
                tickets.append(PlannedTicket(id_, row.number, state, verdict))
            staying = {t.id for t in tickets if t.verdict == "under_way"}
            needed = set(session.scalars(select(TicketRow.conversation_id).where(TicketRow.id.in_(staying))))
        going = [id_ for id_ in found.conversations if id_ not in needed]
        return Plan(tickets, going, [id_ for id_ in found.conversations if id_ in needed], found.unclear)

    def carry_out(self, plan: Plan, action: Action, reason: Reason) -> Counter[str]:
        """Do it and write it down; gives the rows deleted or emptied, by table."""
        done: Counter[str] = Counter()
        try:
            for ticket in plan.tickets:
                if ticket.verdict == "withdraw":
                    self._withdraw(ticket)
                if ticket.verdict != "under_way":
                    done.update(self._erase_ticket(ticket.id))
            for conversation_id in plan.conversations:
                done.update(self.delete_conversation(conversation_id))
        finally:  # what was done before a fault is written down too
            self._audit.note(action, reason, +done)
        return +done

    def delete_conversation(self, conversation_id: str, unused_since: datetime | None = None) -> Counter[str]:
        """Delete a talk with its messages, drafts and memory; with ``unused_since`` only when nothing was said from that moment on."""
        done: Counter[str] = Counter()
        with self._store.reading() as session:
            if unused_since and was_used(session, conversation_id, unused_since):
                return done
        self._erase_kept(done, [], [conversation_id])  # first: a crash in between leaves a talk that is deleted the next time
        others = {TicketRow.__tablename__, *(name for keeper in self._keepers for name in keeper.tables)}
        with self._store.session() as session:
            row = session.get(ConversationRow, conversation_id, with_for_update=True)
            if row is None or (unused_since and was_used(session, conversation_id, unused_since)):
                return +done
            for table in reversed(tables_with("conversation_id")):
                if table.name not in others:
                    gone = session.connection().execute(delete(table).where(table.columns["conversation_id"] == conversation_id))
                    done[table.name] += gone.rowcount
            self._empty_sights(session, SightRow.talk, conversation_id)
            session.delete(row)
            done["conversation"] += 1
        return +done

    def _withdraw(self, ticket: PlannedTicket) -> None:
        known = self._office.tickets.numbered(ticket.number)
        if known is not None and self._office.log.state(known) not in CLOSED:
            self._office.log.add(known, "withdrawn", Actor("supervisor", self._audit.actor))

    def _erase_ticket(self, ticket_id: str) -> Counter[str]:
        """Empty a closed ticket, and what is kept beside the tables; nothing is done when it was taken up again meanwhile."""
        done: Counter[str] = Counter()
        with self._store.session() as session:
            row = session.get_one(TicketRow, ticket_id, with_for_update=True)
            if _state(session, ticket_id) not in CLOSED:
                return done
            if row.erased_at is None:
                self._empty(session, row)
                done["ticket"] += 1
        self._erase_kept(done, [ticket_id], [])  # a crash in between is made good by running it again
        return +done

    def _erase_kept(self, done: Counter[str], tickets: list[str], conversations: list[str]) -> None:
        for keeper in self._keepers:
            done[keeper.name] += keeper.erase(tickets, conversations)

    def _empty(self, session: Session, row: TicketRow) -> None:
        facts = self._impersonal(row.kind, self._vault.decrypt_json(row.facts_sealed))
        row.parties_sealed, row.person_hash = None, None
        row.facts_sealed, row.erased_at = self._vault.encrypt_json(facts), self._clock.now()
        self._empty_log(session, row.id)
        self._empty_sights(session, SightRow.ticket_id, row.id)

    def _impersonal(self, kind: str, facts: Facts) -> Facts:
        kept = {field.key for field in self._kinds[kind].fields if field.type in IMPERSONAL and not field.personal}
        return {key: value for key, value in facts.items() if key in kept}

    def _empty_sights(self, session: Session, whose: InstrumentedAttribute[str | None], id_: str) -> None:
        """Who saw it and why stays; the words of his own in which he said why may tell of the person."""
        table = Base.metadata.tables[SightRow.__tablename__]
        said = table.c[whose.key] == id_, table.c.words_sealed.is_not(None)
        if session.execute(select(table.c.id).where(*said).limit(1)).first() is not None:
            with guard_lifted(session.connection(), table):
                session.connection().execute(update(table).where(*said).values(words_sealed=None))

    def _empty_log(self, session: Session, ticket_id: str) -> None:
        """The steps, moments and actors stay; of the details only where the case went."""
        table = Base.metadata.tables[TicketEventRow.__tablename__]
        rows = session.execute(select(table.c.seq, table.c.detail_sealed).where(table.c.ticket_id == ticket_id)).all()
        connection = session.connection()
        with guard_lifted(connection, table):
            for seq, sealed in rows:
                detail = {key: value for key, value in self._vault.decrypt_json(sealed).items() if key in IMPERSONAL_DETAIL}
                this = update(table).where(table.c.ticket_id == ticket_id, table.c.seq == seq)
                connection.execute(this.values(detail_sealed=self._vault.encrypt_json(detail)))


def was_used(session: Session, conversation_id: str, since: datetime) -> bool:
    """Whether a talk was begun or something was said in it from ``since`` on."""
    inbound, conversation = Base.metadata.tables["inbound"], Base.metadata.tables["conversation"]
    said = select(inbound.c.id).where(inbound.c.conversation_id == conversation_id, inbound.c.received_at >= since)
    begun = select(conversation.c.id).where(conversation.c.id == conversation_id, conversation.c.created_at >= since)
    return any(session.execute(query.limit(1)).first() is not None for query in (said, begun))


def _state(session: Session, ticket_id: str) -> State:
    log: Iterable[EventKind] = session.scalars(select(TicketEventRow.kind).filter_by(ticket_id=ticket_id).order_by(TicketEventRow.seq))
    return state_of(log)

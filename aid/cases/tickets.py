"""Tickets: filing a draft once and only once, looking a ticket up, and its append-only log."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aid.cases.calendar import DueDay, WorkingDays
from aid.cases.cards import shown, summary_lines
from aid.cases.drafts import Draft
from aid.cases.errors import DraftGone, DraftNotReady, TicketNotFound, TooManyAttempts
from aid.cases.kinds import CaseKind, Facts
from aid.cases.life import EventKind, Labels, State, next_state, state_of
from aid.cases.lookups import WRONG_LOOKUPS, note_wrong_lookup, wrong_lookups
from aid.cases.routing import Router
from aid.clock import CHANGCHUN, Clock
from aid.language.numerals import fold
from aid.privacy.vault import Vault
from aid.replies import ReceiptCard, StatusCard, SummaryCard, SummaryLine
from aid.store.engine import Store
from aid.store.messages import new_id
from aid.store.models import DraftRow, TicketEventRow, TicketRow

CODE_SIGNS = "ACDEFGHJKMNPQRTUWXY34679"  # of 0 O, 1 I L, 2 Z, 5 S, 8 B none; of U V only U
CODE_LENGTH = 8
SYSTEM = "system"
_NEXT_NUMBER = text(
    "INSERT INTO counter (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = counter.last + 1 RETURNING last"
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A filed case. ``facts`` hold no personal data; that is in ``parties``. An anonymous one has no consent.

    ``erased_at``: when the personal data was deleted; ``parties`` is empty from then on.
    """

    id: str
    number: str
    lookup_code: str
    kind: str
    draft_id: str
    idempotency_key: str
    conversation_id: str
    receiver: str
    copies: list[str]
    reasons: list[str]
    parties: Facts
    facts: Facts
    consent_version: str | None
    consent_at: datetime | None
    created_at: datetime
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of the log; ``actor`` is ``system`` or a member of staff, ``detail`` what the event adds."""

    seq: int
    kind: EventKind
    at: datetime
    actor: str
    detail: dict[str, str]


class Tickets:
    """Files and reads tickets. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        calendar: WorkingDays,
        kinds: dict[str, CaseKind],
        router: Router,
        labels: Labels,
    ) -> None:
        self._store, self._vault, self._clock = store, vault, clock
        self._calendar, self._kinds, self._router, self._labels = calendar, kinds, router, labels

    def file(self, draft: Draft, inbound_id: str) -> tuple[Ticket, bool]:
        """Make the draft a ticket, in one transaction; a second call for the draft or the inbound gives the first's.

        The draft is emptied: what it held is in the ticket, sealed.

        Raises:
            DraftGone: the draft was cancelled.
            DraftNotReady: a needed fact or the consent is missing.
        """
        with self._store.session() as session:
            row = session.get(DraftRow, draft.id, with_for_update=True)
            made = select(TicketRow).where((TicketRow.draft_id == draft.id) | (TicketRow.idempotency_key == inbound_id))
            if (known := session.scalars(made).first()) is not None:
                return self._ticket(known), False
            if row is None or row.state != "open":
                raise DraftGone("the draft is no longer open")
            ticket = self._new_ticket(session, row, inbound_id)
            row.state, row.asked, row.last_inbound_id = "filed", None, inbound_id
            row.facts_sealed = self._vault.encrypt_json({})
            return ticket, True

    def find(self, number: str, code: str, conversation_id: str) -> Ticket:
        """The ticket with this number and lookup code.

        Raises:
            TicketNotFound: they do not fit; never says whether the number exists, and takes the same time.
            TooManyAttempts: 5 wrong lookups in 10 minutes from this conversation or for this number.
        """
        number = re.sub(r"\s", "", fold(number)).upper()[:32]
        code = re.sub(r"[\s-]", "", fold(code)).upper()[:32]
        with self._store.session() as session:
            if wrong_lookups(session, self._clock.now(), conversation_id, number) >= WRONG_LOOKUPS:
                raise TooManyAttempts("too many wrong lookups")
            row = session.scalar(select(TicketRow).filter_by(number=number))
            fits = self._vault.matches(code, row.lookup_code_hash if row else "0" * 64)
            if row is not None and fits:
                return self._ticket(row)
            note_wrong_lookup(session, self._clock.now(), conversation_id, number)
        raise TicketNotFound("number and lookup code do not fit")

    def latest_of(self, conversation_id: str) -> Ticket | None:
        """The newest ticket that this conversation filed."""
        query = select(TicketRow).filter_by(conversation_id=conversation_id)
        query = query.order_by(TicketRow.created_at.desc(), TicketRow.number.desc())
        with self._store.reading() as session:
            row = session.scalars(query.limit(1)).first()
            return self._ticket(row) if row is not None else None

    def of(self, conversation_id: str) -> list[Ticket]:
        """Every ticket that this conversation filed, oldest first."""
        query = select(TicketRow).filter_by(conversation_id=conversation_id).order_by(TicketRow.number)
        with self._store.reading() as session:
            return [self._ticket(row) for row in session.scalars(query)]

    def numbered(self, number: str) -> Ticket | None:
        """The ticket of this number, for staff; people look up by ``find``."""
        with self._store.reading() as session:
            row = session.scalar(select(TicketRow).filter_by(number=number))
            return self._ticket(row) if row is not None else None

    def filed_by(self, inbound_id: str) -> Ticket | None:
        """The ticket that this message made: for a turn that runs again after a crash."""
        with self._store.reading() as session:
            row = session.scalar(select(TicketRow).filter_by(idempotency_key=inbound_id))
            return self._ticket(row) if row is not None else None

    def events(self, ticket: Ticket) -> list[TicketEvent]:
        """The log, oldest first."""
        query = select(TicketEventRow).filter_by(ticket_id=ticket.id).order_by(TicketEventRow.seq)
        with self._store.reading() as session:
            return [self._event(row) for row in session.scalars(query)]

    def state(self, ticket: Ticket) -> State:
        """The state that the log ends in."""
        return state_of(event.kind for event in self.events(ticket))

    def add_event(
        self, ticket: Ticket, kind: EventKind, actor: str, detail: dict[str, str] | None = None
    ) -> TicketEvent:
        """Append to the log.

        Raises:
            ForbiddenTransition: the present state does not allow this event; nothing was written.
        """
        with self._store.session() as session:
            session.get(TicketRow, ticket.id, with_for_update=True)
            query = select(TicketEventRow.kind).filter_by(ticket_id=ticket.id).order_by(TicketEventRow.seq)
            log: list[EventKind] = list(session.scalars(query))
            next_state(state_of(log), kind)
            return self._append(session, ticket.id, len(log) + 1, kind, actor, detail or {})

    def expected(self, ticket: Ticket) -> DueDay:
        """The day by which a first contact is expected; an estimate while the target or a calendar is not confirmed."""
        kind = self._kinds[ticket.kind]
        received = ticket.created_at.astimezone(CHANGCHUN).date()
        due = self._calendar.after(received, kind.first_contact_working_days)
        return DueDay(due.day, due.is_estimate or not kind.verified)

    def summary_card(self, draft: Draft) -> SummaryCard:
        """The read-back of a draft: facts with personal data masked, receiving center and why."""
        route = self._router.route_facts(draft.kind, draft.facts)
        return SummaryCard(
            case_kind=draft.kind,
            lines=summary_lines(self._kinds[draft.kind], draft.facts) + self._carried(draft),
            receiver=self._router.public_label(route.receiver),
            reasons=route.reasons,
            notes=self._kinds[draft.kind].said_beside(draft.facts),
        )

    def _carried(self, draft: Draft) -> list[SummaryLine]:
        """What was told while the draft was of another kind and this kind does not ask for: it is filed too."""
        own = {field.key for field in self._kinds[draft.kind].fields}
        others = {field.key: field for kind in self._kinds.values() for field in kind.fields}
        told = [(others[key], value) for key, value in draft.facts.items() if value and key in others and key not in own]
        return [SummaryLine(field=field.key, label=field.label, value=shown(field, value)) for field, value in told]

    def receipt_card(self, ticket: Ticket) -> ReceiptCard:
        """What the person takes away."""
        due = self.expected(ticket)
        return ReceiptCard(
            number=ticket.number,
            lookup_code=ticket.lookup_code,
            receiver=self._router.public_label(ticket.receiver),
            reasons=ticket.reasons,
            expected=due.day,
            expected_is_estimate=due.is_estimate,
            phones=self._router.phones(ticket.receiver),
            materials=self._kinds[ticket.kind].materials,
        )

    def status_card(self, ticket: Ticket) -> StatusCard:
        """Where the ticket stands; no personal data."""
        events = self.events(ticket)
        state = state_of(event.kind for event in events)
        return StatusCard(
            number=ticket.number,
            state=state,
            state_label=self._labels.states[state],
            receiver=self._router.public_label(ticket.receiver),
            received=ticket.created_at.astimezone(CHANGCHUN).date(),
            expected=self.expected(ticket).day,
            events=[f"{event.at:%Y-%m-%d %H:%M} {self._labels.events[event.kind]}" for event in events],
        )

    def _new_ticket(self, session: Session, draft: DraftRow, inbound_id: str) -> Ticket:
        kind = self._kinds[draft.kind]
        facts: Facts = self._vault.decrypt_json(draft.facts_sealed)
        missing = kind.missing(facts)
        agreed = draft.consent_version is not None and draft.consent_at is not None
        if missing or (kind.needs_consent(facts) and not agreed):
            raise DraftNotReady(missing or ["consent"])
        route = self._router.route_facts(kind.kind, facts)
        code, now = new_lookup_code(), self._clock.now()
        personal = kind.personal_keys() if kind.needs_consent(facts) else set()
        facts = {key: value for key, value in facts.items() if key in personal or key not in kind.personal_keys()}
        row = TicketRow(
            id=new_id(),
            number=self._next_number(session, now.astimezone(CHANGCHUN).year),
            lookup_code_hash=self._vault.fingerprint(code),
            lookup_code_sealed=self._vault.encrypt(code),
            kind=kind.kind,
            draft_id=draft.id,
            idempotency_key=inbound_id,
            conversation_id=draft.conversation_id,
            receiver=route.receiver,
            copies=route.copies,
            reasons=route.reasons,
            parties_sealed=self._vault.encrypt_json({k: v for k, v in facts.items() if k in personal}),
            facts_sealed=self._vault.encrypt_json(
                {k: v for k, v in facts.items() if k not in personal and not k.endswith("#doubt")}
            ),
            consent_version=draft.consent_version,
            consent_at=draft.consent_at,
            created_at=now,
        )
        session.add(row)
        session.flush()
        self._append(session, row.id, 1, "received", SYSTEM, {"inbound": inbound_id})
        self._append(session, row.id, 2, "routed", SYSTEM, {"rule": route.rule, "receiver": route.receiver})
        return self._ticket(row)

    def _next_number(self, session: Session, year: int) -> str:
        return f"CC-{year}-{session.execute(_NEXT_NUMBER, {'year': year}).scalar_one():06d}"

    def _append(
        self, session: Session, ticket_id: str, seq: int, kind: EventKind, actor: str, detail: dict[str, str]
    ) -> TicketEvent:
        row = TicketEventRow(
            ticket_id=ticket_id,
            seq=seq,
            kind=kind,
            at=self._clock.now(),
            actor=actor,
            detail_sealed=self._vault.encrypt_json(detail),
        )
        session.add(row)
        session.flush()
        return TicketEvent(seq, kind, row.at, actor, detail)

    def _event(self, row: TicketEventRow) -> TicketEvent:
        detail = self._vault.decrypt_json(row.detail_sealed)
        return TicketEvent(row.seq, row.kind, row.at, row.actor, detail)  # type: ignore[arg-type]

    def _ticket(self, row: TicketRow) -> Ticket:
        return Ticket(
            id=row.id,
            number=row.number,
            lookup_code=self._vault.decrypt(row.lookup_code_sealed),
            kind=row.kind,
            draft_id=row.draft_id,
            idempotency_key=row.idempotency_key,
            conversation_id=row.conversation_id,
            receiver=row.receiver,
            copies=list(row.copies),
            reasons=list(row.reasons),
            parties=self._vault.decrypt_json(row.parties_sealed) if row.parties_sealed else {},
            facts=self._vault.decrypt_json(row.facts_sealed),
            consent_version=row.consent_version,
            consent_at=row.consent_at,
            created_at=row.created_at,
            erased_at=row.erased_at,
        )


def new_lookup_code() -> str:
    """8 random signs without look-alikes, at least one letter and one figure (so that it is known for a code)."""
    while True:
        code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
        if any(sign.isdigit() for sign in code) and any(sign.isalpha() for sign in code):
            return code

"""Tickets: filing a draft once and only once, and finding a ticket."""

from __future__ import annotations

import re
import secrets

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aid.cases.drafts import Draft
from aid.cases.errors import DraftGone, DraftNotReady, TicketNotFound, TooManyAttempts
from aid.cases.kinds import CaseKind, Facts
from aid.cases.likeness import LIKE_WITHIN, alike, phone_digits
from aid.cases.lookups import WRONG_LOOKUPS, note_wrong_lookup, wrong_lookups
from aid.cases.routing import Router
from aid.cases.ticket import Ticket, ticket_of
from aid.cases.ticket_log import TicketLog
from aid.clock import CHANGCHUN, Clock, today
from aid.evidence.binding import bind_to_ticket
from aid.language.numerals import fold
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.messages import new_id
from aid.store.models import DraftRow, TicketRow

CODE_SIGNS = "ACDEFGHJKMNPQRTUWXY34679"  # of 0 O, 1 I L, 2 Z, 5 S, 8 B none; of U V only U
CODE_LENGTH = 8
_NEXT_NUMBER = text(
    "INSERT INTO counter (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = counter.last + 1 RETURNING last"
)


class Tickets:
    """Files and finds tickets. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, kinds: dict[str, CaseKind], router: Router, log: TicketLog) -> None:
        self._store, self._vault, self._clock = store, vault, clock
        self._kinds, self._router, self._log = kinds, router, log

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
                return ticket_of(known, self._vault), False
            if row is None or row.state != "open":
                raise DraftGone("the draft is no longer open")
            ticket = self._new_ticket(session, row, inbound_id)
            bind_to_ticket(session, draft.id, ticket.id)
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
                return ticket_of(row, self._vault)
            note_wrong_lookup(session, self._clock.now(), conversation_id, number)
        raise TicketNotFound("number and lookup code do not fit")

    def latest_of(self, conversation_id: str) -> Ticket | None:
        """The newest ticket that this conversation filed."""
        query = select(TicketRow).filter_by(conversation_id=conversation_id)
        query = query.order_by(TicketRow.created_at.desc(), TicketRow.number.desc())
        with self._store.reading() as session:
            row = session.scalars(query.limit(1)).first()
            return ticket_of(row, self._vault) if row is not None else None

    def of(self, conversation_id: str) -> list[Ticket]:
        """Every ticket that this conversation filed, oldest first."""
        query = select(TicketRow).filter_by(conversation_id=conversation_id).order_by(TicketRow.number)
        with self._store.reading() as session:
            return [ticket_of(row, self._vault) for row in session.scalars(query)]

    def numbered(self, number: str) -> Ticket | None:
        """The ticket of this number, for staff; people look up by ``find``."""
        with self._store.reading() as session:
            row = session.scalar(select(TicketRow).filter_by(number=number))
            return ticket_of(row, self._vault) if row is not None else None

    def by_id(self, ticket_id: str) -> Ticket | None:
        """The ticket of this id."""
        with self._store.reading() as session:
            row = session.get(TicketRow, ticket_id)
            return ticket_of(row, self._vault) if row is not None else None

    def filed_by(self, inbound_id: str) -> Ticket | None:
        """The ticket that this message made: for a turn that runs again after a crash."""
        with self._store.reading() as session:
            row = session.scalar(select(TicketRow).filter_by(idempotency_key=inbound_id))
            return ticket_of(row, self._vault) if row is not None else None

    def _new_ticket(self, session: Session, draft: DraftRow, inbound_id: str) -> Ticket:
        kind = self._kinds[draft.kind]
        facts: Facts = self._vault.decrypt_json(draft.facts_sealed)
        missing = kind.missing(facts)
        consents = kind.needs_consent(facts)
        if missing or (consents and (draft.consent_version is None or draft.consent_at is None)):
            raise DraftNotReady(missing or ["consent"])
        route = self._router.route_facts(kind.kind, facts, today(self._clock))
        code, now = new_lookup_code(), self._clock.now()
        personal = kind.personal_keys() if consents else set()
        facts = {key: value for key, value in facts.items() if key in personal or key not in kind.personal_keys()}
        like = self._alike(session, facts)
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
            # An anonymous case keeps no consent, though one may have been given before the person chose to be anonymous.
            consent_version=draft.consent_version if consents else None,
            consent_at=draft.consent_at if consents else None,
            person_hash=self._vault.fingerprint(phone_digits(facts)) if phone_digits(facts) else None,
            created_at=now,
        )
        session.add(row)
        session.flush()
        self._log.begin(session, row.id, inbound_id, route, like.number if like else "")
        return ticket_of(row, self._vault)

    def _alike(self, session: Session, facts: Facts) -> Ticket | None:
        """The ticket of the same telephone that may be the same case, whatever conversation filed it: told to staff alone."""
        digits = phone_digits(facts)
        if not digits:
            return None
        now = self._clock.now()
        marked = TicketRow.person_hash.in_(self._vault.fingerprints(digits))
        rows = session.scalars(select(TicketRow).where(marked, TicketRow.created_at >= now - LIKE_WITHIN))
        return alike((ticket_of(row, self._vault) for row in rows), facts, now)

    def _next_number(self, session: Session, year: int) -> str:
        return f"CC-{year}-{session.execute(_NEXT_NUMBER, {'year': year}).scalar_one():06d}"


def new_lookup_code() -> str:
    """8 random signs without look-alikes, at least one letter and one figure (so that it is known for a code)."""
    while True:
        code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
        if any(sign.isdigit() for sign in code) and any(sign.isalpha() for sign in code):
            return code

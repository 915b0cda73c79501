"""Cases being written down: kept at every step, so that a crash or a lost line loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aid.cases.errors import AnotherDraftOpen, DraftGone
from aid.cases.kinds import Facts
from aid.clock import Clock
from aid.evidence.binding import bind_to_draft, drop_of_draft
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.messages import new_id
from aid.store.models import ConversationRow, DraftRow

CONSENT = "consent"
"""Key of the fact that says ``yes`` once the person has agreed to the privacy notice."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A case being written down; ``last_inbound_id`` is the message that it has taken last."""

    id: str
    conversation_id: str
    kind: str
    origin_inbound_id: str
    facts: Facts
    asked: str | None
    failures: int
    last_inbound_id: str
    consent_version: str | None
    consent_at: datetime | None
    state: str


class Drafts:
    """Reads and writes drafts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, consent_version: str) -> None:
        """``consent_version``: the version of the privacy notice in force; kept with each consent."""
        self._store, self._vault, self._clock, self._consent_version = store, vault, clock, consent_version

    def open(self, conversation_id: str, kind: str, inbound_id: str) -> Draft:
        """Begin a draft. The same inbound gives the same draft again; an open one of this kind is gone on with.

        Raises:
            AnotherDraftOpen: the conversation has an open draft of another kind.
        """
        with self._store.session() as session:
            # Of two turns that begin at the same moment (one of them a repeat) the second waits here and finds the first's draft.
            session.get(ConversationRow, conversation_id, with_for_update={"key_share": True})
            same = session.scalar(select(DraftRow).filter_by(origin_inbound_id=inbound_id))
            row = same or self._open_row(session, conversation_id)
            if row is not None and row.kind != kind:
                raise AnotherDraftOpen(row.kind)
            if row is None:
                row = DraftRow(
                    id=new_id(),
                    conversation_id=conversation_id,
                    kind=kind,
                    origin_inbound_id=inbound_id,
                    facts_sealed=self._vault.encrypt_json({}),
                    asked=None,
                    failures=0,
                    last_inbound_id=inbound_id,
                    state="open",
                    created_at=self._clock.now(),
                )
                session.add(row)
                bind_to_draft(session, conversation_id, row.id)
            return self._draft(row)

    def current(self, conversation_id: str) -> Draft | None:
        """The conversation's open draft, if there is one."""
        with self._store.reading() as session:
            row = self._open_row(session, conversation_id)
            return self._draft(row) if row is not None else None

    def save(self, draft: Draft, *, facts: Facts, asked: str | None, inbound_id: str, failures: int) -> Draft:
        """Keep what ``inbound_id`` said; the consent's version and moment are noted when it is first given.

        Raises:
            DraftGone: the draft was filed or cancelled meanwhile.
        """
        with self._store.session() as session:
            row = self._row(session, draft)
            row.facts_sealed = self._vault.encrypt_json(facts)
            row.asked, row.last_inbound_id, row.failures = asked, inbound_id, failures
            if facts.get(CONSENT) == "yes" and row.consent_at is None:
                row.consent_version, row.consent_at = self._consent_version, self._clock.now()
            return self._draft(row)

    def change_kind(self, draft: Draft, kind: str, *, facts: Facts, asked: str | None, inbound_id: str) -> Draft:
        """Make it a draft of another kind with these facts; consent that was given stays given. Raises ``DraftGone``."""
        with self._store.session() as session:
            row = self._row(session, draft)
            row.kind, row.facts_sealed = kind, self._vault.encrypt_json(facts)
            row.asked, row.last_inbound_id, row.failures = asked, inbound_id, 0
            return self._draft(row)

    def cancel(self, draft: Draft, inbound_id: str) -> Draft:
        """End the draft; everything that was filled in or sent for it is deleted. Raises ``DraftGone``."""
        with self._store.session() as session:
            return self.cancel_in(session, draft, inbound_id)

    def cancel_in(self, session: Session, draft: Draft, inbound_id: str) -> Draft:
        """The same within the caller's transaction. Raises ``DraftGone``; nothing was changed then."""
        row = self._row(session, draft)
        row.facts_sealed = self._vault.encrypt_json({})
        row.state, row.asked, row.last_inbound_id = "cancelled", None, inbound_id
        row.consent_version = row.consent_at = None
        session.flush()
        drop_of_draft(session, row.id)
        return self._draft(row)

    def refuse_consent(self, draft: Draft, inbound_id: str) -> Draft:
        """The person does not agree: without a way to reach him nothing can be filed, so the draft ends.

        Personal data goes, and with it all that was filled in (个人信息保护法 47). Raises ``DraftGone``.
        """
        return self.cancel(draft, inbound_id)

    def ended_by(self, inbound_id: str) -> Draft | None:
        """The cancelled draft whose last message is ``inbound_id``: for a turn that runs again after a crash."""
        query = select(DraftRow).filter_by(last_inbound_id=inbound_id, state="cancelled")
        with self._store.reading() as session:
            row = session.scalars(query).first()
            return self._draft(row) if row is not None else None

    def _open_row(self, session: Session, conversation_id: str) -> DraftRow | None:
        return session.scalar(select(DraftRow).filter_by(conversation_id=conversation_id, state="open"))

    def _row(self, session: Session, draft: Draft) -> DraftRow:
        row = session.get(DraftRow, draft.id, with_for_update=True)
        if row is None or row.state != "open":
            raise DraftGone("the draft is no longer open")
        return row

    def _draft(self, row: DraftRow) -> Draft:
        return Draft(
            id=row.id,
            conversation_id=row.conversation_id,
            kind=row.kind,
            origin_inbound_id=row.origin_inbound_id,
            facts=self._vault.decrypt_json(row.facts_sealed),
            asked=row.asked,
            failures=row.failures,
            last_inbound_id=row.last_inbound_id,
            consent_version=row.consent_version,
            consent_at=row.consent_at,
            state=row.state,
        )

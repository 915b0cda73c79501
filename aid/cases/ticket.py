"""What a ticket and a line of its log are, and how they are read from their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aid.cases.kinds import Facts
from aid.cases.life import EventKind
from aid.privacy.vault import Vault
from aid.store.models import TicketEventRow, TicketRow


@dataclass(frozen=True, slots=True)
class Ticket:
    """A filed case. ``facts`` hold no personal data; that is in ``parties``. An anonymous one has no consent.

    ``erased_at``: when the personal data was deleted; ``parties`` is empty from then on.
    ``receiver`` is who received it first; who has it now is what its log says (``TicketLog.receiver``).
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
    """One line of the log; ``actor`` is a role with, for staff, a name (``handler:…``), ``detail`` what the event adds."""

    seq: int
    kind: EventKind
    at: datetime
    actor: str
    detail: dict[str, str]


def ticket_of(row: TicketRow, vault: Vault) -> Ticket:
    """The ticket of a row. Raises ``CannotUnseal``."""
    return Ticket(
        id=row.id,
        number=row.number,
        lookup_code=vault.decrypt(row.lookup_code_sealed),
        kind=row.kind,
        draft_id=row.draft_id,
        idempotency_key=row.idempotency_key,
        conversation_id=row.conversation_id,
        receiver=row.receiver,
        copies=list(row.copies),
        reasons=list(row.reasons),
        parties=vault.decrypt_json(row.parties_sealed) if row.parties_sealed else {},
        facts=vault.decrypt_json(row.facts_sealed),
        consent_version=row.consent_version,
        consent_at=row.consent_at,
        created_at=row.created_at,
        erased_at=row.erased_at,
    )


def event_of(row: TicketEventRow, vault: Vault) -> TicketEvent:
    """The event of a row. Raises ``CannotUnseal``."""
    return TicketEvent(row.seq, row.kind, row.at, row.actor, vault.decrypt_json(row.detail_sealed))  # type: ignore[arg-type]

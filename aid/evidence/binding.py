"""To which case a file belongs. Called by drafts and tickets inside their own transactions, so that both change together."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from aid.store.models import EvidenceRow


def bind_to_draft(session: Session, conversation_id: str, draft_id: str) -> None:
    """A case is begun: what waits in the conversation belongs to it."""
    waiting = update(EvidenceRow).filter_by(conversation_id=conversation_id, draft_id=None, ticket_id=None)
    session.execute(waiting.values(draft_id=draft_id))


def bind_to_ticket(session: Session, draft_id: str, ticket_id: str) -> None:
    """The draft is filed: its files are filed with it. What came after the read-back waits in the conversation."""
    session.execute(update(EvidenceRow).filter_by(draft_id=draft_id, ticket_id=None).values(ticket_id=ticket_id))


def drop_of_draft(session: Session, draft_id: str) -> None:
    """The draft is cancelled: nothing names its files any more. ``EvidenceFiles.erase`` or the next sweep deletes the bytes."""
    session.execute(delete(EvidenceRow).filter_by(draft_id=draft_id, ticket_id=None))

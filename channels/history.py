"""Both sides of a conversation as a door shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select

from aid.privacy.vault import Vault
from aid.store import Store
from aid.store.messages import Messages, StoredReply
from aid.store.models import InboundRow, ReplyRow
from aid.takeover.states import BOT, Service, service_of


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said. ``text`` of a tapped choice is its label; of a file, what stands for it; ``file`` is its id."""

    inbound_id: str
    client_id: str
    seq: int
    created_at: datetime
    text: str
    choice_id: str | None
    file: str | None = None

    def public(self) -> dict[str, Any]:
        """Ready for JSON; the time is ISO 8601."""
        return {
            "inbound_id": self.inbound_id,
            "client_id": self.client_id,
            "seq": self.seq,
            "created_at": self.created_at.isoformat(timespec="milliseconds"),
            "text": self.text,
            "choice_id": self.choice_id,
            "file": self.file,
        }


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The replies after a number, what was said to call them forth, whether an answer is still to come, and who speaks."""

    said: list[Said]
    replies: list[StoredReply]
    pending: bool
    service: Service = BOT


class History:
    """Reads conversations back."""

    def __init__(self, store: Store, vault: Vault, messages: Messages) -> None:
        self._store, self._vault, self._messages = store, vault, messages

    def read(self, conversation_id: str, after: int = 0) -> Excerpt:
        """Everything after reply ``after`` (0: the whole conversation). Raises ``StoreUnavailable``."""
        answered = exists().where(ReplyRow.inbound_id == InboundRow.id, ReplyRow.number <= after)
        # What is said to staff has no reply of its own: it is known with the next thing that is said in the talk.
        known = select(func.max(InboundRow.seq)).join(ReplyRow, ReplyRow.inbound_id == InboundRow.id)
        known = known.where(InboundRow.conversation_id == conversation_id, ReplyRow.author != "bot", ReplyRow.number <= after)
        is_new = or_(InboundRow.status == "pending", InboundRow.seq > func.coalesce(known.scalar_subquery(), 0))
        query = select(InboundRow).where(InboundRow.conversation_id == conversation_id, ~answered, is_new)
        with self._store.reading() as session:
            service = service_of(session, conversation_id)
            rows = list(session.scalars(query.order_by(InboundRow.seq)))
        # Replies are read last: a turn that ends in between is then shown as pending with its replies, never as
        # over without them.
        replies = self._messages.replies_after(conversation_id, after)
        pending = service.state != "staff" and any(row.status == "pending" for row in rows)
        return Excerpt([self._said(row) for row in rows], replies, pending, service)

    def _said(self, row: InboundRow) -> Said:
        text = self._vault.decrypt(row.text_sealed)
        return Said(row.id, row.client_id, row.seq, row.received_at, text, row.choice_id, row.evidence_id)

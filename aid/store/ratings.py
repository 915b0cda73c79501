"""What people say of answers: solved or not, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import select

from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.errors import UnknownReply
from aid.store.models import ConversationRow, RatingRow, ReplyRow

Reason = Literal["wrong", "unclear", "incomplete", "other"]
REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Rated:
    """What was last said of an answer."""

    solved: bool
    reason: str | None


class Ratings:
    """Keeps ratings. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    def rate(self, conversation_id: str, number: int, solved: bool, reason: Reason | None) -> None:
        """Keep what is said of the answer with this reply number; a second word replaces the first.

        Raises:
            UnknownReply: the reply is not of this conversation, or is no answer.
        """
        with self._store.session() as session:
            # Locks the talk: one that is being deleted gets no rating that would outlive it.
            session.get(ConversationRow, conversation_id, with_for_update=True)
            sealed = session.scalar(select(ReplyRow.body_sealed).filter_by(conversation_id=conversation_id, number=number))
            card = (self._vault.decrypt_json(sealed).get("card") or {}) if sealed else {}
            if card.get("kind") != "answer":
                raise UnknownReply("there is no such answer in this conversation")
            row = session.get(RatingRow, (conversation_id, number))
            if row is None:
                row = RatingRow(conversation_id=conversation_id, reply_number=number, entry=card["entry"])
                session.add(row)
            row.solved, row.reason, row.at = solved, None if solved else reason, self._clock.now()

    def of(self, conversation_id: str) -> dict[int, Rated]:
        """What was said in this conversation, by the answers' reply numbers."""
        row = RatingRow
        with self._store.reading() as session:
            rows = session.execute(select(row.reply_number, row.solved, row.reason).filter_by(conversation_id=conversation_id)).all()
        return {number: Rated(solved, reason) for number, solved, reason in rows}

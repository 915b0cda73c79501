"""Replies as rows: numbered, sealed, with what their choices mean."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.replies import Choice, Reply
from aid.store import statements
from aid.store.models import ReplyRow
from aid.store.records import StoredReply


class ReplyRows:
    """Writes and reads them. Who writes holds the conversation's row, and has numbered the replies in it."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault, self._clock = vault, clock

    def store(
        self,
        connection: Connection,
        conversation_id: str,
        inbound_id: str,
        replies: Sequence[Reply],
        last: int,
        author_id: str | None = None,
        client_id: str | None = None,
    ) -> list[StoredReply]:
        """Store the replies, of which the last one has the number ``last``; ``author_id`` is the member of staff who wrote them.

        ``client_id`` is kept with the last one; a second one with the same raises ``sqlalchemy.exc.IntegrityError``.
        """
        if not replies:
            return []
        now, first = self._clock.now(), last - len(replies) + 1
        stored, rows, choices = [], [], []
        for number, reply in enumerate(replies, first):
            body = reply.model_dump(mode="json", exclude={"choices"})
            ids = [new_id() for _ in reply.choices]
            body["choices"] = [{"id": id_, "label": c.label} for id_, c in zip(ids, reply.choices, strict=True)]
            stored.append(StoredReply(conversation_id, number, inbound_id, now, body))
            rows.append(self._values(stored[-1], reply.author.kind if reply.author else "bot", author_id))
            rows[-1]["client_id"] = client_id if number == last else None
            choices += [(number, id_, choice) for id_, choice in zip(ids, reply.choices, strict=True)]
        connection.execute(statements.ADD_REPLY, rows)
        if choices:
            connection.execute(statements.ADD_CHOICE, [self._choice_values(conversation_id, *c) for c in choices])
        return stored

    def read(self, row: ReplyRow | Row[Any]) -> StoredReply:
        """The reply of a row."""
        body = self._vault.decrypt_json(row.body_sealed)
        return StoredReply(row.conversation_id, row.number, row.inbound_id, row.created_at, body)

    def _values(self, reply: StoredReply, author: str, author_id: str | None) -> dict[str, Any]:
        return {
            "conversation_id": reply.conversation_id,
            "number": reply.number,
            "inbound_id": reply.inbound_id,
            "created_at": reply.created_at,
            "body_sealed": self._vault.encrypt_json(reply.body),
            "author": author,
            "author_id": author_id,
        }

    def _choice_values(self, conversation_id: str, number: int, choice_id: str, choice: Choice) -> dict[str, Any]:
        return {
            "id": choice_id,
            "conversation_id": conversation_id,
            "reply_number": number,
            "label_sealed": self._vault.encrypt(choice.label),
            "payload_sealed": self._vault.encrypt_json(choice.payload),
        }


def new_id() -> str:
    """22 random characters, safe in addresses; 128 bits, so none is guessed."""
    return secrets.token_urlsafe(16)

"""Writes what staff and the house say into a talk, in the transaction that changes who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from aid.replies import Reply
from aid.store.errors import ConversationClosed, UnknownConversation
from aid.store.models import ConversationRow, InboundRow
from aid.store.records import StoredReply
from aid.store.reply_rows import ReplyRows
from aid.takeover.errors import NothingSaid

_TALK = ConversationRow


def write(
    connection: Connection,
    rows: ReplyRows,
    conversation_id: str,
    replies: Sequence[Reply],
    *conditions: ColumnElement[bool],
    author_id: str | None = None,
    client_id: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> list[StoredReply] | None:
    """Change the open conversation where ``conditions`` hold and write ``replies`` (each with an author); ``None`` where they do not hold.

    The change locks the row: what the bot says in the same moment comes before it, or not at all.

    ``client_id`` is the sending's own id; one that is known raises ``sqlalchemy.exc.IntegrityError``.

    Raises:
        NothingSaid: there is no message yet.
    """
    change = update(_TALK).where(_TALK.id == conversation_id, _TALK.state == "open", *conditions)
    change = change.values(last_number=_TALK.last_number + len(replies), **(changes or {})).returning(_TALK.last_number)
    last = connection.scalar(change)
    if last is None:
        return None
    if not replies:
        return []
    newest = connection.scalar(select(InboundRow.id).filter_by(conversation_id=conversation_id).order_by(InboundRow.seq.desc()).limit(1))
    if newest is None:
        raise NothingSaid("nothing has been said in this talk")
    return rows.store(connection, conversation_id, newest, replies, last, author_id, client_id)


def owner_of(connection: Connection, conversation_id: str) -> str | None:
    """Which member of staff has the open talk; ``None``: the bot. Raises ``UnknownConversation``, ``ConversationClosed``."""
    row = connection.execute(select(_TALK.state, _TALK.owner_id).where(_TALK.id == conversation_id)).one_or_none()
    if row is None:
        raise UnknownConversation("no conversation has this id")
    if row.state != "open":
        raise ConversationClosed("the conversation has ended")
    owner: str | None = row.owner_id
    return owner

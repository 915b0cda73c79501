"""Conversations, what people send, what they are answered: the hub's side of the record."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RootTransaction, Row, func, select, update

from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.replies import Choice, Reply
from aid.store import statements
from aid.store.engine import Store
from aid.store.errors import ConversationClosed, TurnTaken, UnknownChoice, UnknownConversation, UnknownInbound
from aid.store.leases import NOBODY, Leases
from aid.store.models import ChoiceRow, ConversationRow, InboundRow, ReplyRow, columns
from aid.store.records import Arrival as Arrival
from aid.store.records import Beside as Beside
from aid.store.records import Conversation as Conversation
from aid.store.records import Inbound as Inbound
from aid.store.records import Standing as Standing
from aid.store.records import StoredReply as StoredReply


class Messages:
    """Reads and writes conversations. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock
        self.leases = Leases(store)

    def open_conversation(self, door: str, event: str | None = None) -> Conversation:
        """Begin a conversation at ``door`` (web, kiosk, wechat), at the expo ``event`` where there is one."""
        conversation = Conversation(new_id(), door, event, self._clock.now(), 0, 0, "open")
        with self._store.session() as session:
            session.add(ConversationRow(id=conversation.id, door=door, event_code=event, created_at=conversation.created_at, last_seq=0))
        return conversation

    def conversation(self, conversation_id: str) -> Conversation:
        """The conversation. Raises ``UnknownConversation``."""
        with self._store.reading() as session:
            row = session.get(ConversationRow, conversation_id)
        if row is None:
            raise UnknownConversation("no conversation has this id")
        return _conversation(row)

    def standing(self, inbound_id: str) -> Standing:
        """How things stand with a message before its turn. Raises ``UnknownInbound``."""
        with self._store.reading() as session:
            found = session.connection().execute(statements.STANDING, {"inbound": inbound_id}).one_or_none()
        if found is None:
            raise UnknownInbound("no message has this id")
        return Standing(_conversation(found), found.turn_holder, found.status == "pending")

    def bump_epoch(self, conversation_id: str, holder: str | None = None) -> int:
        """Start the talk afresh in the same conversation; gives the new epoch.

        Raises:
            UnknownConversation
            TurnTaken: a ``holder`` is named and no longer runs the conversation's turns.
        """
        conditions = [] if holder is None else [ConversationRow.turn_holder == holder]
        try:
            return self._changed(conversation_id, *conditions, epoch=ConversationRow.epoch + 1).epoch
        except UnknownConversation as fault:
            if holder is None:
                raise
            raise TurnTaken("another replica runs this conversation now") from fault

    def close_conversation(self, conversation_id: str) -> None:
        """End the conversation: it takes no more messages. Raises ``UnknownConversation``."""
        self._changed(conversation_id, state="closed")

    def add_inbound(
        self, conversation_id: str, client_id: str, text: str, choice_id: str | None = None, beside: Beside | None = None
    ) -> tuple[Inbound, bool]:
        """Store what came in, for anybody to answer; a second call with the same ``client_id`` gives the first message and ``False``.

        Raises:
            UnknownConversation, ConversationClosed
        """
        arrival = self.arrive(conversation_id, client_id, text, choice_id, beside)
        return arrival.inbound, arrival.is_new

    def arrive(
        self,
        conversation_id: str,
        client_id: str,
        text: str,
        choice_id: str | None = None,
        beside: Beside | None = None,
        holder: str = NOBODY,
    ) -> Arrival:
        """Store what came in; a second call with the same ``client_id`` gives the first message.

        ``beside`` is called for a new message only, when it is sure to be taken; what it raises undoes all. Where nobody runs the
        conversation's turns, ``holder`` does from now on (``aid.store.leases``).

        Raises:
            UnknownConversation, ConversationClosed
        """
        with self._store.transaction() as transaction:
            return self._added(transaction, conversation_id, client_id, text, holder, "pending", choice_id, beside)

    def add_answered(self, conversation_id: str, client_id: str, text: str, answer: Callable[[str], Sequence[Reply]]) -> Inbound:
        """Store what came in with what the door itself answers to it, at once, so that no turn runs; ``answer`` is given the message's id.

        A known ``client_id`` gives the first message, and nothing is stored.

        Raises:
            UnknownConversation, ConversationClosed
        """
        with self._store.transaction() as transaction:
            arrival = self._added(transaction, conversation_id, client_id, text, None, "done")
            if arrival.is_new:
                replies, connection = answer(arrival.inbound.id), transaction.connection
                more = {"inbound": arrival.inbound.id, "holder": None, "more": len(replies)}
                last = connection.execute(statements.MORE_REPLIES, more).one().last_number
                self._store_replies(connection, conversation_id, arrival.inbound.id, replies, last)
        return arrival.inbound

    def inbound(self, inbound_id: str) -> Inbound:
        """The message. Raises ``UnknownInbound``."""
        with self._store.reading() as session:
            return self._inbound(columns(_known(session.get(InboundRow, inbound_id))))

    def pending(self, conversation_id: str | None = None) -> list[Inbound]:
        """What waits for its answer, of one conversation or of all: in order within each, the longest waiting conversation first."""
        waiting_since = func.min(InboundRow.received_at).over(partition_by=InboundRow.conversation_id)
        query = select(InboundRow).filter_by(status="pending").order_by(waiting_since, InboundRow.conversation_id, InboundRow.seq)
        if conversation_id is not None:
            query = select(InboundRow).filter_by(status="pending", conversation_id=conversation_id).order_by(InboundRow.seq)
        with self._store.reading() as session:
            return [self._inbound(columns(row)) for row in session.scalars(query)]

    def start_turn(self, inbound_id: str) -> int:
        """Count one more attempt at this message's turn and give the count. Raises ``UnknownInbound``."""
        counted = update(InboundRow).filter_by(id=inbound_id).values(attempts=InboundRow.attempts + 1)
        with self._store.session() as session:
            attempts: int | None = session.scalar(counted.returning(InboundRow.attempts))
        if attempts is None:
            raise UnknownInbound("no message has this id")
        return attempts

    def finish_turn(self, inbound_id: str, replies: Sequence[Reply], holder: str | None = None) -> list[StoredReply]:
        """Store the turn's replies and mark the message done, in one transaction; after the last one the conversation is let go.

        ``holder`` is who runs the turns; ``None``: whoever does. A message whose turn is over (done or failed) keeps the replies it has;
        these are given back instead.

        Raises:
            UnknownInbound
            TurnTaken: ``holder`` no longer runs the conversation's turns; nothing was stored.
        """
        return self._end_turn(inbound_id, replies, "done", holder)

    def fail_turn(self, inbound_id: str, replies: Sequence[Reply] = (), holder: str | None = None) -> list[StoredReply]:
        """As ``finish_turn``, but the message is marked failed; ``replies`` tell the person what to do now."""
        return self._end_turn(inbound_id, replies, "failed", holder)

    def replies_after(self, conversation_id: str, number: int = 0) -> list[StoredReply]:
        """The conversation's replies with a greater number, in order (none for an unknown conversation)."""
        query = select(ReplyRow).where(ReplyRow.conversation_id == conversation_id, ReplyRow.number > number)
        with self._store.reading() as session:
            return [self._reply(row) for row in session.scalars(query.order_by(ReplyRow.number))]

    def choice(self, conversation_id: str, choice_id: str) -> Choice:
        """Label and payload of a choice of this conversation. Raises ``UnknownChoice``."""
        with self._store.reading() as session:
            row = session.get(ChoiceRow, choice_id)
        if row is None or row.conversation_id != conversation_id:
            raise UnknownChoice("no choice has this id in this conversation")
        payload = self._vault.decrypt_json(row.payload_sealed)
        return Choice(label=self._vault.decrypt(row.label_sealed), payload=payload)

    def _added(
        self,
        transaction: RootTransaction,
        conversation_id: str,
        client_id: str,
        text: str,
        holder: str | None,
        status: str,
        choice_id: str | None = None,
        beside: Beside | None = None,
    ) -> Arrival:
        connection = transaction.connection
        # The update locks the row: what comes in for one conversation is numbered one after the other.
        place = connection.execute(statements.NEXT_SEQ, {"conversation": conversation_id, "holder": holder}).one_or_none()
        same = {"conversation": conversation_id, "client": client_id}
        others = connection.execute(statements.SAME_OR_PENDING, same).mappings().all()
        known = next((row for row in others if row["client_id"] == client_id), None)
        if known is not None:
            transaction.rollback()
            return Arrival(self._inbound(dict(known)), False, None, False)
        if place is None:
            raise _refusal(connection.scalar(statements.STATE, {"conversation": conversation_id}))
        inbound_id = new_id()
        values = {
            "id": inbound_id,
            "conversation_id": conversation_id,
            "client_id": client_id,
            "seq": place.last_seq,
            "text_sealed": self._vault.encrypt(text),
            "choice_id": choice_id,
            "evidence_id": beside(connection, inbound_id) if beside else None,
            "received_at": self._clock.now(),
            "status": status,
            "attempts": 0,
        }
        connection.execute(statements.ADD_INBOUND, values)
        return Arrival(self._inbound(values, text), True, place.turn_holder, not others)

    def _changed(self, conversation_id: str, *conditions: ColumnElement[bool], **values: Any) -> ConversationRow:
        change = update(ConversationRow).where(*conditions).filter_by(id=conversation_id).values(**values).returning(ConversationRow)
        with self._store.session() as session:
            row = session.scalar(change)
        if row is None:
            raise UnknownConversation("no conversation has this id")
        return row

    def _end_turn(self, inbound_id: str, replies: Sequence[Reply], status: str, holder: str | None) -> list[StoredReply]:
        of_it = {"inbound": inbound_id}
        with self._store.transaction() as transaction:
            connection = transaction.connection
            # The conversation is locked before anything is looked at: who has lost it stores nothing.
            held = connection.execute(statements.MORE_REPLIES, {**of_it, "holder": holder, "more": len(replies)}).one_or_none()
            if held is None or connection.scalar(statements.END_TURN, {**of_it, "ended": status}) is None:
                over = [self._reply(row) for row in connection.execute(statements.OWN_REPLIES, of_it)]
                known = connection.scalar(statements.STATUS, of_it)
                transaction.rollback()
                if known is None:
                    raise UnknownInbound("no message has this id")
                if known == "pending":
                    raise TurnTaken("another replica runs this conversation now")
                return over
            stored = self._store_replies(connection, held.id, inbound_id, replies, held.last_number)
            connection.execute(statements.LET_GO, {"conversation": held.id, "holder": holder})
            return stored

    def _store_replies(
        self, connection: Connection, conversation_id: str, inbound_id: str, replies: Sequence[Reply], last: int
    ) -> list[StoredReply]:
        if not replies:
            return []
        now, first = self._clock.now(), last - len(replies) + 1
        stored, choices = [], []
        for number, reply in enumerate(replies, first):
            body = reply.model_dump(mode="json", exclude={"choices"})
            ids = [new_id() for _ in reply.choices]
            body["choices"] = [{"id": id_, "label": c.label} for id_, c in zip(ids, reply.choices, strict=True)]
            stored.append(StoredReply(conversation_id, number, inbound_id, now, body))
            choices += [(number, id_, choice) for id_, choice in zip(ids, reply.choices, strict=True)]
        connection.execute(statements.ADD_REPLY, [self._reply_values(reply) for reply in stored])
        if choices:
            connection.execute(statements.ADD_CHOICE, [self._choice_values(conversation_id, *c) for c in choices])
        return stored

    def _reply_values(self, reply: StoredReply) -> dict[str, Any]:
        return {
            "conversation_id": reply.conversation_id,
            "number": reply.number,
            "inbound_id": reply.inbound_id,
            "created_at": reply.created_at,
            "body_sealed": self._vault.encrypt_json(reply.body),
        }

    def _choice_values(self, conversation_id: str, number: int, choice_id: str, choice: Choice) -> dict[str, Any]:
        return {
            "id": choice_id,
            "conversation_id": conversation_id,
            "reply_number": number,
            "label_sealed": self._vault.encrypt(choice.label),
            "payload_sealed": self._vault.encrypt_json(choice.payload),
        }

    def _reply(self, row: ReplyRow | Row[Any]) -> StoredReply:
        body = self._vault.decrypt_json(row.body_sealed)
        return StoredReply(row.conversation_id, row.number, row.inbound_id, row.created_at, body)

    def _inbound(self, values: dict[str, Any], text: str | None = None) -> Inbound:
        sealed = values["text_sealed"]
        rest = {name: value for name, value in values.items() if name != "text_sealed"}
        return Inbound(text=self._vault.decrypt(sealed) if text is None else text, **rest)


def new_id() -> str:
    """22 random characters, safe in addresses; 128 bits, so none is guessed."""
    return secrets.token_urlsafe(16)


def _conversation(row: ConversationRow | Row[Any]) -> Conversation:
    return Conversation(row.id, row.door, row.event_code, row.created_at, row.epoch, row.last_number, row.state)


def _known(row: InboundRow | None) -> InboundRow:
    if row is None:
        raise UnknownInbound("no message has this id")
    return row


def _refusal(state: str | None) -> UnknownConversation | ConversationClosed:
    if state is None:
        return UnknownConversation("no conversation has this id")
    return ConversationClosed("the conversation has ended")

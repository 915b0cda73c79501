"""Conversations, what people send, what they are answered: the hub's side of the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RootTransaction, Row, func, select, update

from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.replies import Choice, Reply
from aid.store import statements
from aid.store.engine import Store
from aid.store.errors import ConversationClosed, StaffHaveIt, TurnTaken, UnknownChoice, UnknownConversation, UnknownInbound
from aid.store.leases import NOBODY, Leases
from aid.store.models import ChoiceRow, ConversationRow, InboundRow, ReplyRow, columns
from aid.store.records import Arrival as Arrival
from aid.store.records import Beside as Beside
from aid.store.records import Conversation as Conversation
from aid.store.records import Inbound as Inbound
from aid.store.records import Standing as Standing
from aid.store.records import StoredReply as StoredReply
from aid.store.reply_rows import ReplyRows
from aid.store.reply_rows import new_id as new_id


class Messages:
    """Reads and writes conversations. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock
        self._rows = ReplyRows(vault, clock)
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
        conversation's turns, ``holder`` does from now on (``aid.store.leases``). While staff have the talk it is theirs, and calls forth no turn.

        Raises:
            UnknownConversation, ConversationClosed
        """
        with self._store.transaction() as transaction:
            return self._added(transaction, conversation_id, client_id, text, holder, choice_id, beside)

    def add_answered(
        self, conversation_id: str, client_id: str, text: str, answer: Callable[[str], Sequence[Reply]], to_staff: Sequence[Reply] = ()
    ) -> Inbound:
        """Store what came in with what the door itself answers to it, at once, so that no turn runs; ``answer`` is given the message's id.

        A known ``client_id`` gives the first message, and nothing is stored. While staff have the talk the message is theirs to answer;
        ``to_staff`` is what the house (its author) must say even then.

        Raises:
            UnknownConversation, ConversationClosed
        """
        with self._store.transaction() as transaction:
            arrival = self._added(transaction, conversation_id, client_id, text, None, answered=True)
            replies = answer(arrival.inbound.id) if arrival.has_turn else to_staff
            if arrival.is_new and replies:
                connection = transaction.connection
                rights = {"holder": None, "since_tenure": None, "unowned": not arrival.has_turn}
                more = {"inbound": arrival.inbound.id, "more": len(replies), **rights}
                last = connection.execute(statements.MORE_REPLIES, more).one().last_number
                self._rows.store(connection, conversation_id, arrival.inbound.id, replies, last)
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

    def finish_turn(
        self, inbound_id: str, replies: Sequence[Reply], holder: str | None = None, tenure: int | None = None
    ) -> list[StoredReply]:
        """Store the turn's replies and mark the message done, in one transaction; after the last one the conversation is let go.

        ``holder`` is who runs the turns; ``None`` for an answer that a door gives itself, out of turn. ``tenure`` is that of the conversation
        when the turn began. A message whose turn is over (done or failed) keeps the replies it has; these are given back instead. What the
        house itself says (``author``) is stored whoever has the talk.

        Raises:
            UnknownInbound
            TurnTaken: ``holder`` no longer runs the conversation's turns; nothing was stored.
            StaffHaveIt: staff have taken the talk over since then; nothing was stored, the message still waits for the end of its turn.
        """
        return self._end_turn(inbound_id, replies, "done", holder, tenure)

    def fail_turn(
        self, inbound_id: str, replies: Sequence[Reply] = (), holder: str | None = None, tenure: int | None = None
    ) -> list[StoredReply]:
        """As ``finish_turn``, but the message is marked failed; ``replies`` tell the person what to do now."""
        return self._end_turn(inbound_id, replies, "failed", holder, tenure)

    def replies_after(self, conversation_id: str, number: int = 0) -> list[StoredReply]:
        """The conversation's replies with a greater number, in order (none for an unknown conversation)."""
        query = select(ReplyRow).where(ReplyRow.conversation_id == conversation_id, ReplyRow.number > number)
        with self._store.reading() as session:
            return [self._rows.read(row) for row in session.scalars(query.order_by(ReplyRow.number))]

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
        choice_id: str | None = None,
        beside: Beside | None = None,
        answered: bool = False,
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
            "status": "pending" if place.owner == "bot" and not answered else "done",
            "attempts": 0,
        }
        connection.execute(statements.ADD_INBOUND, values)
        return Arrival(self._inbound(values, text), True, place.turn_holder, not others, place.owner == "bot")

    def _changed(self, conversation_id: str, *conditions: ColumnElement[bool], **values: Any) -> ConversationRow:
        change = update(ConversationRow).where(*conditions).filter_by(id=conversation_id).values(**values).returning(ConversationRow)
        with self._store.session() as session:
            row = session.scalar(change)
        if row is None:
            raise UnknownConversation("no conversation has this id")
        return row

    def _end_turn(
        self, inbound_id: str, replies: Sequence[Reply], status: str, holder: str | None, tenure: int | None
    ) -> list[StoredReply]:
        of_it = {"inbound": inbound_id}
        rights = {"holder": holder, "since_tenure": tenure, "unowned": all(reply.author for reply in replies)}
        with self._store.transaction() as transaction:
            connection = transaction.connection
            # The conversation is locked before anything is looked at: who has lost it, or no longer speaks in it, stores nothing.
            held = connection.execute(statements.MORE_REPLIES, {**of_it, **rights, "more": len(replies)}).one_or_none()
            if held is None or connection.scalar(statements.END_TURN, {**of_it, "ended": status}) is None:
                over = [self._rows.read(row) for row in connection.execute(statements.OWN_REPLIES, of_it)]
                known = connection.execute(statements.STANDING, of_it).one_or_none()
                transaction.rollback()
                if known is None:
                    raise UnknownInbound("no message has this id")
                if known.status == "pending" and holder not in (None, known.turn_holder):
                    raise TurnTaken("another replica runs this conversation now")
                if known.status == "pending":
                    raise StaffHaveIt("staff have taken the talk over")
                return over
            stored = self._rows.store(connection, held.id, inbound_id, replies, held.last_number)
            connection.execute(statements.LET_GO, {"conversation": held.id, "holder": holder})
            return stored

    def _inbound(self, values: dict[str, Any], text: str | None = None) -> Inbound:
        sealed = values["text_sealed"]
        rest = {name: value for name, value in values.items() if name != "text_sealed"}
        return Inbound(text=self._vault.decrypt(sealed) if text is None else text, **rest)


def _conversation(row: ConversationRow | Row[Any]) -> Conversation:
    return Conversation(
        row.id, row.door, row.event_code, row.created_at, row.epoch, row.last_number, row.state, row.owner, row.owner_id, row.tenure
    )


def _known(row: InboundRow | None) -> InboundRow:
    if row is None:
        raise UnknownInbound("no message has this id")
    return row


def _refusal(state: str | None) -> UnknownConversation | ConversationClosed:
    if state is None:
        return UnknownConversation("no conversation has this id")
    return ConversationClosed("the conversation has ended")

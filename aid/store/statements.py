"""The statements that every message runs, written once: building a statement costs more than running it."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, text, update

from aid.store.models import ChoiceRow, ConversationRow, InboundRow, ReplyRow, TalkRow

_OF_CONVERSATION = ConversationRow.id == bindparam("conversation")
NEXT_SEQ = (
    update(ConversationRow)
    .where(_OF_CONVERSATION, ConversationRow.state == "open")
    .values(last_seq=ConversationRow.last_seq + 1)
    .returning(ConversationRow.last_seq)
)
STATE = select(ConversationRow.state).where(_OF_CONVERSATION)
SAME_INBOUND = select(InboundRow.__table__).where(
    InboundRow.conversation_id == bindparam("conversation"), InboundRow.client_id == bindparam("client")
)
ADD_INBOUND = insert(InboundRow)
END_TURN = (
    update(InboundRow)
    .where(InboundRow.id == bindparam("inbound"), InboundRow.status == "pending")
    .values(status=bindparam("ended"))
    .returning(InboundRow.conversation_id)
)
IS_KNOWN = select(InboundRow.id).where(InboundRow.id == bindparam("inbound"))
OWN_REPLIES = select(ReplyRow.__table__).where(ReplyRow.inbound_id == bindparam("inbound")).order_by(ReplyRow.number)
MORE_REPLIES = (
    update(ConversationRow)
    .where(_OF_CONVERSATION)
    .values(last_number=ConversationRow.last_number + bindparam("more"))
    .returning(ConversationRow.last_number)
)
ADD_REPLY, ADD_CHOICE = insert(ReplyRow), insert(ChoiceRow)
_OF_TALK = TalkRow.conversation_id == bindparam("conversation")
TALK = select(TalkRow.data_sealed).where(_OF_TALK)
# Told as SQL because both databases know it and SQLAlchemy has no common word for it.
KEEP_TALK = text(
    "INSERT INTO talk (conversation_id, data_sealed) VALUES (:conversation, :sealed) "
    "ON CONFLICT (conversation_id) DO UPDATE SET data_sealed = excluded.data_sealed"
)

"""The statements that every message runs, written once: building a statement costs more than running it."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String, and_, bindparam, case, exists, func, insert, literal_column, or_, select, text, update

from aid.store.models import ChoiceRow, ConversationRow, InboundRow, ReplyRow, TalkRow

_OF_CONVERSATION = ConversationRow.id == bindparam("conversation")
_PENDING = InboundRow.status == literal_column("'pending'")  # told as a word, so that SQLite knows its index of what is pending
_BOTS = ConversationRow.owner == literal_column("'bot'")
NEXT_SEQ = (
    update(ConversationRow)
    .where(_OF_CONVERSATION, ConversationRow.state == "open")
    .values(
        last_seq=ConversationRow.last_seq + 1,
        # While staff have the talk a message calls forth no turn, and so nobody to run it.
        turn_holder=case((_BOTS, func.coalesce(ConversationRow.turn_holder, bindparam("holder"))), else_=ConversationRow.turn_holder),
    )
    .returning(ConversationRow.last_seq, ConversationRow.turn_holder, ConversationRow.owner)
)
STATE = select(ConversationRow.state).where(_OF_CONVERSATION)
SAME_OR_PENDING = select(InboundRow.__table__).where(
    InboundRow.conversation_id == bindparam("conversation"), or_(InboundRow.client_id == bindparam("client"), _PENDING)
)
ADD_INBOUND = insert(InboundRow)
END_TURN = (
    update(InboundRow)
    .where(InboundRow.id == bindparam("inbound"), InboundRow.status == "pending")
    .values(status=bindparam("ended"))
    .returning(InboundRow.id)
)
STANDING = (
    select(ConversationRow.__table__, InboundRow.status)
    .join_from(ConversationRow, InboundRow, InboundRow.conversation_id == ConversationRow.id)
    .where(InboundRow.id == bindparam("inbound"))
)
STATUS = select(InboundRow.status).where(InboundRow.id == bindparam("inbound"))
OWN_REPLIES = select(ReplyRow.__table__).where(ReplyRow.inbound_id == bindparam("inbound")).order_by(ReplyRow.number)
_HOLDER = bindparam("holder", type_=String)
_HELD = or_(_HOLDER.is_(None), ConversationRow.turn_holder == _HOLDER)
_TENURE = bindparam("since_tenure", type_=Integer)
_MAY_SPEAK = or_(bindparam("unowned", type_=Boolean), and_(_BOTS, or_(_TENURE.is_(None), ConversationRow.tenure == _TENURE)))
"""The bot speaks while the talk is his, and while it is the same time that it is his; the house itself at all times (``unowned``)."""
MORE_REPLIES = (
    update(ConversationRow)
    .where(
        ConversationRow.id == select(InboundRow.conversation_id).where(InboundRow.id == bindparam("inbound")).scalar_subquery(),
        _HELD,
        _MAY_SPEAK,
    )
    .values(last_number=ConversationRow.last_number + bindparam("more"), turn_beat=ConversationRow.turn_beat + 1)
    .returning(ConversationRow.id, ConversationRow.last_number)
)
_HAS_PENDING = exists().where(InboundRow.conversation_id == ConversationRow.id, _PENDING)
# Its own statement: the one that locks the row may have waited, and knows only what was there before it waited.
LET_GO = (
    update(ConversationRow)
    .where(_OF_CONVERSATION, _HELD, ~_HAS_PENDING)
    .values(turn_holder=None)
)
WAITING = select(ConversationRow.id, ConversationRow.turn_holder, ConversationRow.turn_beat).where(_HAS_PENDING)
ADD_REPLY, ADD_CHOICE = insert(ReplyRow), insert(ChoiceRow)
_OF_TALK = TalkRow.conversation_id == bindparam("conversation")
TALK = select(TalkRow.data_sealed).where(_OF_TALK)
# Told as SQL because both databases know it and SQLAlchemy has no common word for it.
KEEP_TALK = text(
    "INSERT INTO talk (conversation_id, data_sealed) VALUES (:conversation, :sealed) "
    "ON CONFLICT (conversation_id) DO UPDATE SET data_sealed = excluded.data_sealed"
)

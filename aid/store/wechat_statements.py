"""The statements that every message of a follower runs, written once: building a statement costs more than running it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Update, bindparam, insert, select, text, update

from aid.store.models import ConversationRow
from aid.store.types import Moment
from aid.store.wechat_rows import WechatFollowerRow, WechatSeenRow

AFTER_MESSAGE, AFTER_TAP = 5, 3
_ROW = WechatFollowerRow
FIND = (
    select(_ROW.conversation_id, ConversationRow.state)
    .join(ConversationRow, ConversationRow.id == _ROW.conversation_id)
    .where(_ROW.openid_hash.in_(bindparam("marks", expanding=True)), _ROW.is_current)
)
ADD_CONVERSATION, ADD_FOLLOWER = insert(ConversationRow), insert(WechatFollowerRow)
SEE = text(
    "INSERT INTO wechat_seen (key, conversation_id, at, undone_sealed) VALUES (:key, :conversation, :moment, :undone) ON CONFLICT (key) DO NOTHING"
).bindparams(bindparam("moment", type_=Moment))
_OF = update(_ROW).where(_ROW.conversation_id == bindparam("conversation"))
ALLOW: Mapping[str, Update] = {
    "message": _OF.values(message_at=bindparam("moment"), message_left=AFTER_MESSAGE),
    "tap": _OF.values(tap_at=bindparam("moment"), tap_left=AFTER_TAP),
}
TELL = _OF.where(_ROW.told_until == bindparam("before")).values(
    told_until=bindparam("until"),
    unsettled_from=bindparam("before"),
    unsettled_at=bindparam("moment"),
    pages_sealed=bindparam("pages"),
    options_sealed=bindparam("options"),
)
KEEP = update(WechatSeenRow).where(WechatSeenRow.key == bindparam("seen")).values(answer_sealed=bindparam("answer"))

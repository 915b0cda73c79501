"""Whether a follower of the WeChat account can be sent something now, and what of the words of staff has not been told to him."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from aid.store.models import ReplyRow
from aid.store.wechat_rows import WechatFollowerRow

MESSAGE_WINDOW = timedelta(hours=48) - timedelta(minutes=1)
TAP_WINDOW = timedelta(minutes=1) - timedelta(seconds=5)
_ROW = WechatFollowerRow


@dataclass(frozen=True, slots=True)
class WechatReach:
    """``left``: how many messages may be sent to him now; ``untold``: how many of staff and the house wait, the first one since ``since``."""

    left: int
    untold: int
    since: datetime | None


def may_be_sent(now: datetime) -> ColumnElement[bool]:
    """Whether a follower's last acts allow a message."""
    by_message = and_(_ROW.message_left > 0, _ROW.message_at > now - MESSAGE_WINDOW)
    return or_(by_message, and_(_ROW.tap_left > 0, _ROW.tap_at > now - TAP_WINDOW))


def reach_of(session: Session, conversation_id: str, now: datetime) -> WechatReach:
    """How he can be reached now: not at all in a conversation that is not his current one."""
    found = session.get(_ROW, conversation_id)
    told_until = found.told_until if found is not None else 0
    untold = select(func.count(), func.min(ReplyRow.created_at)).filter_by(conversation_id=conversation_id)
    count, since = session.execute(untold.where(ReplyRow.number > told_until, ReplyRow.author != "bot")).one()
    left = 0
    if found is not None and found.is_current:
        left += found.message_left if found.message_at is not None and found.message_at > now - MESSAGE_WINDOW else 0
        left += found.tap_left if found.tap_at is not None and found.tap_at > now - TAP_WINDOW else 0
    return WechatReach(left, count, since)

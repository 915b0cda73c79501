"""Whether what staff say reaches a follower in WeChat at once, or when he next says something."""

from __future__ import annotations

from datetime import timedelta

from aid.clock import Clock
from aid.settings import Settings
from aid.store.engine import Store
from aid.store.messages import Conversation
from aid.store.wechat_reach import reach_of
from aid.takeover.words import Reachable

LATE = timedelta(seconds=20)
"""What has waited so long although it might be sent cannot be sent: the account may not, or the platform is not to be reached."""


class ReachInWechat:
    """Answers for the WeChat door, from the record alone. Methods may raise ``StoreUnavailable``."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._may_push = bool(settings.wechat_token and settings.wechat_app_secret)
        self._store, self._clock = store, clock

    def reachable(self, conversation: Conversation) -> Reachable:
        """Whether the next word goes out at once; ``wechat_last``: it does, and is the last until the person says something."""
        now = self._clock.now()
        with self._store.reading() as session:
            reach = reach_of(session, conversation.id, now)
        is_stuck = reach.since is not None and now - reach.since > LATE
        left = reach.left - reach.untold
        if not self._may_push or is_stuck or left < 1:
            return "wechat_later"
        return "wechat_last" if left == 1 else "wechat_now"

    def untold(self, conversation: Conversation) -> int:
        """How many words of staff, and of the house, have not reached him."""
        with self._store.reading() as session:
            return reach_of(session, conversation.id, self._clock.now()).untold

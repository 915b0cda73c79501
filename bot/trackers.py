"""Rasa's tracker as scratch paper: it forgets words, and it is dropped when it grows long.

The record of what was said is the hub's; what a form has learnt is a draft in the database. A conversation whose tracker is gone starts a new session, and
``action_session_start`` puts the open form back.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.speed import keep_connections, prepare_action_schema


class ScratchTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Keeps the latest trackers in memory, without what people or the bot said.

    Args (endpoints.yml): ``max_trackers`` conversations are kept, the longest unused is dropped first; a tracker of more than
    ``max_events`` events is dropped whole.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        max_trackers: int = 5000,
        max_events: int = 120,
        **kwargs: Any,
    ) -> None:
        """An empty store."""
        self._kept: OrderedDict[str, list[Event]] = OrderedDict()
        self._max_trackers = max_trackers
        self._max_events = max_events
        prepare_action_schema()
        keep_connections()
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker's events, without words; drop it when it has grown long."""
        await self.stream_events(tracker)
        self._kept.pop(tracker.sender_id, None)
        if len(tracker.events) > self._max_events:
            return
        self._kept[tracker.sender_id] = [_without_words(event) for event in tracker.events]
        while len(self._kept) > self._max_trackers:
            self._kept.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """A new tracker over the kept events, or ``None``."""
        events = self._kept.get(sender_id)
        if events is None:
            return None
        return DialogueStateTracker.from_events(
            sender_id, list(events), slots=self.domain.slots, max_event_history=self.max_event_history
        )

    async def keys(self) -> list[str]:
        """Ids of the conversations kept."""
        return list(self._kept)


def _without_words(event: Event) -> Event:
    if isinstance(event, UserUttered):
        intent = {k: event.intent.get(k) for k in ("name", "confidence")}
        bare = {"text": "", "intent": intent, "entities": []}
        return UserUttered(
            "", intent, [], bare, timestamp=event.timestamp, message_id=event.message_id, metadata={}
        )
    if isinstance(event, BotUttered):
        return BotUttered("", {}, {}, event.timestamp)
    return event

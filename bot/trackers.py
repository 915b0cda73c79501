"""Rasa's tracker as scratch paper: between two messages only the running form and its slots are kept.

The record of what was said is the hub's; what a form has learnt is a draft in the database. So a kept tracker holds no words, never grows
(the rules look at
every event of a tracker at every prediction), and may vanish: a conversation without one starts a new session, and
``action_session_start`` puts the open form back.
"""

from __future__ import annotations

from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from aid.logs.lines import talk_is
from bot.kept import InMemory, InPostgresql
from bot.logs import without_words
from bot.sessions import begin_sessions_here, require_sessions
from bot.several import share_actions
from bot.speed import (
    ACTION_SECONDS,
    keep_connections,
    prepare_action_schema,
    remember_emptiness,
    rest_the_collector,
    run_graphs_plainly,
)

KEPT = {REQUESTED_SLOT, "case_intake"}
"""Slots that a form needs from one message to the next; none holds what a person said."""


class ScratchTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Keeps the latest trackers, each as short as a session that has just begun.

    Args (endpoints.yml): ``url``, which Rasa gives as ``host``: the PostgreSQL that several Rasa servers share; empty: memory, where
    ``max_trackers`` conversations are kept, the longest unused is dropped first.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        max_trackers: int = 5000,
        host: str | None = None,
        **kwargs: Any,
    ) -> None:
        """An empty store."""
        self._kept = InPostgresql(host) if host else InMemory(max_trackers)
        self._is_new = True
        without_words()
        prepare_action_schema()
        keep_connections()
        run_graphs_plainly()
        remember_emptiness()
        begin_sessions_here()
        require_sessions()
        share_actions(ACTION_SECONDS)
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the running form and the slots. Of one that has just been made nothing need be kept."""
        await self.stream_events(tracker)
        if len(tracker.events) > 1:
            await self._kept.put(tracker.sender_id, _essence(tracker))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """A new tracker over the kept events, or ``None``; what this task logs from now on belongs to that talk."""
        talk_is(sender_id)
        if self._is_new:  # the first message: by now the model is loaded
            self._is_new = False
            rest_the_collector()
        events = await self._kept.take(sender_id)
        if events is None:
            return None
        return DialogueStateTracker.from_events(sender_id, list(events), slots=self.domain.slots, max_event_history=self.max_event_history)

    async def keys(self) -> list[str]:
        """Ids of the conversations kept."""
        return await self._kept.names()


def _essence(tracker: DialogueStateTracker) -> list[Event]:
    """The events of a session that stands where ``tracker`` stands, waiting for the next message."""
    events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    if tracker.active_loop_name:
        events.append(ActiveLoop(tracker.active_loop_name))
    events += [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.value is not None and name in KEPT]
    return [*events, ActionExecuted(ACTION_LISTEN_NAME)]

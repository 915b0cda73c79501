"""How Rasa 3.6.21 begins the session of a conversation whose tracker is new or gone.

The action server is asked, for it knows the open form that must be put back. Two repairs:

- ``begin_sessions_here``: a conversation's first message finds no form; its session begins without asking.
- ``require_sessions``: Rasa goes on when that question fails. If the action server comes back a moment later, it answers
  a message of a form as if there were none. A session that did not begin ends the turn, and the hub runs it again.
"""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException


def begin_sessions_here() -> None:
    """Begin a session without the action server where the hub says ``first``. Calling it again changes nothing."""
    if getattr(RemoteAction, "begins_sessions", False):
        return
    stock = RemoteAction.run

    async def run(self: RemoteAction, channel: Any, nlg: Any, tracker: DialogueStateTracker, domain: Domain) -> list[Event]:
        if self.name() == ACTION_SESSION_START_NAME and (tracker.get_slot(SESSION_START_METADATA_SLOT) or {}).get("first"):
            return [SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME)]
        events: list[Event] = await stock(self, channel, nlg, tracker, domain)
        return events

    RemoteAction.run = run
    RemoteAction.begins_sessions = True


def require_sessions() -> None:
    """End a turn whose session did not begin. Calling it again changes nothing."""
    if getattr(MessageProcessor, "requires_sessions", False):
        return
    stock = MessageProcessor._update_tracker_session

    async def update(self: Any, tracker: DialogueStateTracker, channel: Any, metadata: dict[str, Any] | None = None) -> None:
        await stock(self, tracker, channel, metadata)
        if not any(isinstance(event, SessionStarted) for event in tracker.events):
            raise RasaException(f"the session of {tracker.sender_id} did not begin: the action server gave no answer")

    MessageProcessor._update_tracker_session = update
    MessageProcessor.requires_sessions = True

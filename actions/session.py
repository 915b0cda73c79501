"""The start of a tracker: an open form is put back from the database, so that Rasa may forget at any time."""

from __future__ import annotations

from rasa_sdk.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet

from actions.base import Events, TurnAction
from actions.intake import LOOP, SLOT
from actions.turn import Turn


class SessionStart(TurnAction):
    """Runs when a conversation has no tracker: a new one, or one whose tracker is gone (restart, crash, long talk)."""

    action_name = "action_session_start"
    ends_turn = False
    in_form = True
    of_message = False

    def answer(self, turn: Turn) -> Events:
        """Begin the session, with the form of an open draft running."""
        draft = self.context.drafts.current(turn.conversation_id)
        events: Events = [SessionStarted()]
        if draft is not None:
            events += [ActiveLoop(LOOP), SlotSet("requested_slot", SLOT)]
        events.append(ActionExecuted("action_listen"))
        return events

"""The base of all actions."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Context
from actions.manage import manages, say_done, say_left_open
from actions.questions import say_receipt
from actions.turn import Turn

log = logging.getLogger(__name__)
Events = list[dict[str, Any]]


def say_what_was_done(turn: Turn) -> bool:
    """Whether this message has filed a ticket or ended a draft before a crash took its reply; then that reply is given again."""
    if not turn.runs_again:
        return False
    ticket = turn.context.tickets.filed_by(turn.inbound_id)
    if ticket is not None:
        say_receipt(turn, ticket)
        return True
    if (done := turn.context.log.done_by(turn.inbound_id)) is not None:
        ticket = turn.context.tickets.by_id(done[0])
        assert ticket is not None  # a log's ticket is kept as long as the log
        say_done(turn, ticket.number, done[1])
        return True
    if turn.context.drafts.ended_by(turn.inbound_id) is not None:
        turn.say("utter_form_cancelled")
        return True
    return False


class TurnAction(Action, ABC):  # type: ignore[misc]
    """An action over a ``Turn``.

    ``ends_turn``: nothing follows it in a turn, so it tells the hub that the turn is whole. ``in_form``: it belongs to a form, whose
    words are answers and never wishes about a filed ticket. ``of_message``: it answers a message; the start of a session comes before any.
    """

    action_name: ClassVar[str]
    ends_turn: ClassVar[bool] = True
    in_form: ClassVar[bool] = False
    of_message: ClassVar[bool] = True

    def __init__(self, context: Context) -> None:
        self.context = context

    def name(self) -> str:
        """The name under which Rasa calls it."""
        return self.action_name

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Answer the turn (called by the SDK). A run that comes when its message is over files nothing and says nothing."""
        turn = Turn(self.context, dispatcher, tracker)
        if self.of_message and turn.is_over:
            log.warning("message %s is over: %s comes too late and does nothing", turn.inbound_id, self.action_name)
            return []
        if self.ends_turn and say_what_was_done(turn):
            turn.done()
            return []
        managed = not self.in_form and manages(turn)
        events = [] if managed else self.answer(turn)
        if self.ends_turn:
            say_left_open(turn)
        turn.keep_memory()
        if self.ends_turn or managed:
            turn.done()
        return events

    @abstractmethod
    def answer(self, turn: Turn) -> Events:
        """Say what there is to say; give the events for Rasa's tracker."""

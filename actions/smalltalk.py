"""Short acts outside a form: greetings, thanks, who are you, and answers to nothing that was asked."""

from __future__ import annotations

from actions.base import Events, TurnAction
from actions.consult import answer_follow_up, answer_question, say_none_of_these
from actions.human import say_human
from actions.questions import say_receipt
from actions.turn import Turn
from aid.cases.acts import looks_like_question
from aid.cases.ticket import Ticket
from aid.replies import Choice

LEAST_QUESTION = 8
"""Characters from which a question is looked up even where the classifier hears a short act."""
FIELD_SURE = 0.3

FIXED = {
    "greet": "utter_greet",
    "goodbye": "utter_goodbye",
    "thank": "utter_thank",
    "help": "utter_help",
    "about_bot": "utter_about_bot",
    "deny": "utter_deny_nothing",
    "cancel": "utter_nothing_to_cancel",
    "skip": "utter_nothing_asked",
    "dont_know": "utter_nothing_asked",
    "ask_why": "utter_nothing_asked",
}


class Reply(TurnAction):
    """Answers by the intent; says again what was said last; knows a ticket that this conversation has just made."""

    action_name = "action_reply"

    def answer(self, turn: Turn) -> Events:
        """Answer the act."""
        if answer_follow_up(turn):
            return []
        if self._is_of_the_field(turn):
            answer_question(turn, turn.text)
        elif turn.intent == "none_of_these":
            say_none_of_these(turn)
        elif turn.intent == "repeat":
            self._repeat(turn)
        elif turn.intent == "affirm":
            self._affirm(turn)
        elif turn.intent == "human":
            say_human(turn)
        else:
            turn.say(FIXED.get(turn.intent, "utter_help"), None, self._starts(turn))
        return []

    def _is_of_the_field(self, turn: Turn) -> bool:
        """Whether the classifier took a question of the field for a short act: 你好，请问去哪里申请专利 is no greeting."""
        if turn.is_tapped or len(turn.text) < LEAST_QUESTION or not looks_like_question(turn.text):
            return False
        result = self.context.foresight.search(turn.text)
        return result.probability >= FIELD_SURE and not result.hits[0].entry_id.startswith("assistant.")

    def _starts(self, turn: Turn) -> list[Choice]:
        if turn.intent not in {"greet", "help"}:
            return []
        return [turn.choice_of("utter_choice_start_expo_complaint", {"start": "expo_complaint"})]

    def _repeat(self, turn: Turn) -> None:
        said = self.context.messages.replies_after(turn.conversation_id)
        if not said:
            turn.say("utter_repeat_none")
            return
        for reply in [r for r in said if r.inbound_id == said[-1].inbound_id]:
            turn.say_again(reply.body)

    def _affirm(self, turn: Turn) -> None:
        ticket = self.context.tickets.latest_of(turn.conversation_id)
        if ticket is None:
            turn.say("utter_affirm_nothing", None, [turn.choice_of("utter_choice_start_expo_complaint", {"start": "expo_complaint"})])
        elif self._has_receipt(turn, ticket):
            turn.say("utter_already_filed", number=ticket.number)
        else:
            say_receipt(turn, ticket)

    def _has_receipt(self, turn: Turn, ticket: Ticket) -> bool:
        """Whether the receipt has reached the talk: a turn that was given up after the filing never gave it."""
        cards = (said.body.get("card") or {} for said in self.context.messages.replies_after(turn.conversation_id))
        return any(card.get("kind") == "receipt" and card.get("number") == ticket.number for card in cards)

"""The way into a case: a wish begins the form; a question about such a case is answered first, with the form one tap away."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction

from actions.base import Events, TurnAction
from actions.consult import CASE_OFFERED, answer_follow_up, answer_question, say_urgent
from actions.intake import KINDS, LOOP
from actions.turn import Turn
from aid.cases.acts import looks_like_question

SURE = 0.3
"""Chance of the best entry from which a question that could also be a wish is answered."""


class Entrance(TurnAction):
    """Decides between the form of the kind that the intent asks for and an answer."""

    action_name = "action_case"
    ends_turn = False

    def answer(self, turn: Turn) -> Events:
        """Begin the form, or answer and offer it."""
        if self._is_question(turn):
            if not answer_follow_up(turn):
                say_urgent(turn)
                answer_question(turn, turn.text)
                self._offer(turn, KINDS[turn.intent])
            turn.done()
            return []
        return [FollowupAction(LOOP)]

    def _offer(self, turn: Turn, kind: str) -> None:
        """The form, unless the answer has just offered it."""
        entry = self.context.searcher.knowledge.entry(str(turn.memory.get("entry")))
        if entry is None or entry.case != kind:
            turn.say("utter_case_offer", None, [turn.choice_of(CASE_OFFERED.format(kind), {"start": kind, "from": turn.inbound_id})])

    def _is_question(self, turn: Turn) -> bool:
        """Whether it asks something that an entry answers; a wish in a questioning tone (能帮我登记投诉吗) finds none or names the case."""
        result = self.context.foresight.search(turn.text)
        return looks_like_question(turn.text) and result.probability >= SURE

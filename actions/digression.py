"""A question in the middle of a form: answered in short, then the form goes on."""

from __future__ import annotations

from actions.consult import flat, say_candidates
from actions.human import say_human
from actions.status import answer_status
from actions.turn import Turn
from aid.cases.acts import wants_again

SPOKEN = {
    "greet": "utter_greet",
    "thank": "utter_thank",
    "help": "utter_help",
    "about_bot": "utter_about_bot",
    "goodbye": "utter_form_goodbye",
    "off_topic": "utter_off_topic",
}
SPOKEN_SURE = 0.6


def answer_aside(turn: Turn) -> None:
    """Answer the aside and lead back to the form."""
    if wants_again(turn.text):
        turn.say("utter_form_again")
        return
    if turn.intent == "ask_status" and turn.confidence >= SPOKEN_SURE:
        answer_status(turn)
        turn.say("utter_form_back")
        return
    result = turn.context.foresight.search(turn.text)
    entry = turn.context.searcher.knowledge.entry(result.hits[0].entry_id) if result.hits else None
    version = entry.on(turn.context.today()) if entry else None
    if result.band == "answer" and version is not None:
        card = version.card(result.probability)
        turn.say("utter_answer" if card.steps else "utter_answer_without_steps", card, **flat(card))
    elif turn.intent == "human" and turn.confidence >= SPOKEN_SURE:
        say_human(turn, in_form=True)
    elif turn.intent in SPOKEN and turn.confidence >= SPOKEN_SURE:
        turn.say(SPOKEN[turn.intent])
    elif result.band == "candidates":
        say_candidates(turn, turn.text, result)
    else:
        nearest = entry.id if entry else None
        unanswered = turn.context.unanswered
        turn.context.later(unanswered.add, turn.conversation_id, turn.text, result.band, result.probability, nearest)
        turn.say("utter_form_digression_none")
    turn.say("utter_form_back")

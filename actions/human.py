"""A person wants to speak to somebody of the center: on the list where somebody is there, else a call back is offered."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn
from aid.replies import Choice
from aid.takeover.waiting import Asked

REFUSED = {"closed": "utter_human_closed", "nobody": "utter_human"}


def say_human(turn: Turn, in_form: bool = False) -> None:
    """Put the person on the list and say how many are before him; or say why nobody can come and what else there is.

    ``in_form``: another form cannot begin now, so none is offered.
    """
    asked = turn.context.desk.waiting.ask(turn.conversation_id)
    if asked.outcome == "staff":  # taken over in this moment; what is said here is not heard
        return
    if asked.outcome == "waiting":
        leave = turn.choice_of("utter_choice_wait_no_more", {"human": "leave"})
        turn.say(_place(asked), None, [leave], ahead=asked.ahead, minutes=asked.minutes)
        return
    kinds = [] if in_form else ["consultation_callback", "expo_complaint"]
    turn.say(REFUSED[asked.outcome], None, [turn.choice_of(f"utter_choice_start_{kind}", {"start": kind}) for kind in kinds])


def _place(asked: Asked) -> str:
    """The response that tells his place; where he need not stay, also how long he has waited."""
    if asked.is_followed:
        return "utter_human_waiting" if asked.ahead else "utter_human_next"
    if not asked.ahead:
        return "utter_human_next_away"
    return "utter_human_still_away" if asked.minutes else "utter_human_waiting_away"


def tapped_human(turn: Turn, payload: dict[str, Any], in_form: bool = False) -> None:
    """A choice about staff: wait for them (again), or no more."""
    if payload["human"] != "leave":
        say_human(turn, in_form)
        return
    turn.context.desk.waiting.leave(turn.conversation_id)
    offered: list[Choice] = [] if in_form else [turn.choice_of("utter_choice_start_consultation_callback", {"start": "consultation_callback"})]
    turn.say("utter_human_left", None, offered)

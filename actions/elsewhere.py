"""What belongs elsewhere is told at once, once in a talk, with who and why; whoever wants to goes on here all the same."""

from __future__ import annotations

from actions.turn import Turn
from aid.cases.tables import Agency
from aid.replies import NoneCard


def say_elsewhere(turn: Turn, said: str, kind: str) -> bool:
    """Tell who handles what ``said`` names, beside a case of ``kind``, unless it has been told; whether it was told now.

    The form goes on with its next question; where the center can do nothing, stopping is one tap away.
    """
    agency = turn.context.elsewhere.find(said, kind)
    if agency is None or agency.id in _told(turn):
        return False
    stop = [turn.choice_of("utter_choice_not_here", {"act": "cancel"})]
    if agency.still:
        turn.say("utter_elsewhere_or_here", None, stop, **_words(agency))
    else:
        turn.say("utter_elsewhere_in_form", None, stop, **_words(agency))
    _note(turn, agency)
    return True


def say_elsewhere_only(turn: Turn, said: str, card: NoneCard | None = None) -> bool:
    """Tell who handles what was said outside a case, unless it has been told; whether there is such a body.

    With ``card``, that of a question without an answer, it is told again as often as it is asked.
    """
    agency = turn.context.elsewhere.find(said)
    if agency is None or (card is None and agency.id in _told(turn)):
        return False
    turn.say("utter_elsewhere", card, **_words(agency))
    _note(turn, agency)
    return True


def _words(agency: Agency) -> dict[str, str]:
    return {"name": agency.name, "says": agency.says, "still": agency.still, "lines": "、".join(agency.lines)}


def _told(turn: Turn) -> list[str]:
    return list(turn.memory.get("elsewhere") or [])


def _note(turn: Turn, agency: Agency) -> None:
    turn.remember(elsewhere=list(dict.fromkeys([*_told(turn), agency.id])))

"""Where a ticket stands: for who has its number and its lookup code."""

from __future__ import annotations

from actions.base import Events, TurnAction
from actions.manage import ways_on
from actions.turn import Turn
from aid.cases.errors import TicketNotFound, TooManyAttempts


class TicketStatus(TurnAction):
    """Asks for number and code, in one message or in two, and tells the state."""

    action_name = "action_ticket_status"

    def answer(self, turn: Turn) -> Events:
        """Tell the state, or ask for what is missing."""
        answer_status(turn)
        return []


def answer_status(turn: Turn) -> None:
    """Take number and code from this message or from the one before; look the ticket up when both are there."""
    found = {e.kind: e.value for e in turn.entities()}
    number = found.get("ticket_number") or turn.memory.get("status_number")
    code = found.get("lookup_code")
    if not number:
        turn.say("utter_status_ask_number" if code else "utter_status_ask")
        turn.remember(pending="status")
    elif not code:
        turn.say("utter_status_ask_code", number=number)
        turn.remember(pending="status", status_number=number)
    else:
        _tell(turn, number, code)


def _tell(turn: Turn, number: str, code: str) -> None:
    try:
        ticket = turn.context.tickets.find(number, code, turn.conversation_id)
    except TicketNotFound:
        turn.say("utter_status_not_found")
        turn.remember(pending="status", status_number=None)
        return
    except TooManyAttempts:
        turn.say("utter_status_too_many")
        turn.remember(pending=None, status_number=None)
        return
    card = turn.context.cards.status(ticket)
    turn.say(
        "utter_status",
        card,
        ways_on(turn, ticket),
        number=card.number,
        state=card.state_label,
        receiver=card.receiver,
        received=card.received.isoformat(),
        expected=card.expected.isoformat(),
        events="".join(f"\n- {line}" for line in card.events),
        deadlines="".join(f"\n**{line}**" for line in card.deadlines),
    )
    turn.remember(pending=None, status_number=None)

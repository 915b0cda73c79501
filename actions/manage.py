"""After the ticket: add to it, take it back, have it opened again, rate it; from any door, by who filed it here or holds its code."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn
from aid.cases.acts import looks_like_question, plain_act
from aid.cases.errors import ForbiddenTransition, TicketNotFound, TooManyAttempts
from aid.cases.life import PERSON
from aid.cases.ticket import Ticket, TicketEvent
from aid.cases.ticket_wishes import EVENT_OF, Wish, wish_of
from aid.replies import Choice

MOST_PROVED = 5
SCORES = ("satisfied", "fair", "unsatisfied")
MANAGING = "managing"
"""Key of the talk's memory: what is being done to which ticket, and what is asked for."""


def manages(turn: Turn) -> bool:
    """Whether the typed words go on with, or begin, something about a filed ticket, and have been answered."""
    if turn.is_tapped or turn.is_meaningless:
        return False
    if turn.memory.get(MANAGING) and _goes_on(turn, turn.memory[MANAGING]):
        return True
    wish = wish_of(turn.text)
    if wish is None:
        return False
    _begin(turn, wish)
    return True


def tapped(turn: Turn, payload: dict[str, Any]) -> None:
    """A choice about a ticket: what it means stands in its payload, on the server."""
    ticket = turn.context.tickets.by_id(str(payload["ticket"]))
    if ticket is None:
        turn.say("utter_choice_gone")
    elif "score" in payload:
        _rate(turn, ticket, str(payload["score"]))
    elif payload.get("keep"):
        turn.remember(**{MANAGING: None})
        turn.say("utter_manage_left")
    elif payload.get("sure"):
        _do(turn, ticket, "withdraw", {})
    elif payload.get("comment"):
        _ask(turn, ticket, "rate", "utter_manage_comment", score=str(payload["comment"]))
    else:
        _with_ticket(turn, payload["manage"], ticket)


def ways_on(turn: Turn, ticket: Ticket) -> list[Choice]:
    """What the person may do to the ticket now, to tap; the ticket counts as shown to him from now on."""
    remember_proved(turn, ticket)
    allowed = turn.context.log.open_to(ticket, PERSON)
    wishes: list[Wish] = [wish for wish, event in EVENT_OF.items() if event in allowed]
    return [turn.choice_of(f"utter_choice_{wish}", {"manage": wish, "ticket": ticket.id}) for wish in wishes]


def own_tickets(turn: Turn) -> list[Ticket]:
    """The tickets that this conversation filed, or has shown the lookup code of."""
    own = turn.context.tickets.of(turn.conversation_id)
    known = {ticket.id for ticket in own}
    proved = [turn.context.tickets.by_id(one) for one in turn.memory.get("proved") or [] if one not in known]
    return [*own, *(ticket for ticket in proved if ticket is not None)]


def remember_proved(turn: Turn, ticket: Ticket) -> None:
    """Keep in mind that this conversation has shown the ticket's lookup code."""
    proved = [one for one in turn.memory.get("proved") or [] if one != ticket.id]
    turn.remember(proved=[*proved, ticket.id][-MOST_PROVED:])


def say_done(turn: Turn, number: str, event: TicketEvent) -> None:
    """What an event of the person's has changed; said again when the turn runs again."""
    wish = next(wish for wish, kind in EVENT_OF.items() if kind == event.kind)
    turn.say(f"utter_manage_done_{wish}", number=number)


def _begin(turn: Turn, wish: Wish) -> None:
    number = next((e.value for e in turn.entities() if e.kind == "ticket_number"), None)
    own = [ticket for ticket in own_tickets(turn) if number in (None, ticket.number)]
    if len(own) == 1:
        _with_ticket(turn, wish, own[0])
    elif own:
        choices = [Choice(label=ticket.number, payload={"manage": wish, "ticket": ticket.id}) for ticket in own[-MOST_PROVED:]]
        turn.say("utter_manage_which", None, choices)
    else:
        turn.remember(**{MANAGING: {"wish": wish, "step": "identify", "number": number}}, pending=None)
        _identify(turn, turn.memory[MANAGING])


def _goes_on(turn: Turn, managing: dict[str, Any]) -> bool:
    """The next words of something begun; ``False`` when they are of something else (a question waits for no one)."""
    if plain_act(turn.text, False) == "cancel":
        turn.remember(**{MANAGING: None})
        turn.say("utter_manage_left")
        return True
    if managing["step"] == "identify":
        return _identify(turn, managing)
    ticket = turn.context.tickets.by_id(managing["ticket"])
    if ticket is None:
        return False
    if looks_like_question(turn.text):
        turn.remember(**{MANAGING: None})
        turn.left_open = turn.choice_of(f"utter_choice_{managing['wish']}", {"manage": managing["wish"], "ticket": ticket.id})
        return False
    return _answered(turn, managing, ticket)


def say_left_open(turn: Turn) -> None:
    """After a question that came between: what was begun about a ticket is one tap away."""
    if turn.left_open is not None:
        turn.say("utter_manage_left_open", None, [turn.left_open])


def _answered(turn: Turn, managing: dict[str, Any], ticket: Ticket) -> bool:
    wish: Wish = managing["wish"]
    if managing["step"] == "score":
        return _scored(turn, ticket)
    if managing["step"] == "sure":
        return _sure(turn, ticket)
    if wish == "rate":
        detail = {"score": managing["score"], "comment": turn.text}
        _do(turn, ticket, wish, {"score": detail["score"]} if plain_act(turn.text, True) == "skip" else detail)
    else:
        _do(turn, ticket, wish, {"reason" if wish == "reopen" else "text": turn.text})
    return True


def _identify(turn: Turn, managing: dict[str, Any]) -> bool:
    """Number and code, in one message or two; ``False`` for words that hold neither."""
    found = {e.kind: e.value for e in turn.entities()}
    number, code = found.get("ticket_number") or managing.get("number"), found.get("lookup_code")
    if not found.keys() & {"ticket_number", "lookup_code"} and wish_of(turn.text) is None:
        turn.remember(**{MANAGING: None})
        return False
    if not number:
        turn.say("utter_status_ask_number" if code else "utter_manage_ask_ticket")
        return True
    if not code:
        turn.remember(**{MANAGING: {**managing, "number": number}})
        turn.say("utter_status_ask_code", number=number)
        return True
    try:
        ticket = turn.context.tickets.find(number, code, turn.conversation_id)
    except TicketNotFound:
        turn.remember(**{MANAGING: {**managing, "number": None}})
        turn.say("utter_status_not_found")
    except TooManyAttempts:
        turn.remember(**{MANAGING: None})
        turn.say("utter_status_too_many")
    else:
        remember_proved(turn, ticket)
        _with_ticket(turn, managing["wish"], ticket)
    return True


def _with_ticket(turn: Turn, wish: Wish, ticket: Ticket) -> None:
    """Ask for what the wish needs, or say why it cannot be now and what can."""
    if EVENT_OF[wish] not in turn.context.log.open_to(ticket, PERSON):
        turn.remember(**{MANAGING: None})
        state = turn.context.cards.status(ticket).state_label
        turn.say("utter_manage_not_now", None, ways_on(turn, ticket), number=ticket.number, state=state)
    elif wish == "withdraw":
        sure = turn.choice_of("utter_choice_withdraw_sure", {"manage": wish, "ticket": ticket.id, "sure": True})
        keep = turn.choice_of("utter_choice_keep", {"manage": wish, "ticket": ticket.id, "keep": True})
        _ask(turn, ticket, wish, "utter_manage_withdraw", [sure, keep], step="sure")
    elif wish == "rate":
        rows = [turn.choice_of(f"utter_choice_{score}", {"manage": wish, "ticket": ticket.id, "score": score}) for score in SCORES]
        _ask(turn, ticket, wish, "utter_manage_rate", rows, step="score")
    else:
        _ask(turn, ticket, wish, f"utter_manage_{wish}")


def _ask(turn: Turn, ticket: Ticket, wish: Wish, response: str, choices: list[Choice] | None = None, step: str = "say", score: str = "") -> None:
    turn.remember(**{MANAGING: {"wish": wish, "ticket": ticket.id, "step": step, "score": score}}, pending=None)
    turn.say(response, None, choices, number=ticket.number)


def _sure(turn: Turn, ticket: Ticket) -> bool:
    """Yes or no to the withdrawal; other words leave it as it is and are answered for themselves."""
    said = plain_act(turn.text, False)
    if said == "confirm" or wish_of(turn.text) == "withdraw":
        _do(turn, ticket, "withdraw", {})
        return True
    turn.remember(**{MANAGING: None})
    if said == "deny":
        turn.say("utter_manage_left")
    return said == "deny"


def _scored(turn: Turn, ticket: Ticket) -> bool:
    labels = {turn.context.labels[f"utter_choice_{score}"]: score for score in SCORES}
    named = max((label for label in labels if label in turn.text), key=len, default=None)
    if named is None:
        turn.remember(**{MANAGING: None})
        return False
    _rate(turn, ticket, labels[named])
    return True


def _rate(turn: Turn, ticket: Ticket, score: str) -> None:
    if not _do(turn, ticket, "rate", {"score": score}) or score != "unsatisfied":
        return
    choices = [turn.choice_of("utter_choice_comment", {"manage": "rate", "ticket": ticket.id, "comment": score})]
    if "reopened" in turn.context.log.open_to(ticket, PERSON):
        choices.append(turn.choice_of("utter_choice_reopen", {"manage": "reopen", "ticket": ticket.id}))
    turn.say("utter_manage_unsatisfied", None, choices)


def _do(turn: Turn, ticket: Ticket, wish: Wish, detail: dict[str, str]) -> bool:
    """Write it down, once for this message, and say so."""
    turn.remember(**{MANAGING: None})
    try:
        event = turn.context.log.add(ticket, EVENT_OF[wish], PERSON, detail, key=turn.inbound_id)
    except ForbiddenTransition:  # staff have moved on meanwhile
        state = turn.context.cards.status(ticket).state_label
        turn.say("utter_manage_not_now", None, ways_on(turn, ticket), number=ticket.number, state=state)
        return False
    say_done(turn, ticket.number, event)
    return True

"""The same case told twice by one person: offered to be added to the ticket that he has, instead of a second one."""

from __future__ import annotations

import re

from actions.manage import own_tickets
from actions.turn import Turn
from aid.cases.drafts import Draft
from aid.cases.errors import ForbiddenTransition
from aid.cases.kinds import SUMMARY
from aid.cases.life import CLOSED, PERSON
from aid.cases.likeness import alike
from aid.cases.ticket import Ticket
from aid.evidence.errors import TooManyFiles
from aid.evidence.types import MOST_FILES

_JOIN = re.compile(r"(?:加|并|合|补)(?:到|在|入|进).{0,6}(?:原来|那件|那个|上次|之前|一起|里)|合并|同一件|是一件事")


def alike_ticket(turn: Turn, draft: Draft) -> Ticket | None:
    """The open ticket of this person that tells of the same case.

    Only among those that he filed here or has shown the code of: to say so by the telephone number alone would tell a stranger
    that somebody has complained.
    """
    found = alike(own_tickets(turn), draft.facts, turn.context.clock.now())
    return found if found is not None and turn.context.log.state(found) not in CLOSED else None


def joined(turn: Turn, draft: Draft, text: str) -> Ticket | None:
    """The ticket that the person wants the draft added to, by tap or words; ``None`` when he does not say so."""
    payload = turn.choice or {}
    if payload.get("manage") == "join":
        return turn.context.tickets.by_id(str(payload.get("ticket")))
    return alike_ticket(turn, draft) if draft.asked == SUMMARY and _JOIN.search(text) else None


def _add_files(turn: Turn, draft: Draft, ticket: Ticket) -> int:
    """Give the draft's files to the ticket; how many it has no room for."""
    left = 0
    for one in turn.context.evidence.of_draft(draft.id):
        try:
            turn.context.additions.add(one.id, draft.conversation_id, ticket.id, proved=True)
        except TooManyFiles:
            left += 1
    return left


def join(turn: Turn, draft: Draft, ticket: Ticket) -> bool:
    """Add what the draft says to the ticket and end the draft; ``False`` when the ticket takes no more (told)."""
    added = "\n".join(f"{line.label}：{line.value}" for line in turn.context.cards.summary(draft).lines)
    try:
        turn.context.log.add(ticket, "supplemented", PERSON, {"text": added}, key=turn.inbound_id)
    except ForbiddenTransition:
        turn.say("utter_alike_closed")
        return False
    left = _add_files(turn, draft, ticket)
    turn.context.drafts.cancel(draft, turn.inbound_id)
    turn.say("utter_alike_joined", number=ticket.number)
    if left:
        turn.say("utter_file_full", number=ticket.number, most=MOST_FILES)
    return True

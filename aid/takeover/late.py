"""What a turn has done whose reply was not stored, because staff took the talk over while it ran: the person gets it all the same."""

from __future__ import annotations

from aid.cases.office import Office
from aid.replies import Author, Reply
from aid.takeover.staff import shown_center
from aid.takeover.words import ServiceWords


class LateReplies:
    """Reads what a message has bound. May raise ``StoreUnavailable``."""

    def __init__(self, office: Office, words: ServiceWords) -> None:
        self._office, self._say = office, words.say
        self._author = Author(kind="system", name=shown_center(office.router.main, words.unnamed))

    def of(self, inbound_id: str) -> list[Reply]:
        """The receipt of a ticket that the message filed, or where a ticket stands to which it did something; else nothing."""
        office = self._office
        ticket = office.tickets.filed_by(inbound_id)
        if ticket is not None:
            files = [office.evidence_words.part(one) for one in office.evidence.of_ticket(ticket.id)]
            card = office.cards.receipt(ticket).model_copy(update={"evidence": files})
            return [Reply(text=self._say.receipt.format(number=card.number, code=card.lookup_code), card=card, author=self._author)]
        done = office.log.done_by(inbound_id)
        ticket = office.tickets.by_id(done[0]) if done else None
        if ticket is None:
            return []
        return [Reply(text=self._say.done.format(number=ticket.number), card=office.cards.status(ticket), author=self._author)]

"""A step of a ticket in words."""

from __future__ import annotations

from aid.cases.office import Office
from aid.clock import CHANGCHUN
from aid.store.notices import Notice
from aid.wording.doors import WechatWording

VALUE_CHARACTERS = 20
"""What a field of the platform's forms takes."""


class Steps:
    """Says steps. Methods may raise ``StoreUnavailable``."""

    def __init__(self, office: Office, words: WechatWording) -> None:
        self._office, self._words = office, words

    def told(self, notice: Notice) -> str:
        """The step as a sentence; ``""`` for a ticket that is gone, or whose personal data was deleted."""
        parts = self.parts(notice)
        return self._words.notice.format(**parts) if parts else ""

    def parts(self, notice: Notice) -> dict[str, str]:
        """Number, event, state and day of the step, as people read them; none for a ticket that is gone or emptied."""
        ticket = self._office.tickets.by_id(notice.ticket_id)
        if ticket is None or ticket.erased_at is not None:
            return {}
        event = next((one for one in self._office.log.events(ticket) if one.seq == notice.seq), None)
        if event is None:
            return {}
        day = f"{event.at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M}"
        return {"number": ticket.number, "event": self._office.cards.told(event), "state": self._office.cards.status(ticket).state_label, "day": day}

"""`aid ticket show`, and the tickets of a conversation for `aid ask`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aid.cases.errors import TicketNotFound
from aid.cases.office import Office, open_office
from aid.cases.tickets import Ticket
from aid.clock import CHANGCHUN
from aid.privacy.masking import mask, mask_name
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import open_store


@contextmanager
def office(settings: Settings) -> Iterator[Office]:
    """The office over the configured database, closed afterwards."""
    store = open_store(settings)
    try:
        yield open_office(settings, store, open_vault(settings), settings.clock())
    finally:
        store.close()


def show(settings: Settings, number: str, reveal: bool, line: Callable[[str], None]) -> None:
    """Show a ticket and its log; personal data masked unless ``reveal``.

    Raises:
        TicketNotFound: no ticket has this number.
    """
    with office(settings) as desk:
        ticket = desk.tickets.numbered(number)
        if ticket is None:
            raise TicketNotFound(f"no ticket {number}")
        kind = desk.kinds[ticket.kind]
        line(f"{ticket.number}  {kind.label}  {desk.tickets.state(ticket)}")
        line(f"receiver  {ticket.receiver}  copies {', '.join(ticket.copies) or '-'}")
        for reason in ticket.reasons:
            line(f"because   {reason}")
        for key, value in {**ticket.facts, **ticket.parties}.items():
            line(f"{key:<14}{value if reveal else masked(key, value)}")
        if ticket.erased_at:
            line(f"personal data deleted {ticket.erased_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}")
        for event in desk.tickets.events(ticket):
            line(f"{event.at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}  {event.kind:<10}  {event.actor}")


def masked(key: str, value: str) -> str:
    """A value without personal data: names by their first sign, telephones by their ends."""
    return mask_name(value) if key == "name" else mask(value)


def tickets_of(settings: Settings, conversation_id: str) -> list[dict[str, Any]]:
    """The tickets of a conversation as JSON, facts and parties together, personal data masked."""
    with office(settings) as desk:
        return [_told(ticket) for ticket in desk.tickets.of(conversation_id)]


def _told(ticket: Ticket) -> dict[str, Any]:
    facts = {**ticket.facts, **{key: masked(key, value) for key, value in ticket.parties.items()}}
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "receiver": ticket.receiver,
        "copies": ticket.copies,
        "reasons": ticket.reasons,
        "facts": facts,
        "created_at": ticket.created_at.isoformat(),
    }

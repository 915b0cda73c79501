"""`aid ticket show` and `aid ticket do`, and the tickets of a conversation for `aid ask`."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args

from aid.cases.errors import TicketNotFound, UnknownEvent
from aid.cases.life import Actor, EventKind
from aid.cases.office import Office, open_office
from aid.cases.ticket import Ticket
from aid.clock import CHANGCHUN, today
from aid.people.sights import Act, Sights, Subject
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


def note(settings: Settings, desk: Office, ticket: Ticket, act: Act, what: list[str], reason: str) -> None:
    """Write into the access log that personal data is about to be shown or taken out here. Raises ``ReasonMissing``."""
    store = open_store(settings)
    try:
        center = desk.log.receiver(ticket)
        subject = Subject(ticket.id, ticket.number, center, ticket.conversation_id)
        Sights(store, open_vault(settings), settings.clock()).note_on_machine(getpass.getuser(), act, subject, what, reason)
    finally:
        store.close()


def show(settings: Settings, number: str, reveal: bool, line: Callable[[str], None], reason: str = "") -> None:
    """Show a ticket and its log; personal data masked unless ``reveal``, which is written into the access log first.

    Raises:
        TicketNotFound: no ticket has this number.
        ReasonMissing: ``reveal`` without a reason.
    """
    with office(settings) as desk:
        ticket = _numbered(desk, number)
        if reveal:
            note(settings, desk, ticket, "seen", sorted({*ticket.facts, *ticket.parties}), reason)
        kind, log = desk.kinds[ticket.kind], desk.log.events(ticket)
        line(f"{ticket.number}  {kind.label}  {desk.log.state(ticket)}")
        line(f"receiver  {desk.log.receiver(ticket, log)}  copies {', '.join(ticket.copies) or '-'}")
        for reason in ticket.reasons:
            line(f"because   {reason}")
        for key, value in {**ticket.facts, **ticket.parties}.items():
            line(f"{key:<14}{value if reveal else masked(key, value)}")
        if ticket.erased_at:
            line(f"personal data deleted {ticket.erased_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}")
        for place, one in enumerate(desk.evidence.of_ticket(ticket.id), 1):
            line(f"file {place}    {one.type}  {one.size} bytes  SHA-256 {one.sha256}  {one.name if reveal else mask(one.name)}")
        for event in log:
            said = "; ".join(f"{key}: {value if reveal else mask(value)}" for key, value in event.detail.items() if key != "inbound")
            line(f"{event.at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M:%S}  {event.kind:<12}  {event.actor}{'  ' + said if said else ''}")
        for deadline in desk.cards.deadlines(ticket, log):
            due = f"{deadline.due.day}{' (estimate)' if deadline.due.is_estimate else ''}" if deadline.due else "paused"
            state = "met" if deadline.met_at else "runs"
            missed = ", MISSED" if deadline.is_overdue(today(settings.clock())) else ""
            line(f"deadline  {deadline.rule.id}: {due}, {state}{missed}")


def do(settings: Settings, number: str, event: str, actor: str, said: list[str], line: Callable[[str], None]) -> None:
    """Append an event to a ticket's log and show the state that follows.

    Args:
        settings: where the database is.
        number: the ticket's number.
        event: the kind of event.
        actor: ``role:name``.
        said: what comes with it, each ``key=words``.
        line: shows one line.

    Raises:
        TicketNotFound: no ticket has this number.
        ForbiddenTransition, IncompleteEvent, UnknownReceiver: it may not happen so; nothing was written.
        UnknownEvent: ``event``, ``actor`` or a ``key=words`` is none.
    """
    try:
        who, detail = Actor.read(actor), dict(one.split("=", 1) for one in said)
    except ValueError as fault:
        raise UnknownEvent(f"say who does it as role:name, and details as key=words: {fault}") from fault
    if event not in get_args(EventKind):
        raise UnknownEvent(f"no event {event}; there are {', '.join(get_args(EventKind))}")
    with office(settings) as desk:
        ticket = _numbered(desk, number)
        desk.log.add(ticket, event, who, detail)  # type: ignore[arg-type]
        line(f"{ticket.number}  {desk.log.state(ticket)}")


def _numbered(desk: Office, number: str) -> Ticket:
    ticket = desk.tickets.numbered(number)
    if ticket is None:
        raise TicketNotFound(f"no ticket {number}")
    return ticket


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

"""Cases for tests of the workbench, over the same record."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import update

from aid.cases.ticket import Ticket
from aid.store.messages import Messages
from aid.store.models import EvidenceRow
from tests.console.desk import Bench
from tests.desk.house import House
from tests.evidence.made import picture


def house_of(bench: Bench) -> House:
    """What files cases into the workbench's record."""
    desk = bench.desk
    return House(desk.settings, desk.store, desk.vault, bench.clock, desk.office, desk.cases, Messages(desk.store, desk.vault, bench.clock))


def photo(house: House, ticket: Ticket, name: str = "现场.jpg") -> str:
    """A photo filed with a case; gives its id."""
    stored = house.office.evidence.store(picture(), name)
    beside = house.office.evidence.naming(ticket.conversation_id, stored)
    inbound, _ = house.messages.add_inbound(ticket.conversation_id, uuid4().hex, "照片", beside=beside)
    assert inbound.evidence_id is not None
    with house.store.session() as session:
        session.execute(update(EvidenceRow).where(EvidenceRow.id == inbound.evidence_id).values(ticket_id=ticket.id))
    return inbound.evidence_id

"""Tickets for the tests of lookups."""

from __future__ import annotations

from pathlib import Path

from aid.cases.kinds import SUMMARY
from aid.cases.office import open_office
from aid.cases.ticket import Ticket
from aid.privacy.vault import open_vault
from aid.store import open_store
from aid.store.messages import Messages
from tests.channels.door_fakes import fixed_clock, settings_in

FACTS = {
    "event": "长春国际汽车博览会",
    "booth": "A7馆C31",
    "exhibit": "郑雪梅设计的车灯",
    "respondent": "",
    "right_kind": "外观设计专利",
    "right_number": "ZL202330123456.8",
    "leaves_on": "2026-11-24",
    "consent": "yes",
    "name": "郑雪梅",
    "phone": "13900007001",
}


def filed(folder: Path, count: int = 1) -> list[Ticket]:
    """Tickets in the record that the app in ``folder`` will use."""
    settings, clock = settings_in(folder), fixed_clock()
    store, vault = open_store(settings), open_vault(settings)
    store.migrate()
    messages, office = Messages(store, vault, clock), open_office(settings, store, vault, clock)
    tickets = []
    for n in range(count):
        conversation = messages.open_conversation("web").id
        said, _ = messages.add_inbound(conversation, f"client-{n}", "投诉")
        messages.finish_turn(said.id, [])
        draft = office.drafts.open(conversation, "expo_complaint", said.id)
        draft = office.drafts.save(draft, facts=FACTS, asked=SUMMARY, inbound_id=said.id, failures=0)
        yes, _ = messages.add_inbound(conversation, f"yes-{n}", "确认")
        messages.finish_turn(yes.id, [])
        tickets.append(office.tickets.file(draft, yes.id)[0])
    store.close()
    return tickets

"""What the case tests share: real knowledge and entity finder, a store on disk, a standing clock, a ticket office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from aid.cases.board import Board
from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import load_deadlines
from aid.cases.drafts import Draft, Drafts
from aid.cases.kinds import SUMMARY, CaseKind, Facts, load_kinds
from aid.cases.labels import load_labels
from aid.cases.routing import load_router
from aid.cases.ticket import Ticket
from aid.cases.ticket_cards import TicketCards
from aid.cases.ticket_log import TicketLog
from aid.cases.tickets import Tickets
from aid.clock import FixedClock
from aid.language.entities import EntityFinder
from aid.language.words import ProjectWords
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Messages

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
FACTS: Facts = {
    "event": "长春国际汽车博览会",
    "booth": "A3馆B12",
    "exhibit": "车灯",
    "respondent": "",
    "right_kind": "外观设计专利",
    "right_number": "ZL202330123456.8",
    "right_number#mark": "unchecked",
    "leaves_on": "2026-11-24",
    "consent": "yes",
    "name": "王小强",
    "phone": "13812345678",
}


@pytest.fixture
def knowledge() -> Path:
    return KNOWLEDGE


@pytest.fixture(scope="session")
def kind() -> CaseKind:
    return load_kinds(KNOWLEDGE)["expo_complaint"]


@pytest.fixture(scope="session")
def finder() -> EntityFinder:
    return EntityFinder(ProjectWords.load(KNOWLEDGE / "words"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 9, 0))  # a Monday


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(Settings(var_dir=tmp_path))
    opened.migrate()
    yield opened
    opened.close()


@dataclass
class Office:
    """Messages, drafts and tickets over one store."""

    store: Store
    messages: Messages
    drafts: Drafts
    tickets: Tickets
    log: TicketLog
    cards: TicketCards
    clock: FixedClock

    def inbound(self, conversation_id: str | None = None) -> tuple[str, str]:
        """A new message, in a new conversation unless one is named: (conversation, inbound)."""
        conversation_id = conversation_id or self.messages.open_conversation("web").id
        made, _ = self.messages.add_inbound(conversation_id, uuid4().hex, "投诉")
        return conversation_id, made.id

    def ready_draft(self, **changes: str) -> tuple[Draft, str]:
        """A draft that lacks nothing, and the message that confirms it."""
        conversation_id, inbound_id = self.inbound()
        draft = self.drafts.open(conversation_id, "expo_complaint", inbound_id)
        facts = {k: v for k, v in {**FACTS, **changes}.items() if v != "-"}
        draft = self.drafts.save(draft, facts=facts, asked=SUMMARY, inbound_id=inbound_id, failures=0)
        confirming, _ = self.messages.add_inbound(conversation_id, "confirm", "确认")
        return draft, confirming.id

    def filed(self, **changes: str) -> Ticket:
        """A filed ticket."""
        return self.tickets.file(*self.ready_draft(**changes))[0]


@pytest.fixture
def office(store: Store, clock: FixedClock) -> Office:
    vault = Vault([Fernet.generate_key().decode()])
    kinds, router = load_kinds(KNOWLEDGE), load_router(KNOWLEDGE)
    deadlines = load_deadlines(KNOWLEDGE, WorkingDays.load(KNOWLEDGE))
    log = TicketLog(store, vault, clock, router, Board(store, vault, kinds, router, deadlines))
    cards = TicketCards(kinds, router, load_labels(KNOWLEDGE), deadlines, log, clock)
    tickets = Tickets(store, vault, clock, kinds, router, log)
    return Office(store, Messages(store, vault, clock), Drafts(store, vault, clock, "2026-11-22"), tickets, log, cards, clock)

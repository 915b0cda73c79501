"""A record with a desk on it: staff, people who talk, and hubs that answer them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from aid.cases.office import Office, open_office
from aid.cases.ticket import Ticket
from aid.clock import FixedClock
from aid.privacy.vault import Vault, open_vault
from aid.replies import Reply
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.access import Access
from aid.store.messages import Messages
from aid.takeover.desk import Desk, open_desk
from aid.takeover.staff import Staff
from aid.wording.doors import read_wording
from channels.history import History
from channels.hub import Hub
from channels.replicas import Replica
from channels.turns import Bot
from channels.watch import Pulse
from tests.channels.door_fakes import HURRY, settings_in

MONDAY = datetime(2026, 11, 23, 10, 0)
WANG = Staff("wang", "main", "工号 012")
LI = Staff("li", "subcenter-2", "工号 034")
BOSS = Staff("boss", "main", is_supervisor=True)
FACTS = {"story": "没人接电话", "about_number": "", "sought": "", "contact": "不留"}
QUICK = Pulse(look=0.05, renew=0.2, silent=40)


@dataclass
class House:
    """The record and everything that works on it."""

    settings: Settings
    store: Store
    vault: Vault
    clock: FixedClock
    office: Office
    desk: Desk
    messages: Messages
    access: Access
    count: int = 0

    def talk(self, *said: str, door: str = "web") -> str:
        """A conversation in which this was said and answered."""
        conversation = self.messages.open_conversation(door).id
        for text in said or ("你好",):
            self.says(conversation, text)
        return conversation

    def says(self, conversation: str, text: str, answer: str | None = "答") -> str:
        """A message, answered by the bot unless staff have the talk or ``answer`` is ``None``; gives its id."""
        self.count += 1
        inbound, _new = self.messages.add_inbound(conversation, f"client-{self.count}", text)
        if inbound.status == "pending" and answer is not None:
            self.messages.finish_turn(inbound.id, [Reply(text=answer)])
        return inbound.id

    def told(self, conversation: str) -> list[tuple[str, str]]:
        """Who said what to the person."""
        replies = self.messages.replies_after(conversation)
        assert [reply.number for reply in replies] == list(range(1, len(replies) + 1))
        return [((reply.body["author"] or {"kind": "bot"})["kind"], reply.body["text"]) for reply in replies]

    def open_draft(self, conversation: str, inbound_id: str) -> None:
        """A service complaint that only needs to be confirmed."""
        draft = self.office.drafts.open(conversation, "service_complaint", inbound_id)
        self.office.drafts.save(draft, facts=FACTS, asked="summary", inbound_id=inbound_id, failures=0)

    def file(self, conversation: str, inbound_id: str) -> Ticket:
        """File the open draft, as a turn of this message does it."""
        draft = self.office.drafts.current(conversation)
        assert draft is not None
        return self.office.tickets.file(draft, inbound_id)[0]

    def attend(self, *staff: Staff) -> None:
        for one in staff or (WANG,):
            self.desk.attendance.here(one.id)


def build(folder: Path, clock: FixedClock | None = None) -> House:
    settings, clock = settings_in(folder), clock or FixedClock(MONDAY)
    store, vault = open_store(settings), open_vault(settings)
    store.migrate()
    office = open_office(settings, store, vault, clock)
    desk = open_desk(settings, store, vault, clock, office)
    return House(settings, store, vault, clock, office, desk, Messages(store, vault, clock), Access(store, clock))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = build(tmp_path)
    yield built
    built.store.close()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def hub_on(house: House, bot: Bot, name: str = "a", pulse: Pulse = QUICK, **more: Any) -> AsyncIterator[Hub]:
    """A replica of the doors on this record."""
    messages, wording = Messages(house.store, house.vault, house.clock), read_wording(house.settings.knowledge_dir)
    history = History(house.store, house.vault, messages)
    hub = Hub(messages, history, bot, wording, HURRY, desk=house.desk, replica=Replica.begun(name), pulse=pulse, **more)
    await hub.share()
    try:
        yield hub
    finally:
        await hub.stop()

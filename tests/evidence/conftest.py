"""What the evidence tests share: the evidence of a store on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from aid.cases.board import Board
from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import load_deadlines
from aid.cases.drafts import Draft, Drafts
from aid.cases.kinds import SUMMARY, load_kinds
from aid.cases.routing import load_router
from aid.cases.ticket import Ticket
from aid.cases.ticket_log import TicketLog
from aid.cases.tickets import Tickets
from aid.clock import FixedClock
from aid.evidence.additions import Additions
from aid.evidence.examine import examine
from aid.evidence.files import EvidenceFiles
from aid.evidence.sealed import SealedFiles
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store import Store, open_store
from aid.store.messages import Inbound, Messages, new_id

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
FACTS = {
    "event": "长春国际汽车博览会",
    "booth": "A3馆B12",
    "exhibit": "车灯",
    "respondent": "",
    "right_kind": "外观设计专利",
    "right_number": "",
    "leaves_on": "",
    "consent": "yes",
    "name": "王小强",
    "phone": "13900007001",
}


@dataclass
class Desk:
    """Evidence, messages, drafts and tickets over one store."""

    store: Store
    vault: Vault
    clock: FixedClock
    messages: Messages
    sealed: SealedFiles
    files: EvidenceFiles
    additions: Additions
    drafts: Drafts
    tickets: Tickets
    log: TicketLog
    folder: Path

    def conversation(self) -> str:
        return self.messages.open_conversation("web").id

    def send(self, conversation: str, content: bytes, name: str = "照片.jpg", client: str | None = None) -> Inbound:
        """What the door does with a file that comes."""
        stored = self.files.store(content, name)
        beside = self.files.naming(conversation, stored)
        return self.messages.add_inbound(conversation, client or new_id(), name, beside=beside)[0]

    def draft(self, conversation: str) -> Draft:
        """A draft that lacks nothing."""
        origin, _ = self.messages.add_inbound(conversation, new_id(), "投诉")
        draft = self.drafts.open(conversation, "expo_complaint", origin.id)
        return self.drafts.save(draft, facts=FACTS, asked=SUMMARY, inbound_id=origin.id, failures=0)

    def file(self, draft: Draft) -> Ticket:
        confirmed, _ = self.messages.add_inbound(draft.conversation_id, new_id(), "确认")
        return self.tickets.file(draft, confirmed.id)[0]

    def on_disk(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = open_store(Settings(var_dir=tmp_path))
    store.migrate()
    vault, clock = Vault([Fernet.generate_key().decode()]), FixedClock(datetime(2026, 11, 23, 9, 0))
    folder = tmp_path / "evidence"
    sealed = SealedFiles(folder, vault, least_free=0)
    router = load_router(KNOWLEDGE)
    kinds = load_kinds(KNOWLEDGE)
    board = Board(store, vault, kinds, router, load_deadlines(KNOWLEDGE, WorkingDays.load(KNOWLEDGE)))
    log = TicketLog(store, vault, clock, router, board)
    yield Desk(
        store=store,
        vault=vault,
        clock=clock,
        messages=Messages(store, vault, clock),
        sealed=sealed,
        files=EvidenceFiles(store, vault, clock, sealed, examine),
        additions=Additions(store, vault, clock, board),
        drafts=Drafts(store, vault, clock, "2026-11-22"),
        tickets=Tickets(store, vault, clock, kinds, router, log),
        log=log,
        folder=folder,
    )
    store.close()

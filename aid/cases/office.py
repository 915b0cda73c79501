"""Everything that works on cases, put together once from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from aid.cases.board import Board
from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import Deadlines, load_deadlines
from aid.cases.drafts import Drafts
from aid.cases.kinds import CaseKind, load_kinds
from aid.cases.labels import Labels, load_labels
from aid.cases.routing import Router, load_router
from aid.cases.ticket_cards import TicketCards
from aid.cases.ticket_log import TicketLog
from aid.cases.tickets import Tickets
from aid.clock import Clock
from aid.evidence.additions import Additions
from aid.evidence.files import EvidenceFiles, open_evidence
from aid.evidence.words import EvidenceWords, load_evidence_words
from aid.privacy.notice import Notice, load_notice
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store.engine import Store


@dataclass(frozen=True)
class Office:
    """The desk where cases are written down, routed, filed and looked up."""

    kinds: dict[str, CaseKind]
    notice: Notice
    drafts: Drafts
    router: Router
    tickets: Tickets
    log: TicketLog
    cards: TicketCards
    evidence: EvidenceFiles
    additions: Additions
    evidence_words: EvidenceWords
    labels: Labels
    calendar: WorkingDays
    deadlines: Deadlines
    board: Board


def open_office(settings: Settings, store: Store, vault: Vault, clock: Clock) -> Office:
    """Read the tables of ``settings.knowledge_dir`` and join them with the store.

    Raises:
        KnowledgeError: a table cannot be used; names file and line of each fault.
    """
    folder = settings.knowledge_dir
    kinds, router, notice = load_kinds(folder), load_router(folder), load_notice(folder)
    labels, calendar = load_labels(folder), WorkingDays.load(folder)
    deadlines = load_deadlines(folder, calendar)
    board = Board(store, vault, kinds, router, deadlines)
    log = TicketLog(store, vault, clock, router, board)
    return Office(
        kinds=kinds,
        notice=notice,
        drafts=Drafts(store, vault, clock, notice.version),
        router=router,
        tickets=Tickets(store, vault, clock, kinds, router, log),
        log=log,
        cards=TicketCards(kinds, router, labels, deadlines, log, clock),
        evidence=open_evidence(settings, store, vault, clock),
        additions=Additions(store, vault, clock, board),
        evidence_words=load_evidence_words(folder),
        labels=labels,
        calendar=calendar,
        deadlines=deadlines,
        board=board,
    )

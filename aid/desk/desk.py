"""Everything that the staff's desk works with, put together once over the office."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aid.cases.office import Office
from aid.clock import Clock, today
from aid.consultation.entries import load_entries
from aid.consultation.entry import Entry
from aid.desk.actions import Actions
from aid.desk.canned import CannedFile, load_canned
from aid.desk.casefile import CaseFiles
from aid.desk.presence import Presence
from aid.desk.queue import Queue
from aid.desk.texts import CaseTexts
from aid.desk.transcript import Transcripts
from aid.desk.words import DeskWords, load_desk
from aid.documents.documents import Documents, load_documents
from aid.privacy.vault import Vault
from aid.replies import Basis
from aid.store.engine import Store


@dataclass(frozen=True, slots=True)
class AtHand:
    """An entry that staff have at hand: what it is called, its short answer, and what it rests on."""

    label: str
    short: str
    basis: list[Basis]


@dataclass(frozen=True)
class Desk:
    """The queue, the case files, and what is done with them."""

    office: Office
    queue: Queue
    texts: CaseTexts
    files: CaseFiles
    actions: Actions
    presence: Presence
    transcripts: Transcripts
    words: DeskWords
    canned: CannedFile
    documents: Documents
    entries: dict[str, Entry]
    clock: Clock

    def at_hand(self, kind: str) -> list[AtHand]:
        """The entries of a kind of case as they hold today."""
        found = (self.entries[id_].on(today(self.clock)) for id_ in self.words.entries.get(kind, ()) if id_ in self.entries)
        cards = [version.card(1.0) for version in found if version is not None]
        return [AtHand(card.label, card.short, card.basis) for card in cards]

    def catch_up(self, stopped: Callable[[], bool] = lambda: False) -> tuple[int, int]:
        """Draw what the board lacks and read what the search lacks, until ``stopped``; how many of each. With many cases it takes a while.

        Raises:
            StoreUnavailable, CannotUnseal
        """
        return self.office.board.catch_up(stopped=stopped), 0 if stopped() else self.texts.catch_up()


def open_desk(office: Office, store: Store, vault: Vault, clock: Clock, knowledge_dir: Path) -> Desk:
    """The desk over the office. Raises ``KnowledgeError`` with file and line."""
    words, canned = load_desk(knowledge_dir), load_canned(knowledge_dir)
    texts = CaseTexts(store, vault, clock, office.kinds)
    queue = Queue(store, clock, office.calendar, texts)
    return Desk(
        office=office,
        queue=queue,
        texts=texts,
        files=CaseFiles(
            store, vault, clock, office.kinds, office.router, office.labels, office.calendar, office.deadlines,
            office.log, office.tickets, queue, texts,
        ),
        actions=Actions(office.log, office.router, words, clock),
        presence=Presence(store, clock),
        transcripts=Transcripts(store, vault, office.kinds),
        words=words,
        canned=canned,
        documents=load_documents(knowledge_dir, office.kinds, office.router, clock),
        entries=load_entries(knowledge_dir, {id_ for ids in words.entries.values() for id_ in ids}),
        clock=clock,
    )  # fmt: skip

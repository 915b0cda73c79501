"""Evidence files: taken once, kept as they came, given out only to who may read them.

The bytes are on the disk, sealed, before a row names them: a crash in between leaves bytes that nothing names, and ``sweep`` deletes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, delete, exists, func, insert, select, update

from aid.clock import Clock
from aid.evidence.errors import EvidenceDamaged, EvidenceFiled, TooManyFiles, TooMuchData, UnknownEvidence
from aid.evidence.examine import Examined, examine_apart
from aid.evidence.rights import Reader, Staff, may_read
from aid.evidence.sealed import SealedFiles
from aid.evidence.types import CONVERSATION_BYTES, MOST_FILES, safe_name
from aid.privacy.vault import Vault
from aid.settings import Settings
from aid.store.engine import Store
from aid.store.messages import Beside, new_id
from aid.store.models import ConversationRow, EvidenceAccessRow, EvidenceRow, TicketRow

ORPHAN_AGE = timedelta(hours=1)
"""Bytes without a row are this old before they are taken for left behind: a row may still be on its way."""
GIVEN_NAME = 255


@dataclass(frozen=True, slots=True)
class Evidence:
    """A kept file. ``name`` is safe to give out; ``type`` is a key of ``TYPES``, ``size`` in bytes, ``sha256`` of the original."""

    id: str
    conversation_id: str
    draft_id: str | None
    ticket_id: str | None
    inbound_id: str
    type: str
    size: int
    sha256: str
    name: str
    has_preview: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """A file whose bytes are on the disk while no row names them yet; ``given`` is its name as it came, ``name`` is safe to show."""

    id: str
    type: str
    size: int
    sha256: str
    given: str
    name: str
    has_preview: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep deleted: ids of bytes without a row, and how many rows without a conversation."""

    orphans: list[str]
    forgotten: int


class EvidenceFiles:
    """Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, files: SealedFiles, examine: Callable[[bytes], Examined] = examine_apart) -> None:
        """``examine`` opens a file and raises ``FileRefused``."""
        self._store, self._vault, self._clock, self._files, self._examine = store, vault, clock, files, examine

    def store(self, content: bytes, name: str) -> Stored:
        """Examine the file and put it on the disk; ``naming`` then makes it known, else ``discard`` it.

        Raises:
            FileRefused: it is not taken.
            NoRoom: the disk is full or cannot be written.
        """
        examined = self._examine(content)
        given = name[-GIVEN_NAME:].encode("utf-8", "replace").decode()
        stored = Stored(
            id=new_id(),
            type=examined.type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            given=given,
            name=safe_name(given, examined.type),
            has_preview=examined.preview is not None,
            received_at=self._clock.now(),
        )
        self._files.write(stored.id, content, examined.preview, stored.received_at)
        return stored

    def discard(self, stored: Stored) -> None:
        """Delete bytes that no row names."""
        self._files.remove(stored.id)

    def naming(self, conversation_id: str, stored: Stored) -> Beside:
        """Writes the row in the transaction of its message (``Messages.add_inbound``) and gives its id.

        A file that waits in this conversation, or in its open draft, with the same content is the same file: its id is given.
        The message's transaction holds the conversation's row, so that of two files at once one is counted first.

        Raises (when called):
            TooManyFiles, TooMuchData
        """

        def write(connection: Connection, inbound_id: str) -> str:
            unfiled = (EvidenceRow.conversation_id == conversation_id) & (EvidenceRow.ticket_id.is_(None))
            known: str | None = connection.scalar(select(EvidenceRow.id).where(unfiled, EvidenceRow.sha256 == stored.sha256))
            if known is not None:
                return known
            if (connection.scalar(select(func.count()).select_from(EvidenceRow).where(unfiled)) or 0) >= MOST_FILES:
                raise TooManyFiles
            sent = select(func.sum(EvidenceRow.size)).where(EvidenceRow.conversation_id == conversation_id)
            if (connection.scalar(sent) or 0) + stored.size > CONVERSATION_BYTES:
                raise TooMuchData
            connection.execute(insert(EvidenceRow).values(self._values(conversation_id, inbound_id, stored)))
            return stored.id

        return write

    def find(self, evidence_id: str) -> Evidence | None:
        """The file of this id, for those who need no right: what is said of it goes back to its own conversation."""
        found = self._all(select(EvidenceRow).filter_by(id=evidence_id))
        return found[0] if found else None

    def of_draft(self, draft_id: str) -> list[Evidence]:
        """The files of a draft that is not filed, in the order in which they came."""
        return self._all(select(EvidenceRow).filter_by(draft_id=draft_id, ticket_id=None))

    def of_ticket(self, ticket_id: str) -> list[Evidence]:
        """The files of a ticket, in the order in which they came."""
        return self._all(select(EvidenceRow).filter_by(ticket_id=ticket_id))

    def waiting(self, conversation_id: str) -> list[Evidence]:
        """The files of a conversation that belong to no case yet."""
        return self._all(select(EvidenceRow).filter_by(conversation_id=conversation_id, draft_id=None, ticket_id=None))

    def take_into(self, evidence_id: str, draft_id: str) -> None:
        """Let a waiting file belong to a draft; one that belongs to a case stays there."""
        waiting = update(EvidenceRow).filter_by(id=evidence_id, draft_id=None, ticket_id=None)
        with self._store.session() as session:
            session.execute(waiting.values(draft_id=draft_id))

    def drop(self, evidence_id: str, conversation_id: str) -> None:
        """Delete a file that the person does not want kept; one that is not there is no fault.

        Raises:
            EvidenceFiled: it belongs to a ticket.
        """
        with self._store.session() as session:
            row = session.scalar(select(EvidenceRow).filter_by(id=evidence_id, conversation_id=conversation_id).with_for_update())
            if row is None:
                return
            if row.ticket_id is not None:
                raise EvidenceFiled(session.get_one(TicketRow, row.ticket_id).number)
            session.delete(row)
        self._files.remove(evidence_id)

    def erase(self, evidence: Sequence[Evidence]) -> None:
        """Delete the bytes of files whose rows are gone (a cancelled draft's, a deleted conversation's)."""
        for one in evidence:
            if self.find(one.id) is None:
                self._files.remove(one.id)

    def original(self, reader: Reader, evidence_id: str) -> tuple[Evidence, bytes]:
        """The file as it came, to the byte. Staff's reading is noted before the bytes are given.

        Raises:
            UnknownEvidence: there is none, or the reader may not read it.
            EvidenceDamaged: it is not what was received.
        """
        evidence = self._readable(reader, evidence_id)
        content = self._files.original(evidence.id)
        if hashlib.sha256(content).hexdigest() != evidence.sha256:
            raise EvidenceDamaged(f"the evidence file {evidence.id} has changed")
        self._note(reader, evidence)
        return evidence, content

    def preview(self, reader: Reader, evidence_id: str) -> bytes | None:
        """A small JPEG without hidden notes; ``None`` where there is nothing to see. Raises as ``original``."""
        evidence = self._readable(reader, evidence_id)
        content = self._files.preview(evidence.id) if evidence.has_preview else None
        self._note(reader, evidence)
        return content

    def sweep(self) -> Swept:
        """Delete what a crash left behind: rows of deleted conversations that were never filed, and bytes that no row names."""
        alive = exists().where(ConversationRow.id == EvidenceRow.conversation_id)
        with self._store.session() as session:
            gone = session.execute(delete(EvidenceRow).where(EvidenceRow.ticket_id.is_(None), ~alive).returning(EvidenceRow.id)).all()
        for (evidence_id,) in gone:
            self._files.remove(evidence_id)
        oldest = (self._clock.now() - ORPHAN_AGE).timestamp()
        aged = {evidence_id for evidence_id, changed in self._files.kept() if changed < oldest}
        with self._store.reading() as session:
            known = set(session.scalars(select(EvidenceRow.id)))
        orphans = sorted(aged - known)
        for evidence_id in orphans:
            self._files.remove(evidence_id)
        return Swept(orphans, len(gone))

    def _readable(self, reader: Reader, evidence_id: str) -> Evidence:
        evidence = self.find(evidence_id)
        if evidence is None or not may_read(reader, evidence):
            raise UnknownEvidence("there is no such file for this reader")
        return evidence

    def _note(self, reader: Reader, evidence: Evidence) -> None:
        if not isinstance(reader, Staff) or evidence.ticket_id is None:
            return
        row = EvidenceAccessRow(
            evidence_id=evidence.id,
            ticket_id=evidence.ticket_id,
            at=self._clock.now(),
            actor=reader.name[:64],
            reason_sealed=self._vault.encrypt(reader.reason),
        )
        with self._store.session() as session:
            session.add(row)

    def _values(self, conversation_id: str, inbound_id: str, stored: Stored) -> dict[str, object]:
        return {
            "id": stored.id,
            "conversation_id": conversation_id,
            "inbound_id": inbound_id,
            "type": stored.type,
            "size": stored.size,
            "sha256": stored.sha256,
            "name_sealed": self._vault.encrypt(stored.given),
            "has_preview": stored.has_preview,
            "received_at": stored.received_at,
        }

    def _all(self, query: Select[EvidenceRow]) -> list[Evidence]:
        with self._store.reading() as session:
            return [self._evidence(row) for row in session.scalars(query.order_by(EvidenceRow.received_at, EvidenceRow.id))]

    def _evidence(self, row: EvidenceRow) -> Evidence:
        return Evidence(
            id=row.id,
            conversation_id=row.conversation_id,
            draft_id=row.draft_id,
            ticket_id=row.ticket_id,
            inbound_id=row.inbound_id,
            type=row.type,
            size=row.size,
            sha256=row.sha256,
            name=safe_name(self._vault.decrypt(row.name_sealed), row.type),
            has_preview=row.has_preview,
            received_at=row.received_at,
        )


def open_evidence(settings: Settings, store: Store, vault: Vault, clock: Clock) -> EvidenceFiles:
    """The evidence files of this system; their bytes lie in the folder ``evidence`` of the var folder."""
    return EvidenceFiles(store, vault, clock, sealed_files(settings, vault))


def sealed_files(settings: Settings, vault: Vault) -> SealedFiles:
    """The folder of their bytes."""
    return SealedFiles(settings.var_dir / "evidence", vault)

"""A file that comes after the filing: added to the ticket when the person says so, with a line in the ticket's log."""

from __future__ import annotations

from sqlalchemy import func, select

from aid.cases.board import Board
from aid.cases.life import PERSON, EventKind, check_step
from aid.clock import Clock
from aid.evidence.errors import EvidenceFiled, TooManyFiles, UnknownEvidence
from aid.evidence.types import MOST_FILES
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import EvidenceRow, TicketEventRow, TicketRow


class Additions:
    """Adds files to tickets. May raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, board: Board) -> None:
        self._store, self._vault, self._clock, self._board = store, vault, clock, board

    def add(self, evidence_id: str, conversation_id: str, ticket_id: str, *, proved: bool = False) -> bool:
        """File a waiting or drafted file with a ticket of the same conversation; ``False`` when the ticket has it already.

        ``proved``: the conversation has shown the ticket's lookup code, so the ticket may be another conversation's.

        Raises:
            UnknownEvidence: no such file or ticket in this conversation.
            EvidenceFiled: the file belongs to another ticket.
            TooManyFiles: the ticket has as many as it may have.
            ForbiddenTransition: the case is closed and takes no more.
        """
        with self._store.session() as session:
            ticket = session.get(TicketRow, ticket_id, with_for_update=True)
            row = session.scalar(select(EvidenceRow).filter_by(id=evidence_id, conversation_id=conversation_id).with_for_update())
            if ticket is None or row is None or not (proved or ticket.conversation_id == conversation_id):
                raise UnknownEvidence("no such file or ticket in this conversation")
            if row.ticket_id == ticket_id:
                return False
            if row.ticket_id is not None:
                raise EvidenceFiled(session.get_one(TicketRow, row.ticket_id).number)
            own = select(func.count()).select_from(EvidenceRow).where(EvidenceRow.ticket_id == ticket_id)
            if session.scalar(own.where(EvidenceRow.sha256 == row.sha256)):
                session.delete(row)  # the ticket has the same bytes; these are left to the next sweep
                return False
            if (session.scalar(own) or 0) >= MOST_FILES:
                raise TooManyFiles
            log: list[EventKind] = list(session.scalars(select(TicketEventRow.kind).filter_by(ticket_id=ticket_id).order_by(TicketEventRow.seq)))
            check_step(log, "evidence_added", PERSON.role, {})
            row.ticket_id = ticket_id
            session.add(
                TicketEventRow(
                    ticket_id=ticket_id,
                    seq=len(log) + 1,
                    kind="evidence_added",
                    at=self._clock.now(),
                    actor=str(PERSON),
                    detail_sealed=self._vault.encrypt_json({"evidence": row.id, "sha256": row.sha256}),
                )
            )
            session.flush()
            self._board.draw(session, ticket_id)
            return True

"""The evidence files as the commands of privacy see them: sealed anew, listed for a copy, deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Table, delete, or_, select

from aid.clock import CHANGCHUN
from aid.evidence.sealed import SealedFiles
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import EvidenceAccessRow, EvidenceRow
from aid.store.sealed import guard_lifted


class EvidenceKeeper:
    """An ``aid.privacy.keepers.Keeper``."""

    name = "evidence"
    tables = frozenset({EvidenceRow.__tablename__, EvidenceAccessRow.__tablename__})

    def __init__(self, store: Store, vault: Vault, files: SealedFiles) -> None:
        self._store, self._vault, self._files = store, vault, files

    def stale(self, vault: Vault) -> int:
        """How many originals and previews the newest key did not seal."""
        return self._files.reseal(vault, only_count=True)

    def reseal(self, vault: Vault) -> int:
        """Seal them anew, each file whole or not at all; gives how many."""
        return self._files.reseal(vault)

    def listed(self, tickets: Collection[str], conversations: Collection[str]) -> list[dict[str, Any]]:
        """Name, type, size, SHA-256 and time of each file; the bytes come by ``aid evidence export``."""
        with self._store.reading() as session:
            rows = session.scalars(select(EvidenceRow).where(_belongs(tickets, conversations)).order_by(EvidenceRow.received_at)).all()
        return [
            {
                "name": self._vault.decrypt(row.name_sealed),
                "type": row.type,
                "bytes": row.size,
                "sha256": row.sha256,
                "received_at": row.received_at.astimezone(CHANGCHUN).isoformat(),
                "ticket": row.ticket_id,
            }
            for row in rows
        ]

    def erase(self, tickets: Collection[str], conversations: Collection[str]) -> int:
        """Delete the files of these tickets, and what these conversations sent and never filed; gives how many files."""
        ours = or_(EvidenceRow.ticket_id.in_(tickets), EvidenceRow.conversation_id.in_(conversations) & EvidenceRow.ticket_id.is_(None))
        with self._store.session() as session:
            ids = list(session.scalars(select(EvidenceRow.id).where(ours)))
            table = EvidenceAccessRow.__table__
            assert isinstance(table, Table)
            with guard_lifted(session.connection(), table):
                access = or_(EvidenceAccessRow.evidence_id.in_(ids), EvidenceAccessRow.ticket_id.in_(tickets))
                session.execute(delete(EvidenceAccessRow).where(access))
            session.execute(delete(EvidenceRow).where(EvidenceRow.id.in_(ids)))
        for evidence_id in ids:
            self._files.remove(evidence_id)
        return len(ids)


def _belongs(tickets: Collection[str], conversations: Collection[str]) -> Any:
    return or_(EvidenceRow.ticket_id.in_(tickets), EvidenceRow.conversation_id.in_(conversations))

"""The small memory of a talk, and the questions that found no sure answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from aid.clock import Clock
from aid.privacy.masking import mask
from aid.privacy.vault import Vault
from aid.store import statements
from aid.store.engine import Store
from aid.store.models import UnansweredRow


class Talks:
    """What the assistant remembers of a talk beyond its messages: a small JSON object, sealed."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store, self._vault = store, vault

    def read(self, conversation_id: str) -> dict[str, Any]:
        """The memory; empty when nothing was kept. Raises ``StoreUnavailable``."""
        with self._store.reading() as session:
            sealed = session.connection().scalar(statements.TALK, {"conversation": conversation_id})
        data: dict[str, Any] = self._vault.decrypt_json(sealed) if sealed else {}
        return data

    def write(self, conversation_id: str, data: dict[str, Any]) -> None:
        """Replace the memory. Raises ``StoreUnavailable``."""
        sealed = self._vault.encrypt_json(data)
        with self._store.transaction() as transaction:
            transaction.connection.execute(statements.KEEP_TALK, {"conversation": conversation_id, "sealed": sealed})


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A kept question, masked; ``entry`` is the nearest one."""

    asked: str
    band: str
    probability: float
    at: datetime
    conversation_id: str
    entry: str | None


class UnansweredQuestions:
    """Questions that found no sure answer, masked and sealed; editors read them to see what is missing."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    def add(self, conversation_id: str, asked: str, band: str, probability: float, entry: str | None = None) -> None:
        """Keep a question, masked. ``band`` is the search's; ``entry`` the nearest one. Raises ``StoreUnavailable``."""
        row = UnansweredRow(
            asked_sealed=self._vault.encrypt(mask(asked)),
            band=band,
            probability=probability,
            at=self._clock.now(),
            conversation_id=conversation_id,
            entry=entry,
        )
        with self._store.session() as session:
            session.add(row)

    def newest(self, limit: int = 100, since: datetime | None = None) -> list[Unanswered]:
        """The newest questions first. Raises ``StoreUnavailable``, ``CannotUnseal``."""
        query = select(UnansweredRow).order_by(UnansweredRow.at.desc(), UnansweredRow.id.desc()).limit(limit)
        if since is not None:
            query = query.where(UnansweredRow.at >= since)
        with self._store.reading() as session:
            return [self._question(row) for row in session.scalars(query)]

    def _question(self, row: UnansweredRow) -> Unanswered:
        asked = self._vault.decrypt(row.asked_sealed)
        return Unanswered(asked, row.band, row.probability, row.at, row.conversation_id, row.entry)

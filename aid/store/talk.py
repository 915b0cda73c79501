"""The small memory of a talk, and the questions that found no sure answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from aid.clock import Clock
from aid.privacy.masking import mask
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import TalkRow, UnansweredRow


class Talks:
    """What the assistant remembers of a talk beyond its messages: a small JSON object, sealed."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store, self._vault = store, vault

    def read(self, conversation_id: str) -> dict[str, Any]:
        """The memory; empty when nothing was kept. Raises ``StoreUnavailable``."""
        with self._store.reading() as session:
            row = session.get(TalkRow, conversation_id)
        data: dict[str, Any] = self._vault.decrypt_json(row.data_sealed) if row else {}
        return data

    def write(self, conversation_id: str, data: dict[str, Any]) -> None:
        """Replace the memory. Raises ``StoreUnavailable``."""
        sealed = self._vault.encrypt_json(data)
        with self._store.session() as session:
            known = update(TalkRow).filter_by(conversation_id=conversation_id).values(data_sealed=sealed)
            if session.scalar(known.returning(TalkRow.conversation_id)) is None:
                session.execute(insert(TalkRow).values(conversation_id=conversation_id, data_sealed=sealed))


class UnansweredQuestions:
    """Questions that found no sure answer; editors read them to see what is missing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(self, conversation_id: str, asked: str, band: str, probability: float, entry: str | None = None) -> None:
        """Keep a question, masked. ``band`` is the search's; ``entry`` the nearest one. Raises ``StoreUnavailable``."""
        row = UnansweredRow(
            asked=mask(asked),
            band=band,
            probability=probability,
            at=self._clock.now(),
            conversation_id=conversation_id,
            entry=entry,
        )
        with self._store.session() as session:
            session.add(row)

    def newest(self, limit: int = 100) -> list[UnansweredRow]:
        """The newest questions first. Raises ``StoreUnavailable``."""
        query = select(UnansweredRow).order_by(UnansweredRow.at.desc(), UnansweredRow.id.desc()).limit(limit)
        with self._store.reading() as session:
            return list(session.scalars(query))

"""Finding what is kept about one person: by telephone, by ticket or by conversation.

Telephones are sealed, so they are found by opening every ticket's parties, every draft and every message: about 0.04 ms each, a minute
for a million and a half. Nothing else in the system searches so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from aid.cases.kinds import CaseKind
from aid.language.numerals import fold
from aid.privacy.errors import NobodyFound
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import ConversationRow, DraftRow, InboundRow, TicketRow
from aid.store.sealed import in_batches

AREA = "0431"
"""Changchun's: people leave it out."""
_FIGURES = str.maketrans("零〇一幺二三四五六七八九", "001123456789")


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of what is one person's. ``unclear``: talks that only name the telephone, or that filed somebody else's case too.

    An unclear one may be another person's: it is neither given out nor deleted unless it is named itself.
    """

    tickets: list[str]
    conversations: list[str]
    unclear: list[str]


class Persons:
    """Finds people in the record. Every method may raise ``StoreUnavailable`` and ``CannotUnseal``."""

    def __init__(self, store: Store, vault: Vault, kinds: dict[str, CaseKind]) -> None:
        self._store, self._vault = store, vault
        self._phone_keys = {field.key for kind in kinds.values() for field in kind.fields if field.personal and field.type == "phone"}

    def by_phone(self, phone: str) -> Found:
        """Everything filed or written down under this telephone. Raises ``NobodyFound``."""
        wanted = plain_phone(phone)
        if len(wanted) < 7:
            raise NobodyFound("a telephone has at least 7 figures")
        tickets, others, owned = set[str](), set[str](), set[str]()
        for row, phones in self._phones(TicketRow.__table__, "parties_sealed"):
            if wanted in phones:
                tickets.add(row["id"])
                owned.add(row["conversation_id"])
            elif phones:
                others.add(row["conversation_id"])
        for row, phones in self._phones(DraftRow.__table__, "facts_sealed"):
            (owned if wanted in phones else others if phones else set()).add(row["conversation_id"])
        named = set(self._naming(wanted))
        known = self._known(owned)
        tickets |= self._tickets_of(known - others)
        found = Found(sorted(tickets), sorted(known - others), sorted((known & others) | (named - known)))
        return _somebody(found)

    def by_ticket(self, number: str) -> Found:
        """This ticket, and the conversation that filed it when it filed no other. Raises ``NobodyFound``."""
        with self._store.reading() as session:
            row = session.scalar(select(TicketRow).filter_by(number=number.strip().upper()))
        if row is None:
            raise NobodyFound(f"no ticket {number}")
        known = sorted(self._known({row.conversation_id}))
        alone = self._tickets_of(known) <= {row.id}
        return Found([row.id], known if alone else [], [] if alone else known)

    def by_conversation(self, conversation_id: str) -> Found:
        """This conversation and every ticket that it filed. Raises ``NobodyFound``."""
        found = Found(sorted(self._tickets_of([conversation_id])), sorted(self._known({conversation_id})), [])
        return _somebody(found)

    def _phones(self, table: Any, column: str) -> Iterator[tuple[Any, set[str]]]:
        rows: Table = table
        for batch in in_batches(self._store, rows, [rows.columns[column], rows.columns["conversation_id"]]):
            for row in batch:
                facts = self._vault.decrypt_json(row[column]) if row[column] is not None else {}
                yield row, {plain_phone(value) for key, value in facts.items() if key in self._phone_keys and value}

    def _naming(self, wanted: str) -> Iterator[str]:
        table: Any = InboundRow.__table__
        for batch in in_batches(self._store, table, [table.columns["text_sealed"], table.columns["conversation_id"]]):
            for row in batch:
                if names_phone(self._vault.decrypt(row["text_sealed"]), wanted):
                    yield row["conversation_id"]

    def _known(self, ids: Iterable[str]) -> set[str]:
        """Those conversations that are still kept."""
        with self._store.reading() as session:
            return {id_ for id_ in ids if session.get(ConversationRow, id_) is not None}

    def _tickets_of(self, conversations: Iterable[str]) -> set[str]:
        with self._store.reading() as session:
            return {id_ for one in conversations for id_ in session.scalars(select(TicketRow.id).filter_by(conversation_id=one))}


def plain_phone(said: str) -> str:
    """The figures of a telephone, without country code, Changchun's area code and extension."""
    figures = re.sub(r"\D", "", fold(said).translate(_FIGURES).split("转")[0])
    figures = re.sub(r"^(?:00)?86(?=1\d{10}$)", "", figures)
    return figures.removeprefix(AREA) if len(figures) >= len(AREA) + 7 else figures


def names_phone(text: str, wanted: str) -> bool:
    """Whether a sentence holds the telephone ``wanted`` (plain), in whatever figures and with whatever gaps."""
    figures = re.sub(r"(?<=\d)[-\s()]+(?=\d)", "", fold(text).translate(_FIGURES))
    return re.search(rf"(?<!\d)(?:(?:00)?86|{AREA})?{wanted}(?!\d)", figures) is not None


def _somebody(found: Found) -> Found:
    if not (found.tickets or found.conversations or found.unclear):
        raise NobodyFound("nothing is kept about this person")
    return found

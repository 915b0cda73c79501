"""Search over what was told. Facts lie sealed in the database, so they are searched in the memory of this process and nowhere else.

Every case's words that are no personal data are opened once, folded and kept (about 0.4 KB a case); each search first takes in what was filed or
deleted since. Names are kept as keyed marks of this process, good for finding a whole name and nothing else; a telephone is found by its
fingerprint in the database.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from aid.cases.kinds import CaseKind, Facts
from aid.clock import Clock
from aid.desk.masked import Mask, mask_of
from aid.language.normalise import normalise
from aid.language.numerals import fold
from aid.privacy.errors import CannotUnseal
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import BoardRow, TicketRow

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=1)
"""Longer than any transaction runs: what was written with an earlier moment and committed later is taken in too."""
AT_ONCE = 500
MOST_NAMED = 10_000
"""Ids that one statement may name; of more (an import) every case is read again."""
NAMELESS = b"-"
_UNSEARCHED = ("consent", "date", "name", "phone")
_TELLING = ("respondent", "exhibit", "booth", "platform", "place", "question", "help", "story")
"""Facts by which staff know a case, the best first."""
_TOLD_SIGNS, _TOLD_PARTS = 24, 3
_CODE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]{8}")
_NUMBER = re.compile(r"(?:CC-?)?(?:(\d{4})-)?(\d{1,6})", re.I)
_PHONE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class _Known:
    number: str
    text: str
    name: bytes


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The same side by side: plain lists are gone through several times faster than objects."""

    ids: list[str]
    texts: list[str]
    numbers: list[str]
    names: dict[bytes, list[str]]


class CaseTexts:
    """Finds cases by words. Methods that read may raise ``StoreUnavailable``; a case that no key opens is found by its number alone."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, kinds: dict[str, CaseKind]) -> None:
        self._store, self._vault, self._clock, self._kinds = store, vault, clock, kinds
        self._searched = {kind.kind: [f.key for f in kind.fields if not f.personal and f.type not in _UNSEARCHED] for kind in kinds.values()}
        self._known: dict[str, _Known] = {}
        self._shelf: _Shelf | None = None
        self._since: datetime | None = None
        self._lock, self._pepper = threading.Lock(), secrets.token_bytes(16)

    def catch_up(self) -> int:
        """Take in what was filed, or lost its personal data, since the last time; how many cases. The first time that is every case."""
        with self._lock:
            now, count = self._clock.now(), 0
            for batch in self._batches(self._since):
                for row in batch:
                    known = self._read(row)
                    if self._known.get(row.id) != known:
                        self._known[row.id], self._shelf = known, None
                count += len(batch)
            self._since = now - OVERLAP
            return count

    def find(self, words: str) -> list[str]:
        """Ids of the cases that the words mean: by number or its last figures, lookup code, telephone, whole name, or words of what was told."""
        self.catch_up()
        folded = [word for word in map(_folded, words.split()) if word]
        name, number = self._mark(words), _number(words)
        shelf = self._shelved()
        found = set(shelf.names.get(name, ()))
        if folded:
            hits = [place for place, text in enumerate(shelf.texts) if folded[0] in text]
            for word in folded[1:]:
                hits = [place for place in hits if word in shelf.texts[place]]
            found.update(shelf.ids[place] for place in hits)
        if number:
            found.update(id_ for id_, told in zip(shelf.ids, shelf.numbers, strict=True) if number in told)
        found.update(self._by_secret(words))
        return sorted(found)

    def _shelved(self) -> _Shelf:
        """What is known, laid out for searching; anew after a change."""
        with self._lock:
            if self._shelf is None:
                ids, known, names = list(self._known), list(self._known.values()), dict[bytes, list[str]]()
                for id_, one in self._known.items():
                    names.setdefault(one.name, []).append(id_)
                names.pop(NAMELESS, None)
                self._shelf = _Shelf(ids, [one.text for one in known], [one.number for one in known], names)
            return self._shelf

    def told(self, session: Session, ids: Sequence[str]) -> dict[str, str]:
        """In a few words what each case is about, masked."""
        query = select(TicketRow.id, TicketRow.kind, TicketRow.facts_sealed, TicketRow.parties_sealed)
        found: dict[str, str] = {}
        for id_, kind, facts, parties in session.execute(query.where(TicketRow.id.in_(ids))):
            try:
                known: Facts = self._vault.decrypt_json(parties) if parties else {}
                found[id_] = brief(self._vault.decrypt_json(facts), mask_of(self._kinds[kind], known))
            except CannotUnseal:  # its own page says so; the queue of all others stays open
                found[id_] = ""
        return found

    def _by_secret(self, words: str) -> list[str]:
        """By the fingerprint of a telephone or of a lookup code."""
        plain = re.sub(r"[\s-]", "", fold(words))
        query: Select[str] | None = None
        if plain.isdigit() and len(plain) >= _PHONE_DIGITS:
            query = select(TicketRow.id).where(TicketRow.person_hash.in_(self._vault.fingerprints(plain)))
        elif _CODE.fullmatch(plain):
            query = select(TicketRow.id).where(TicketRow.lookup_code_hash.in_(self._vault.fingerprints(plain.upper())))
        if query is None:
            return []
        with self._store.reading() as session:
            return list(session.scalars(query))

    def _batches(self, since: datetime | None) -> Iterable[list[TicketRow]]:
        """The tickets in steps, by their ids; no transaction stays open in between."""
        query = select(TicketRow).order_by(TicketRow.id).limit(AT_ONCE)
        if since is not None:
            # Ids first, each from its index: asked for together, a database goes through the whole wide table.
            with self._store.reading() as session:
                ids = set(session.scalars(select(BoardRow.ticket_id).where(BoardRow.received_at >= since)))
                ids.update(session.scalars(select(TicketRow.id).where(TicketRow.erased_at >= since)))
            if not ids:
                return
            if len(ids) <= MOST_NAMED:
                query = query.where(TicketRow.id.in_(ids))
        last = ""
        while True:
            with self._store.reading() as session:
                rows = list(session.scalars(query.where(TicketRow.id > last)))
            if rows:
                yield rows
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].id

    def _read(self, row: TicketRow) -> _Known:
        try:
            facts: Facts = self._vault.decrypt_json(row.facts_sealed)
            parties: Facts = self._vault.decrypt_json(row.parties_sealed) if row.parties_sealed else {}
        except CannotUnseal:
            log.error("%s cannot be unsealed and is found by its number alone", row.number)
            return _Known(row.number, "", NAMELESS)
        text = "\n".join(_folded(facts[key]) for key in self._searched.get(row.kind, ()) if facts.get(key))
        return _Known(row.number, text, self._mark(parties.get("name", "")))

    def _mark(self, name: str) -> bytes:
        """The keyed mark of a name; an empty one has none."""
        folded = _folded(name)
        return blake2b(folded.encode(), digest_size=12, key=self._pepper).digest() if folded else NAMELESS


def brief(facts: Facts, hidden: Mask) -> str:
    """In a few words what a case is about, masked: respondent, exhibit, booth, or the beginning of the account."""
    parts = [hidden.text(facts[key])[:_TOLD_SIGNS] for key in _TELLING if facts.get(key)]
    return " · ".join(parts[:_TOLD_PARTS])


def _number(words: str) -> str:
    """What a ticket's number must hold, of 123, 2026-000123 or CC-2026-000123; ``""`` when the words are no number."""
    match = _NUMBER.fullmatch(re.sub(r"\s", "", fold(words)))
    if match is None:
        return ""
    return f"-{match[1]}-{match[2].zfill(6)}" if match[1] else f"-{match[2].zfill(6)}"


def _folded(text: str) -> str:
    return re.sub(r"\s", "", fold(normalise(text))).lower()

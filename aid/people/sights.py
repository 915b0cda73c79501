"""The access log: who saw, changed or took out personal data, when, whose, what of it and why. Appended only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.people.accounts import Person
from aid.people.errors import ReasonMissing
from aid.people.rights import Role
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.people_rows import SightRow

Act = Literal["seen", "changed", "taken_out"]
OWN_WORDS = "own"
MOST_WORDS = 200
ON_MACHINE = "machine"
"""In place of a role, for the command line."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of knowledge/console.yml, or ``own`` with words."""

    code: str
    words: str = ""

    @classmethod
    def read(cls, code: str, words: str, known: Collection[str]) -> Reason:
        """From a form. Raises ``ReasonMissing`` when the code is unknown, or own words are chosen and missing."""
        words = " ".join(words.split())[:MOST_WORDS]
        if code == OWN_WORDS and len(words) >= 2:
            return cls(code, words)
        if code in known and code != OWN_WORDS:
            return cls(code, words)
        raise ReasonMissing("personal data is shown for a reason only")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data: a ticket (with its present receiver), or a talk that has none yet."""

    ticket_id: str | None = None
    ticket_number: str | None = None
    center: str | None = None
    talk: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """One line of the log, opened."""

    id: int
    at: datetime
    staff_name: str
    role: str
    act: str
    ticket_number: str | None
    talk: str | None
    center: str | None
    what: list[str]
    reason: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines: of a sign-in name, a ticket's number, a day from and until (moments, the end excluded), what was done."""

    staff_name: str = ""
    ticket_number: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Sights:
    """Writes and reads the log. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    def note(self, person: Person, role: Role, act: Act, subject: Subject, what: Sequence[str], reason: Reason) -> None:
        """Write one line; to be done before the data is shown, so that nothing is seen unlogged."""
        with self._store.session() as session:
            self.note_in(session, person, role, act, subject, what, reason)

    def note_on_machine(self, user: str, act: Act, subject: Subject, what: Sequence[str], words: str) -> None:
        """Write one line for who works on the machine itself (``user`` of the system), where no role is held. Raises ``ReasonMissing``."""
        reason = Reason.read(OWN_WORDS, words, ())
        with self._store.session() as session:
            session.add(
                SightRow(
                    at=self._clock.now(), staff_name=user[:32], role=ON_MACHINE, act=act, ticket_id=subject.ticket_id,
                    ticket_number=subject.ticket_number, talk=subject.talk, center=subject.center, what=list(what), reason=reason.code,
                    words_sealed=self._vault.encrypt(reason.words),
                )
            )  # fmt: skip

    def note_in(
        self, session: Session, person: Person, role: Role, act: Act, subject: Subject, what: Sequence[str], reason: Reason
    ) -> None:
        """Write one line within the caller's transaction: a change and its line are one."""
        session.add(
            SightRow(
                at=self._clock.now(), staff_name=person.name, role=role, act=act, ticket_id=subject.ticket_id,
                ticket_number=subject.ticket_number, talk=subject.talk, center=subject.center, what=list(what), reason=reason.code,
                words_sealed=self._vault.encrypt(reason.words) if reason.words else None,
            )
        )  # fmt: skip
        session.flush()

    def find(self, centers: Collection[str] | None, wanted: Filter, before: int | None = None, limit: int = 50) -> list[Sight]:
        """The lines, the newest first.

        Args:
            centers: of cases and talks of these centers alone; ``None``: of all, also of those that had none.
            wanted: which of them.
            before: only lines with a smaller id, for the next page.
            limit: at most so many.
        """
        query = _filtered(select(SightRow), wanted)
        if centers is not None:
            query = query.where(SightRow.center.in_(centers))
        if before is not None:
            query = query.where(SightRow.id < before)
        with self._store.reading() as session:
            rows = session.scalars(query.order_by(SightRow.id.desc()).limit(limit)).all()
        return [self._opened(row) for row in rows]

    def _opened(self, row: SightRow) -> Sight:
        words = self._vault.decrypt(row.words_sealed) if row.words_sealed else None
        return Sight(
            row.id, row.at, row.staff_name, row.role, row.act, row.ticket_number, row.talk, row.center, list(row.what), row.reason, words
        )


def _filtered(query: Select[SightRow], wanted: Filter) -> Select[SightRow]:
    if wanted.staff_name:
        query = query.where(SightRow.staff_name == wanted.staff_name.strip().lower())
    if wanted.ticket_number:
        query = query.where(SightRow.ticket_number == wanted.ticket_number.strip().upper())
    if wanted.act:
        query = query.where(SightRow.act == wanted.act)
    if wanted.since is not None:
        query = query.where(SightRow.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(SightRow.at < wanted.until)
    return query


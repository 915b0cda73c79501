"""The record of proposals and versions. Each act is one transaction that appends to the log and refuses what has changed meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.knowledge_desk.content import Content, digest, from_text, to_text
from aid.knowledge_desk.errors import NotOpen, Outdated, UnknownProposal
from aid.store.engine import Store
from aid.store.models import KnowledgeChangeRow as Row
from aid.store.models import KnowledgeEventRow as EventRow

Kind = Literal["new", "change", "rollback"]
State = Literal["proposed", "returned", "withdrawn", "approved"]
EventKind = Literal["proposed", "revised", "returned", "withdrawn", "approved", "exported"]
OPEN: tuple[State, ...] = ("proposed", "returned")
WAITING: tuple[State, ...] = ("proposed",)


@dataclass(frozen=True)
class Proposal:
    """A proposal; once approved, the entry's version ``number``. ``authors``: who has written in it, the first one first."""

    id: str
    entry: str
    kind: Kind
    file: str
    base: Content | None
    base_digest: str
    content: Content
    digest: str
    why: str
    authors: tuple[str, ...]
    state: State
    revision: int
    number: int | None
    patch: str | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a proposal's log; ``digest``: the text on which it was done."""

    kind: EventKind
    at: datetime
    actor: str
    digest: str
    words: str


class Changes:
    """Proposals in the database. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def one(self, change_id: str) -> Proposal:
        """A proposal. Raises ``UnknownProposal``."""
        with self._store.reading() as session:
            row = session.get(Row, change_id)
            if row is None:
                raise UnknownProposal(f"there is no proposal {change_id[:30]}")
            return _proposal(session, row)

    def listed(self, states: Collection[State] = OPEN, most: int = 500) -> list[Proposal]:
        """Proposals in these states, the last changed first."""
        query = select(Row).where(Row.state.in_(states)).order_by(Row.changed_at.desc(), Row.id).limit(most)
        with self._store.reading() as session:
            return [_proposal(session, row) for row in session.scalars(query)]

    def approved(self, entry: str | None = None, topic: str | None = None) -> list[Proposal]:
        """All versions, of one entry or one topic or of all, each entry's in their order."""
        query = select(Row).where(Row.state == "approved").order_by(Row.entry, Row.number)
        query = query.where(Row.entry == entry) if entry else query
        query = query.where(Row.entry.startswith(f"{topic}.", autoescape=True)) if topic else query
        with self._store.reading() as session:
            return [_proposal(session, row) for row in session.scalars(query)]

    def approvals(self) -> int:
        """How many there are; it grows when something new is to be carried into the folders."""
        with self._store.reading() as session:
            return session.scalar(select(func.count()).where(Row.state == "approved")) or 0

    def newest_number(self, entry: str) -> int:
        """The number of an entry's newest version; 0 when the desk never changed it."""
        with self._store.reading() as session:
            return session.scalar(select(func.max(Row.number)).where(Row.entry == entry)) or 0

    def log(self, change_id: str) -> list[Happened]:
        """What was done with a proposal, in its order."""
        with self._store.reading() as session:
            return [Happened(e.kind, e.at, e.actor, e.digest, e.words) for e in _events(session, change_id)]  # type: ignore[arg-type]

    def add(self, change_id: str, kind: Kind, file: str, base: Content | None, content: Content, why: str, actor: str) -> None:
        """Keep a new proposal."""
        now = self._clock.now()
        row = Row(id=change_id, entry=content["id"], kind=kind, file=file, why=why, author=actor, state="proposed", revision=1, created_at=now)
        _say(row, base, content, now)
        with self._store.session() as session:
            session.add(row)
            session.flush()
            self._note(session, row, "proposed", actor, why)

    def revise(self, change_id: str, seen: int, base: Content | None, content: Content, words: str, actor: str) -> None:
        """Another text in the place of revision ``seen``; it waits for the second person again. Raises ``NotOpen``, ``Outdated``."""
        with self._store.session() as session:
            row = _open_row(session, change_id, OPEN)
            if row.revision != seen:
                raise Outdated("somebody has changed this proposal meanwhile; look at it again")
            row.revision, row.state = row.revision + 1, "proposed"
            _say(row, base, content, self._clock.now())
            self._note(session, row, "revised", actor, words)

    def close(self, change_id: str, kind: Literal["returned", "withdrawn"], words: str, actor: str) -> None:
        """Send a proposal back to its author, or withdraw it. Raises ``NotOpen``."""
        with self._store.session() as session:
            row = _open_row(session, change_id, WAITING if kind == "returned" else OPEN)
            row.state, row.changed_at = kind, self._clock.now()
            self._note(session, row, kind, actor, words)

    def approve(self, change_id: str, seen: str, number: int, patch: str, actor: str) -> None:
        """Make the text with the digest ``seen`` the entry's version ``number``.

        Raises:
            NotOpen: it has been decided meanwhile, or was sent back.
            Outdated: its text has changed since it was seen, or the entry has got this version from another proposal.
        """
        try:
            with self._store.session() as session:
                row = _open_row(session, change_id, WAITING)
                if row.digest != seen:
                    raise Outdated("the text has changed since you looked at it; read it again")
                row.state, row.number, row.patch, row.changed_at = "approved", number, patch, self._clock.now()
                session.flush()
                self._note(session, row, "approved", actor, "")
        except IntegrityError as fault:
            raise Outdated("the entry got another version in this moment; look at it again") from fault

    def note_exported(self, change_ids: Iterable[str], actor: str) -> None:
        """Write down that these versions were written out."""
        with self._store.session() as session:
            for change_id in change_ids:
                self._note(session, session.get_one(Row, change_id), "exported", actor, "")

    def _note(self, session: Session, row: Row, kind: EventKind, actor: str, words: str) -> None:
        newest = session.scalar(select(func.max(EventRow.seq)).where(EventRow.change_id == row.id)) or 0
        at = self._clock.now()
        session.add(EventRow(change_id=row.id, seq=newest + 1, kind=kind, at=at, actor=actor, digest=row.digest, words=words))
        session.flush()


def _say(row: Row, base: Content | None, content: Content, now: datetime) -> None:
    row.base, row.base_digest = to_text(base), digest(base)
    row.content, row.digest = to_text(content) or "", digest(content)
    row.changed_at = now


def _open_row(session: Session, change_id: str, states: Collection[State]) -> Row:
    """The row, held until the end of the transaction."""
    row = session.get(Row, change_id, with_for_update=True)
    if row is None:
        raise UnknownProposal(f"there is no proposal {change_id[:30]}")
    if row.state not in states:
        raise NotOpen(f"this proposal is {row.state}")
    return row


def _events(session: Session, change_id: str) -> Iterable[EventRow]:
    return session.scalars(select(EventRow).where(EventRow.change_id == change_id).order_by(EventRow.seq))


def _proposal(session: Session, row: Row) -> Proposal:
    wrote = [event.actor for event in _events(session, row.id) if event.kind in ("proposed", "revised")]
    return Proposal(
        id=row.id,
        entry=row.entry,
        kind=row.kind,  # type: ignore[arg-type]
        file=row.file,
        base=from_text(row.base),
        base_digest=row.base_digest,
        content=from_text(row.content) or {},
        digest=row.digest,
        why=row.why,
        authors=tuple(dict.fromkeys(wrote)),
        state=row.state,  # type: ignore[arg-type]
        revision=row.revision,
        number=row.number,
        patch=row.patch,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )

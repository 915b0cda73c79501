"""Talks and answers, counted by day, door, expo and entry. The count holds nothing of a person and outlives the talks.

Replies lie sealed and talks are deleted in the end; so each reply is opened once, when it is counted, and a talk remembers how far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, delete, func, insert, or_, select, text
from sqlalchemy.orm import Session

from aid.clock import CHANGCHUN
from aid.privacy.vault import Vault
from aid.reports.cases import one_at_a_time
from aid.store.engine import Store
from aid.store.models import ConversationRow, InboundRow, ReplyRow, ReportTalkRow, ReportTallyRow

BATCH = 400
"""Talks that are counted in one transaction."""
# Told as SQL because both databases know it and SQLAlchemy has no common word for it.
_ADD = text(
    "INSERT INTO report_tally (day, door, event, entry, talks, answers) VALUES (:day, :door, :event, :entry, :talks, :answers) "
    "ON CONFLICT (day, door, event, entry) DO UPDATE SET talks = report_tally.talks + excluded.talks, "
    "answers = report_tally.answers + excluded.answers"
).bindparams(bindparam("day", type_=ReportTallyRow.__table__.c.day.type), *(bindparam(n, type_=Text) for n in ("door", "event", "entry")))


class Place(NamedTuple):
    """What is counted apart; ``entry`` is empty for talks."""

    day: date
    door: str
    event: str
    entry: str


class TalkTally:
    """Keeps ``report_tally`` up to date. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store, self._vault = store, vault

    def refresh(self) -> int:
        """Count what was said since the last time; gives how many talks. Safe beside others who do the same."""
        with self._store.reading() as session:
            ids = list(session.scalars(_uncounted().with_only_columns(ConversationRow.id)))
        for start in range(0, len(ids), BATCH):
            with self._store.session() as session:
                one_at_a_time(session)
                self._count(session, ids[start : start + BATCH])
        return len(ids)

    def _count(self, session: Session, ids: Sequence[str]) -> None:
        """Count these talks on from where each was left; what another has counted meanwhile is no longer found."""
        rows = session.execute(_uncounted().where(ConversationRow.id.in_(ids))).all()
        of = {row.id: row for row in rows}
        talks, answers = Counter[Place](), Counter[Place]()
        begun = self._begun(session, [row.id for row in rows if row.number is None])
        for row in rows:
            if row.number is None:
                talks[Place(_day(begun.get(row.id, row.created_at)), row.door, row.event_code or "", "")] += 1
        reply = ReplyRow
        query = select(reply.conversation_id, reply.number, reply.created_at, reply.body_sealed).where(reply.conversation_id.in_(list(of)))
        for conversation_id, number, at, sealed in session.execute(query):
            row = of[conversation_id]
            if number > (row.number or 0) and (entry := answered(self._vault.decrypt_json(sealed))):
                answers[Place(_day(at), row.door, row.event_code or "", entry)] += 1
        session.execute(delete(ReportTalkRow).where(ReportTalkRow.conversation_id.in_(list(of))))
        add_tally(session, talks, answers)
        if rows:
            session.execute(insert(ReportTalkRow), [{"conversation_id": row.id, "number": row.last_number} for row in rows])

    def _begun(self, session: Session, ids: Sequence[str]) -> dict[str, datetime]:
        """When the first word of each was said."""
        row = InboundRow
        query = select(row.conversation_id, func.min(row.received_at)).where(row.conversation_id.in_(ids)).group_by(row.conversation_id)
        return dict(session.execute(query).all())


def answered(body: Mapping[str, object]) -> str:
    """The entry that a reply answers from; empty for every other reply."""
    card = body.get("card")
    return str(card.get("entry", "")) if isinstance(card, dict) and card.get("kind") == "answer" else ""


def add_tally(session: Session, talks: Mapping[Place, int], answers: Mapping[Place, int]) -> None:
    """Add to what is counted."""
    rows = [{**place._asdict(), "talks": talks.get(place, 0), "answers": answers.get(place, 0)} for place in sorted({*talks, *answers})]
    if rows:
        session.execute(_ADD, rows)


def _uncounted() -> Any:
    """Talks in which something was said that is not counted."""
    row = ConversationRow
    query = select(row.id, row.door, row.event_code, row.created_at, row.last_number, ReportTalkRow.number)
    return query.outerjoin(ReportTalkRow, ReportTalkRow.conversation_id == row.id).where(
        row.last_seq > 0, or_(ReportTalkRow.number.is_(None), ReportTalkRow.number < row.last_number)
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(CHANGCHUN).date()

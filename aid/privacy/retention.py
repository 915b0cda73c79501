"""Deletion when the time is over (个人信息保护法 47): the periods are knowledge/privacy.yml."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, exists, func, select

from aid.cases.life import CLOSED, state_of
from aid.clock import CHANGCHUN, Clock, today
from aid.privacy.audit import Audit
from aid.privacy.erasure import Erasure, Plan, PlannedTicket
from aid.privacy.errors import NotConfirmed
from aid.privacy.notice import Retention
from aid.store.engine import Store
from aid.store.models import ConversationRow, InboundRow, TicketEventRow, TicketRow, UnansweredRow


@dataclass(frozen=True, slots=True)
class Due:
    """Whose time is over: ids of tickets and conversations, and how many kept questions."""

    tickets: list[PlannedTicket]
    conversations: list[str]
    questions: int


class Purge:
    """Finds and deletes what is kept too long. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock, periods: Retention, erasure: Erasure, audit: Audit) -> None:
        self._store, self._clock, self._periods = store, clock, periods
        self._erasure, self._audit = erasure, audit

    def due(self) -> Due:
        """What the periods of today end for. The last day of a period still counts."""
        tickets = self._tickets()
        with self._store.reading() as session:
            questions = session.scalar(select(func.count()).select_from(UnansweredRow).where(UnansweredRow.at < self._unused_since()))
        return Due(tickets, self._conversations([ticket.id for ticket in tickets]), questions or 0)

    def carry_out(self, *, unconfirmed: bool = False) -> Counter[str]:
        """Delete it and write it down; gives the rows deleted or emptied, by table.

        Raises:
            NotConfirmed: the center has not confirmed the periods, and ``unconfirmed`` does not take that upon itself.
        """
        if not (self._periods.verified or unconfirmed):
            raise NotConfirmed("the periods in knowledge/privacy.yml are not confirmed by the center (retention.verified: false)")
        due, since = self.due(), self._unused_since()
        done = self._erasure.carry_out(Plan(due.tickets, [], [], []), "purged", "retention")
        rest: Counter[str] = Counter()
        for conversation_id in due.conversations:
            rest += self._erasure.delete_conversation(conversation_id, unused_since=since)
        with self._store.session() as session:
            gone = session.connection().execute(delete(UnansweredRow).where(UnansweredRow.at < since))
            rest["unanswered"] += gone.rowcount
            self._audit.note_in(session, "purged", "retention", +rest)
        return done + rest

    def _unused_since(self) -> datetime:
        """The first moment of the oldest day that is still kept of a talk."""
        return datetime.combine(today(self._clock) - timedelta(days=self._periods.conversation_days), time(), CHANGCHUN)

    def _tickets(self) -> list[PlannedTicket]:
        day, due = today(self._clock), []
        with self._store.reading() as session:
            rows = session.execute(
                select(TicketRow.id, TicketRow.number, TicketEventRow.kind, TicketEventRow.at)
                .join(TicketEventRow, TicketEventRow.ticket_id == TicketRow.id)
                .where(TicketRow.erased_at.is_(None))
                .order_by(TicketRow.id, TicketEventRow.seq)
            ).all()
        logs: dict[tuple[str, str], list[tuple[str, datetime]]] = {}
        for id_, number, kind, at in rows:
            logs.setdefault((id_, number), []).append((kind, at))
        for (id_, number), log in logs.items():
            state = state_of(kind for kind, _at in log)  # type: ignore[misc]
            if state in CLOSED and day > years_later(log[-1][1].astimezone(CHANGCHUN).date(), self._periods.ticket_years):
                due.append(PlannedTicket(id_, number, state, "erase"))
        return due

    def _conversations(self, ending: list[str]) -> list[str]:
        """Talks that were not used for the period, but those whose case still has its personal data after this purge."""
        since = self._unused_since()
        said = exists().where(InboundRow.conversation_id == ConversationRow.id, InboundRow.received_at >= since)
        of_case = exists().where(
            TicketRow.conversation_id == ConversationRow.id, TicketRow.erased_at.is_(None), TicketRow.id.not_in(ending)
        )
        with self._store.reading() as session:
            query = select(ConversationRow.id).where(ConversationRow.created_at < since, ~said, ~of_case)
            return list(session.scalars(query.order_by(ConversationRow.created_at)))


def years_later(day: date, years: int) -> date:
    """The same day so many years later; of a 29 February the 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)

"""Steps of tickets that a follower is to hear of: found in the log, told once.

Found are the steps of others (staff) in tickets that his conversations filed, while he follows; what he did himself he knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from aid.cases.labels import HIDDEN
from aid.clock import CHANGCHUN, Clock
from aid.store.engine import Store
from aid.store.models import TicketEventRow, TicketRow
from aid.store.wechat_rows import WechatFollowerRow, WechatNoticeRow

OWN = ("person", "system")
AT_ONCE = 100
NEVER = datetime(9000, 1, 1, tzinfo=CHANGCHUN)
CLAIM = timedelta(minutes=2)
"""A process that died while it told something is followed by another after this."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One step to be told: the ticket's id and the line's number in its log."""

    id: int
    conversation_id: str
    ticket_id: str
    seq: int


class Notices:
    """The steps to be told. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def collect(self) -> int:
        """Write down the steps that are new in the log; gives how many. Two processes at once write each once."""
        event, notice, follower = TicketEventRow, WechatNoticeRow, WechatFollowerRow
        known = and_(notice.of_ticket == event.ticket_id, notice.seq == event.seq)
        new = (
            select(event.ticket_id, event.seq, TicketRow.conversation_id)
            .join(TicketRow, TicketRow.id == event.ticket_id)
            .join(follower, follower.conversation_id == TicketRow.conversation_id)
            .outerjoin(notice, known)
            .where(notice.id.is_(None), event.actor.not_in(OWN), event.kind.not_in(HIDDEN), event.at >= follower.since)
            .order_by(event.at, event.ticket_id, event.seq)
            .limit(AT_ONCE)
        )
        with self._store.reading() as session:
            rows = session.execute(new).all()
        written = 0
        for ticket_id, seq, conversation_id in rows:
            values = {"conversation_id": conversation_id, "of_ticket": ticket_id, "seq": seq, "state": "waiting", "made_at": self._clock.now()}
            try:
                with self._store.session() as session:
                    session.execute(insert(notice).values(values))
                written += 1
            except IntegrityError:  # another process was faster, or the conversation has just been deleted
                continue
        return written

    def due(self) -> list[Notice]:
        """What may be tried now, oldest first."""
        now = self._clock.now()
        free = and_(WechatNoticeRow.state == "waiting", or_(WechatNoticeRow.next_at.is_(None), WechatNoticeRow.next_at <= now))
        return self._all(or_(free, self._left(now)))

    def of(self, conversations: list[str]) -> list[Notice]:
        """What waits for the follower of these conversations, oldest first."""
        waiting = or_(WechatNoticeRow.state == "waiting", self._left(self._clock.now()))
        return self._all(and_(WechatNoticeRow.conversation_id.in_(conversations), waiting))

    def claim(self, notice: Notice) -> bool:
        """Take it to tell it; ``False`` when another has it, or it was told."""
        now = self._clock.now()
        ours = and_(WechatNoticeRow.id == notice.id, or_(WechatNoticeRow.state == "waiting", self._left(now)))
        with self._store.session() as session:
            taken = session.execute(update(WechatNoticeRow).where(ours).values(state="claimed", claimed_at=now).returning(WechatNoticeRow.id))
            return taken.first() is not None

    def told(self, notice: Notice) -> None:
        """It has been told."""
        self._set(notice, state="told")

    def give_back(self, notice: Notice, again: datetime | None) -> None:
        """It could not be told; it is tried ``again`` then, or only with his next message (``None``)."""
        self._set(notice, state="waiting", claimed_at=None, next_at=again or NEVER)

    def _left(self, now: datetime) -> ColumnElement[bool]:
        return and_(WechatNoticeRow.state == "claimed", WechatNoticeRow.claimed_at < now - CLAIM)

    def _all(self, which: ColumnElement[bool]) -> list[Notice]:
        row = WechatNoticeRow
        query = select(row.id, row.conversation_id, row.of_ticket, row.seq).where(which).order_by(row.id).limit(AT_ONCE)
        with self._store.reading() as session:
            return [Notice(*found) for found in session.execute(query)]

    def _set(self, notice: Notice, **values: object) -> None:
        with self._store.session() as session:
            session.execute(update(WechatNoticeRow).filter_by(id=notice.id).values(**values))

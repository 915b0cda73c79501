"""The list of those who wait for somebody of the center: who comes on it, who drops off, and what he is told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from aid.cases.calendar import WorkingDays
from aid.cases.office import Office
from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.replies import Author, Choice, Reply
from aid.store.engine import Store
from aid.store.errors import ConversationClosed, UnknownConversation
from aid.store.models import ConversationRow
from aid.store.reply_rows import ReplyRows
from aid.store.service_rows import AttendanceRow, ServiceRow
from aid.takeover.attendance import Attendance
from aid.takeover.errors import NotYours
from aid.takeover.pen import write
from aid.takeover.staff import shown_center
from aid.takeover.states import Service, service_of
from aid.takeover.takeovers import Takeovers
from aid.takeover.words import ServiceWords

FOLLOWED_DOORS = ("web", "kiosk")
"""Doors at which a person who is there follows his talk; at others nobody can tell, and he keeps his place."""
SIGN_AGAIN = timedelta(seconds=10)
CALLBACK = "consultation_callback"
_TALK, _ROW = ConversationRow, ServiceRow


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking for staff: on the list (``waiting``), they speak already (``staff``), not the hours (``closed``), nobody there.

    ``ahead``: how many are before him; ``minutes``: how long he has waited; ``is_followed``: whether he keeps his place only while he is there.
    """

    outcome: Literal["waiting", "staff", "closed", "nobody"]
    ahead: int = 0
    minutes: int = 0
    is_followed: bool = True


class WaitingList:
    """Reads and changes the list. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        office: Office,
        words: ServiceWords,
        days: WorkingDays,
        attendance: Attendance,
        takeovers: Takeovers,
    ) -> None:
        self._store, self._clock, self._words, self._days = store, clock, words, days
        self._rows, self._attendance, self._takeovers = ReplyRows(vault, clock), attendance, takeovers
        self._house = shown_center(office.router.main, words.unnamed)

    def is_open(self) -> bool:
        """Whether these are the hours in which staff can be spoken to."""
        return self._words.hours.hold(self._clock.now(), self._days)

    def ask(self, conversation_id: str) -> Asked:
        """Put the person on the list, if staff can be spoken to now; asked again he keeps his place."""
        before = self.service(conversation_id)
        if before.state == "bot":
            if not self.is_open():
                return Asked("closed")
            if not self._attendance.is_anybody():
                return Asked("nobody")
            self._enter(conversation_id)
            before = self.service(conversation_id)
        if before.state == "staff":
            return Asked("staff")
        with self._store.reading() as session:
            door = session.scalar(select(_TALK.door).filter_by(id=conversation_id))
        waited = before.at(self._clock.now()).waited or 0
        return Asked("waiting", (before.place or 1) - 1, waited // 60, door in FOLLOWED_DOORS)

    def service(self, conversation_id: str) -> Service:
        """How it stands in a talk."""
        with self._store.reading() as session:
            return service_of(session, conversation_id)

    def seen(self, conversation_id: str, before: Service) -> Service:
        """The person is there: he follows his talk. Not written down each time: ``before`` says when it last was; gives how long he waits."""
        now = self._clock.now()
        if before.seen_at is not None and now - before.seen_at < SIGN_AGAIN:
            return before.at(now)
        with self._store.session() as session:
            there = update(_ROW).where(_ROW.conversation_id == conversation_id, _ROW.ended_at.is_(None))
            session.execute(there.values(seen_at=now))
        return before.at(now)

    def leave(self, conversation_id: str, tell: bool = False) -> bool:
        """He waits no more, and is told so where it is to be told; gives whether he did wait. Staff who speak are not sent away."""
        with self._store.reading() as session:
            row_id = session.scalar(select(_ROW.id).where(_ROW.conversation_id == conversation_id, _ROW.state == "waiting"))
        return row_id is not None and self._close(row_id, conversation_id, "left", [self._say(self._words.say.stopped)] if tell else [])

    def sweep(self) -> list[str]:
        """Let those go who are no longer there, tell those for whom nobody came, give back talks whose staff are gone.

        Gives the conversations in which something was said.
        """
        now, patience = self._clock.now(), self._words.patience
        away = and_(_TALK.door.in_(FOLLOWED_DOORS), _ROW.seen_at < now - timedelta(seconds=patience.away_seconds))
        late = _ROW.asked_at < now - timedelta(minutes=patience.wait_minutes)
        told = []
        for row_id, conversation_id, is_away in self._found(or_(away, late), away):
            reply = self._say(self._words.say.left) if is_away else self._unanswered()
            if self._close(row_id, conversation_id, "left" if is_away else "unanswered", [reply]):
                told.append(conversation_id)
        return told + [conversation for conversation, staff in self._forsaken() if self._released(conversation, staff)]

    def _enter(self, conversation_id: str) -> None:
        """Unless somebody else has put him on it, or staff have taken the talk, in this moment."""
        now = self._clock.now()
        try:
            with self._store.session() as session:
                # The lock keeps a take-over out that would not see him on the list.
                is_bots = update(_TALK).where(_TALK.id == conversation_id, _TALK.owner == "bot", _TALK.state == "open")
                if session.scalar(is_bots.values(tenure=_TALK.tenure).returning(_TALK.id)):
                    session.add(ServiceRow(conversation_id=conversation_id, state="waiting", asked_at=now, seen_at=now))
        except IntegrityError:
            return

    def _found(self, condition: ColumnElement[bool], away: ColumnElement[bool]) -> list[tuple[int, str, bool]]:
        query = select(_ROW.id, _ROW.conversation_id, away).join(_TALK, _TALK.id == _ROW.conversation_id)
        with self._store.reading() as session:
            found = session.execute(query.where(_ROW.ended_at.is_(None), _ROW.state == "waiting", condition))
            return [(id_, talk, bool(is_away)) for id_, talk, is_away in found]

    def _close(self, row_id: int, conversation_id: str, state: str, replies: Collection[Reply]) -> bool:
        """End a wait, once, with what is said of it."""
        with self._store.transaction() as transaction:
            connection = transaction.connection
            # The talk is locked before the wait, as a take-over does it.
            stored = write(connection, self._rows, conversation_id, list(replies))
            ending = update(_ROW).where(_ROW.id == row_id, _ROW.state == "waiting").values(state=state, ended_at=self._clock.now())
            if connection.execute(ending).rowcount == 0:
                transaction.rollback()
                return False
            return stored is not None

    def _forsaken(self) -> list[tuple[str, str]]:
        """Talks of staff who have given no sign for too long, and whose they are."""
        since = self._clock.now() - timedelta(minutes=self._words.patience.absent_minutes)
        query = select(_ROW.conversation_id, _ROW.staff).outerjoin(AttendanceRow, AttendanceRow.staff == _ROW.staff)
        gone = or_(AttendanceRow.seen_at < since, and_(AttendanceRow.seen_at.is_(None), _ROW.taken_at < since))
        with self._store.reading() as session:
            return [(talk, staff or "") for talk, staff in session.execute(query.where(_ROW.ended_at.is_(None), _ROW.state == "taken", gone))]

    def _released(self, conversation_id: str, staff_id: str) -> bool:
        try:
            return bool(self._takeovers.release(conversation_id, staff_id))
        except (NotYours, ConversationClosed, UnknownConversation):  # a colleague has taken it, or the person has ended it, meanwhile
            return False

    def _unanswered(self) -> Reply:
        say = self._words.say
        choices = [Choice(label=say.call_back, payload={"start": CALLBACK}), Choice(label=say.wait_on, payload={"human": "ask"})]
        return self._say(say.unanswered, choices)

    def _say(self, text: str, choices: list[Choice] | None = None) -> Reply:
        return Reply(text=text, choices=choices or [], author=Author(kind="system", name=self._house))

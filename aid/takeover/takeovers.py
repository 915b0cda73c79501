"""Staff take a talk over from the bot, speak in it, and give it back: each one change of the conversation's row.

From the commit of a take-over on nothing that the bot says is stored in the talk, whatever turn runs (``Messages.finish_turn`` looks at the
same row in its own transaction), and doors deliver only what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aid.cases.drafts import Draft
from aid.cases.errors import DraftGone
from aid.cases.office import Office
from aid.clock import Clock
from aid.language.seen import seen
from aid.privacy.vault import Vault
from aid.replies import Author, Choice, Reply
from aid.store.engine import Store
from aid.store.followers import DOOR as WECHAT
from aid.store.messages import StoredReply
from aid.store.models import ConversationRow, ReplyRow
from aid.store.reply_rows import ReplyRows
from aid.store.service_rows import ServiceRow
from aid.takeover.attendance import Attendance
from aid.takeover.errors import EmptyWords, NotYours, OnlySupervisors, TakenByColleague
from aid.takeover.pen import owner_of, write
from aid.takeover.staff import Staff, shown_center
from aid.takeover.words import ServiceWords
from aid.wechat.cutting import Limits, pieces

MOST_CHARACTERS = 2000
PIECE = Limits(characters=420, octets=1400)
"""A piece in WeChat: below what a message there holds, for who speaks stands above it."""
_TALK = ConversationRow


class Takeovers:
    """Changes who has a talk. Every method may raise ``StoreUnavailable``, ``UnknownConversation`` and ``ConversationClosed``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, office: Office, words: ServiceWords, attendance: Attendance) -> None:
        self._store, self._clock, self._office, self._words = store, clock, office, words
        self._rows, self._attendance = ReplyRows(vault, clock), attendance

    def take(self, conversation_id: str, staff: Staff, from_colleague: bool = False) -> list[StoredReply]:
        """Take the talk over: the bot says nothing more in it, and the person is told who speaks now. Who has it already changes nothing.

        Raises:
            TakenByColleague: another has it, and it is not to be taken ``from_colleague``; or he has got it in this very moment.
            OnlySupervisors: ``from_colleague``, by somebody who is no supervisor.
            NothingSaid: the person has said nothing yet.
        """
        if from_colleague and not staff.is_supervisor:
            raise OnlySupervisors("only a supervisor takes a talk from a colleague")
        shown = shown_center(self._office.router.center(staff.center), self._words.unnamed)
        self._attendance.here(staff.id)
        with self._store.transaction() as transaction:
            connection = transaction.connection
            owner = owner_of(connection, conversation_id) if from_colleague else None
            if owner == staff.id:
                return []
            said = self._words.say.colleague if owner else self._words.say.taken
            reply = _house(shown, said.format(center=shown))
            is_free = _TALK.owner_id == owner if owner else _TALK.owner == "bot"
            changes = {"owner": "staff", "owner_id": staff.id, "tenure": _TALK.tenure + 1}
            told = write(connection, self._rows, conversation_id, [reply], is_free, changes=changes)
            if told is None:
                present = owner_of(connection, conversation_id)
                if present == staff.id:
                    return []
                raise TakenByColleague(present or "", self._shown(connection, conversation_id))
            self._note_taken(connection, conversation_id, staff, shown)
            return told

    def say(self, conversation_id: str, staff: Staff, text: str, client_id: str = "") -> StoredReply:
        """Say something to the person: at doors whose messages are short in several pieces, of which the last is given.

        The same words with the same ``client_id`` (of the form in which they were written) are said once, however often they are sent.

        Raises:
            NotYours, EmptyWords
        """
        words = clean(text)
        if not words:
            raise EmptyWords("nothing to send")
        key = sha256(f"{client_id}\0{words}".encode()).hexdigest() if client_id else None
        if (known := self._said(conversation_id, key)) is not None:
            return known
        shown = shown_center(self._office.router.center(staff.center), self._words.unnamed)
        author = Author(kind="staff", name=" · ".join(part for part in (shown, staff.sign) if part))
        self._attendance.here(staff.id)
        pieces = [Reply(text=piece, author=author) for piece in self._pieces(conversation_id, words)]
        try:
            return self._written(conversation_id, staff, pieces, author_id=staff.id, client_id=key)[-1]
        except IntegrityError:  # sent twice in the same moment
            said = self._said(conversation_id, key)
            if said is None:
                raise
            return said

    def _said(self, conversation_id: str, key: str | None) -> StoredReply | None:
        if key is None:
            return None
        with self._store.reading() as session:
            row = session.scalar(select(ReplyRow).filter_by(conversation_id=conversation_id, client_id=key))
        return None if row is None else self._rows.read(row)

    def _pieces(self, conversation_id: str, words: str) -> list[str]:
        """What staff say, cut where a door's messages are short: each piece is told, and counted as told, by itself."""
        with self._store.reading() as session:
            door = session.scalar(select(ConversationRow.door).filter_by(id=conversation_id))
        return pieces(words, PIECE) if door == WECHAT else [words]

    def hand_back(self, conversation_id: str, staff: Staff, clean_form: bool = False) -> list[StoredReply]:
        """Give the talk back to the bot, who goes on where the form was, or, with ``clean_form``, without it. Raises ``NotYours``."""
        shown = shown_center(self._office.router.center(staff.center), self._words.unnamed)
        return self._give_back(conversation_id, staff, self._words.say.handed_back.format(center=shown), "handed_back", clean_form)

    def end(self, conversation_id: str, staff: Staff, clean_form: bool = False) -> list[StoredReply]:
        """What the person came for is done: the talk is the bot's again. Raises ``NotYours``."""
        return self._give_back(conversation_id, staff, self._words.say.ended, "ended", clean_form)

    def release(self, conversation_id: str, staff_id: str) -> list[StoredReply]:
        """The member of staff is gone: the bot goes on. Raises ``NotYours``."""
        return self._give_back(conversation_id, Staff(staff_id, self._office.router.main.id), self._words.say.absent, "handed_back", False)

    def _give_back(self, conversation_id: str, staff: Staff, told: str, state: str, clean_form: bool) -> list[StoredReply]:
        draft = self._office.drafts.current(conversation_id)
        cancelled, draft = (draft, None) if clean_form else (None, draft)
        files = self._office.evidence.of_draft(cancelled.id) if cancelled else []
        shown = shown_center(self._office.router.center(staff.center), self._words.unnamed)
        say, choices = self._words.say, []
        if draft is not None:
            told += say.form_open.format(label=self._office.kinds[draft.kind].label)
            choices = [Choice(label=say.go_on, payload={"say": say.go_on_says})]
        # A fresh tracker finds the form as the database knows it; what the bot last said may never have been seen.
        changes = {"owner": "bot", "owner_id": None, "tenure": _TALK.tenure + 1, "epoch": _TALK.epoch + 1}
        stored = self._written(conversation_id, staff, [_house(shown, told, choices)], state=state, changes=changes, cancelled=cancelled)
        self._office.evidence.erase(files)  # the bytes alone: of a file that was filed meanwhile the row stands, and it stays
        return stored

    def _written(
        self,
        conversation_id: str,
        staff: Staff,
        replies: list[Reply],
        *,
        author_id: str | None = None,
        client_id: str | None = None,
        state: str = "",
        changes: Mapping[str, Any] | None = None,
        cancelled: Draft | None = None,
    ) -> list[StoredReply]:
        """Write where the talk is his, and in the same transaction end the form that he cancels. Raises ``NotYours``."""
        with self._store.transaction() as transaction:
            connection = transaction.connection
            own = _TALK.owner_id == staff.id
            told = write(connection, self._rows, conversation_id, replies, own, author_id=author_id, client_id=client_id, changes=changes)
            if told is None:
                owner_of(connection, conversation_id)
                raise NotYours("the talk is not this member of staff's")
            if state:
                ending = update(ServiceRow).where(ServiceRow.conversation_id == conversation_id, ServiceRow.ended_at.is_(None))
                connection.execute(ending.values(state=state, ended_at=self._clock.now()))
            if cancelled is not None:
                # The person may have filed or ended it in this moment: then there is nothing left to cancel.
                with Session(connection) as session, suppress(DraftGone):
                    self._office.drafts.cancel_in(session, cancelled, cancelled.last_inbound_id)
            return told

    def _note_taken(self, connection: Connection, conversation_id: str, staff: Staff, shown: str) -> None:
        now = self._clock.now()
        values = {"state": "taken", "taken_at": now, "staff": staff.id, "center": staff.center, "shown": shown}
        under_way = update(ServiceRow).where(ServiceRow.conversation_id == conversation_id, ServiceRow.ended_at.is_(None))
        if connection.execute(under_way.values(**values)).rowcount == 0:
            connection.execute(insert(ServiceRow).values(conversation_id=conversation_id, seen_at=now, **values))

    def _shown(self, connection: Connection, conversation_id: str) -> str:
        query = select(ServiceRow.shown).where(ServiceRow.conversation_id == conversation_id, ServiceRow.ended_at.is_(None))
        return connection.scalar(query) or ""


def clean(text: str) -> str:
    """Words as they may be sent: no unseen characters (among them those that turn the direction of writing), at most 2,000 characters."""
    return seen(text).strip()[:MOST_CHARACTERS]


def _house(name: str, text: str, choices: list[Choice] | None = None) -> Reply:
    return Reply(text=text, choices=choices or [], author=Author(kind="system", name=name))

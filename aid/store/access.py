"""Who may still enter a conversation: its door, its generation of tokens, its end, and the way to another device."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.store.engine import Store
from aid.store.errors import ConversationClosed, HandoverGone, UnknownConversation
from aid.store.models import ConversationRow, HandoverRow
from aid.store.service_rows import ServiceRow

HANDOVER_GOOD_FOR = timedelta(minutes=5)
PHONE_DOOR = "web"
"""The door at which a handed-over conversation goes on."""
Beside = Callable[[Session, str], object]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a token must agree with."""

    door: str
    generation: int
    is_open: bool


class Access:
    """Reads and changes who may enter. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def entry(self, conversation_id: str) -> Entry | None:
        """Door, generation and state of a conversation; ``None`` when there is none."""
        row = ConversationRow
        with self._store.reading() as session:
            found = session.execute(select(row.door, row.generation, row.state).where(row.id == conversation_id)).one_or_none()
        return Entry(found[0], found[1], found[2] == "open") if found else None

    def end(self, conversation_id: str) -> None:
        """Close the conversation; every token of it opens nothing from now on. Who waited for staff, or spoke to them, has left.

        Raises:
            UnknownConversation
        """
        with self._store.session() as session:
            self._changed(session, conversation_id, state="closed", owner="bot", owner_id=None, tenure=ConversationRow.tenure + 1)
            left = update(ServiceRow).where(ServiceRow.conversation_id == conversation_id, ServiceRow.ended_at.is_(None))
            session.execute(left.values(state="left", ended_at=self._clock.now()))

    def offer_handover(self, conversation_id: str) -> str:
        """A code, good once for five minutes, with which another device takes the conversation over; an earlier one is void.

        Raises:
            ConversationClosed: it has ended, or does not exist.
        """
        code = secrets.token_urlsafe(24)
        with self._store.session() as session:
            state = session.scalar(select(ConversationRow.state).where(ConversationRow.id == conversation_id))
            if state != "open":
                raise ConversationClosed("the conversation has ended")
            session.execute(update(HandoverRow).filter_by(conversation_id=conversation_id, used_at=None).values(used_at=self._clock.now()))
            expires = self._clock.now() + HANDOVER_GOOD_FOR
            session.add(HandoverRow(code_digest=_hash(code), conversation_id=conversation_id, expires_at=expires))
        return code

    def take_over(self, code: str, door: str = PHONE_DOOR, device: str | None = None, beside: Beside | None = None) -> tuple[str, Entry]:
        """Use a code: the conversation goes on at ``door`` (the phone's), and the tokens of the first device are void.

        Args:
            code: what the first device showed.
            door: where the conversation goes on.
            device: a secret that the phone has made for this. With it the same phone, which has lost the answer, may ask again while the
                code is good and nobody has taken the conversation further; to everyone else a used code opens nothing.
            beside: writes in the same transaction what that door keeps of the conversation of this id; what it raises leaves the code good.

        Raises:
            HandoverGone: the code is unknown, used or too old, or the conversation has ended; never says which.
        """
        now = self._clock.now()
        free = (HandoverRow.code_digest == _hash(code), HandoverRow.used_at.is_(None), HandoverRow.expires_at > now)
        use = update(HandoverRow).where(*free).values(used_at=now).returning(HandoverRow.conversation_id, HandoverRow.expires_at)
        with self._store.session() as session:
            taken = session.execute(use).one_or_none()
            if taken is None:
                return self._taken_again(session, code, device)
            row = session.get(ConversationRow, taken.conversation_id, with_for_update=True)
            if row is None or row.state != "open":
                raise HandoverGone("the code opens nothing")
            row.door, row.generation = door, row.generation + 1
            if device is not None:
                # A used row of its own, under what nobody can make who lacks the phone's secret, or a later generation's.
                mark = _mark(code, device, row.generation)
                session.add(HandoverRow(code_digest=mark, conversation_id=row.id, expires_at=taken.expires_at, used_at=now))
            if beside is not None:
                beside(session, row.id)
            return row.id, Entry(row.door, row.generation, True)

    def _taken_again(self, session: Session, code: str, device: str | None) -> tuple[str, Entry]:
        """What the phone was given that has used the code, once more. Raises ``HandoverGone``."""
        used = session.get(HandoverRow, _hash(code))
        row = session.get(ConversationRow, used.conversation_id) if used and device else None
        if row is None or device is None or row.state != "open" or row.door != PHONE_DOOR:
            raise HandoverGone("the code opens nothing")
        mine = session.get(HandoverRow, _mark(code, device, row.generation))
        if mine is None or mine.expires_at <= self._clock.now():
            raise HandoverGone("the code opens nothing")
        return row.id, Entry(row.door, row.generation, True)

    def _changed(self, session: Session, conversation_id: str, **values: Any) -> None:
        change = update(ConversationRow).where(ConversationRow.id == conversation_id)
        change = change.values(generation=ConversationRow.generation + 1, **values).returning(ConversationRow.id)
        if session.scalar(change) is None:
            raise UnknownConversation("no conversation has this id")


def _mark(code: str, device: str, generation: int) -> str:
    """Of a used code, the device that used it, and the generation that it was given. No code has a blank in it."""
    return _hash(f"{code} {device} {generation}")


def _hash(code: str) -> str:
    """A code of 192 random bits needs no secret to keep it from being guessed from its hash."""
    return hashlib.sha256(code.encode()).hexdigest()

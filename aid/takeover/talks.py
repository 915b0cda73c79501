"""The talks as staff see them: who waits, what is going on, what was said; personal data masked unless it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select

from aid.cases.kinds import CaseKind
from aid.clock import Clock
from aid.desk.masked import Mask, masks_of_talks
from aid.privacy.masking import mask_name
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.messages import Conversation, Messages
from aid.store.models import ConversationRow, InboundRow, ReplyRow
from aid.store.service_rows import ServiceRow
from aid.takeover.states import Service, service_of
from aid.takeover.words import Reachable, ServiceWords

LIVELY = timedelta(minutes=30)
"""So long after the last word a talk counts as going on."""
MOST_TALKS = 100
LOOK_SECONDS = 1.0
LAST_WORDS = 60
Reach = Callable[[Conversation], Reachable]
"""A door's own answer to the question whether a person reads at once what is said to him."""
Untold = Callable[[Conversation], int]


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk in a list: ``asked_at`` since when the person waits, ``last_words`` masked, ``owner_id`` the staff who have it."""

    conversation_id: str
    door: str
    event_code: str | None
    asked_at: datetime | None
    waited_seconds: int
    last_words: str
    last_at: datetime
    owner_id: str | None
    shown: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a talk. ``number`` is that of the newest reply up to here: after it one goes on following."""

    by: Literal["person", "bot", "staff", "system"]
    at: datetime
    text: str
    name: str
    number: int
    seq: int
    card: dict[str, Any] | None = None
    choices: tuple[str, ...] = ()
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is new in a talk, and how it stands; ``mark`` (message, reply) is where to go on."""

    lines: list[Line]
    service: Service
    owner_id: str | None
    is_open: bool
    mark: tuple[int, int]


class StaffTalks:
    """Reads talks for staff. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self, store: Store, vault: Vault, clock: Clock, messages: Messages, words: ServiceWords, kinds: Mapping[str, CaseKind]
    ) -> None:
        self._store, self._vault, self._clock, self._messages, self._words, self._kinds = store, vault, clock, messages, words, kinds
        self._reaches: dict[str, Reach] = {}
        self._untold: dict[str, Untold] = {}

    def answer_for(self, door: str, reach: Reach, untold: Untold | None = None) -> None:
        """``reach`` says of this door's people whether they read at once; the web's and the kiosk's do while they follow.

        ``untold``: at a door where words wait until they can be sent, how many do.
        """
        self._reaches[door] = reach
        if untold is not None:
            self._untold[door] = untold

    def reachable(self, conversation_id: str) -> Reachable:
        """Whether the person reads at once what is said to him, or when he next comes. Raises ``UnknownConversation``."""
        conversation = self._messages.conversation(conversation_id)
        if conversation.door in self._reaches:
            return self._reaches[conversation.door](conversation)
        with self._store.reading() as session:
            seen_at = service_of(session, conversation_id).seen_at
        away = timedelta(seconds=self._words.patience.away_seconds)
        return "now" if seen_at and self._clock.now() - seen_at < away else "at_next_message"

    def reach_told(self, conversation_id: str) -> str:
        """The same as a sentence for staff. Raises ``UnknownConversation``."""
        told: str = getattr(self._words.reach, self.reachable(conversation_id))
        return told

    def untold(self, conversation_id: str) -> int:
        """How many words of staff and the house wait to be sent to the person. Raises ``UnknownConversation``."""
        conversation = self._messages.conversation(conversation_id)
        untold = self._untold.get(conversation.door)
        return untold(conversation) if untold is not None and conversation.state == "open" else 0

    def conversation(self, conversation_id: str) -> Conversation:
        """Door, expo, owner and state of a talk. Raises ``UnknownConversation``."""
        return self._messages.conversation(conversation_id)

    def center(self, conversation_id: str) -> str | None:
        """The center of the member of staff who has the talk."""
        with self._store.reading() as session:
            row = ServiceRow
            under_way = select(row.center).where(row.conversation_id == conversation_id, row.state == "taken")
            return session.scalar(under_way)

    def waiting(self) -> list[Talk]:
        """Who waits for staff, the longest first."""
        return self._listed(ServiceRow.state == "waiting")

    def taken(self) -> list[Talk]:
        """The talks that staff have."""
        return self._listed(ServiceRow.state == "taken")

    def standing(self) -> list[tuple[str, str, str | None, int]]:
        """The talks that wait and that staff have: id, state, who has it, number of the last message. Nothing is opened for it."""
        talk, row = ConversationRow, ServiceRow
        last = select(func.max(InboundRow.seq)).where(InboundRow.conversation_id == talk.id).correlate(talk).scalar_subquery()
        query = select(talk.id, row.state, talk.owner_id, func.coalesce(last, 0)).join(row, row.conversation_id == talk.id).order_by(row.id)
        query = query.where(row.ended_at.is_(None), row.state.in_(("waiting", "taken")), talk.state == "open").limit(2 * MOST_TALKS)
        with self._store.reading() as session:
            return [(id_, state, owner, int(number)) for id_, state, owner, number in session.execute(query)]

    def going_on(self) -> list[Talk]:
        """Talks of the bot in which something was said lately, the newest first."""
        talk, said = ConversationRow, func.max(InboundRow.received_at)
        query = select(talk.id, talk.door, talk.event_code, said).join(InboundRow, InboundRow.conversation_id == talk.id)
        query = query.where(talk.state == "open", talk.owner == "bot", InboundRow.received_at > self._clock.now() - LIVELY)
        query = query.group_by(talk.id, talk.door, talk.event_code).order_by(said.desc()).limit(MOST_TALKS)
        with self._store.reading() as session:
            rows = session.execute(query).all()
            words = self._last_words([row[0] for row in rows], session)
        return [Talk(row[0], row[1], row[2], None, 0, *words[row[0]], None, None) for row in rows]

    def seen(self, conversation_id: str, after: tuple[int, int] = (0, 0), masked: bool = True) -> Seen:
        """What was said after ``after`` (message, reply), in order of time. Raises ``UnknownConversation``."""
        conversation = self._messages.conversation(conversation_id)
        message, reply = after
        with self._store.reading() as session:
            service = service_of(session, conversation_id)
            of_it = {"conversation_id": conversation_id}
            said = list(session.scalars(select(InboundRow).filter_by(**of_it).where(InboundRow.seq > message).order_by(InboundRow.seq)))
            replies = list(session.scalars(select(ReplyRow).filter_by(**of_it).where(ReplyRow.number > reply).order_by(ReplyRow.number)))
            # A stream looks each second, mostly in vain: then no form is opened.
            hides = masked and (said or replies)
            known = masks_of_talks(session, self._vault, self._kinds, [conversation_id])[conversation_id] if hides else Mask((), open=not masked)
        lines = [self._said(row, known) for row in said] + [self._replied(row, known) for row in replies]
        lines.sort(key=lambda line: (line.at, line.number))
        lines = self._names_hidden(lines) if masked else lines
        mark = (max([message, *(row.seq for row in said)]), max([reply, *(row.number for row in replies)]))
        return Seen(lines, service, conversation.owner_id, conversation.state == "open", mark)

    async def follow(
        self, conversation_id: str, after: tuple[int, int] = (0, 0), *, masked: bool = True, beat: float = 15.0, look: float = LOOK_SECONDS
    ) -> AsyncIterator[Seen | None]:
        """First everything after ``after``, then what is new as it comes; ``None`` after ``beat`` quiet seconds. Ends with the conversation.

        The record is looked at each ``look`` seconds, so that it works with any number of processes and without Redis.
        Raises ``UnknownConversation``, ``StoreUnavailable``.
        """
        before: tuple[Any, ...] | None = None
        quiet = 0.0
        while True:
            seen = await asyncio.to_thread(self.seen, conversation_id, after, masked)
            standing = (seen.service.state, seen.owner_id, seen.is_open)
            if seen.lines or standing != before:
                yield seen
                quiet = 0.0
            before, after = standing, seen.mark
            if not seen.is_open:
                return
            await asyncio.sleep(look)
            quiet += look
            if quiet >= beat:
                yield None
                quiet = 0.0

    def _listed(self, condition: Any) -> list[Talk]:
        talk, row, now = ConversationRow, ServiceRow, self._clock.now()
        query = select(row, talk).join(talk, talk.id == row.conversation_id).order_by(row.id)
        query = query.where(row.ended_at.is_(None), condition, talk.state == "open")
        with self._store.reading() as session:
            rows = session.execute(query.limit(MOST_TALKS)).all()
            words = self._last_words([found.id for _row, found in rows], session)
        talks = []
        for service, found in rows:
            since = service.asked_at or service.taken_at or now
            waited = int(((service.taken_at or now) - since).total_seconds())
            told = (found.id, found.door, found.event_code, service.asked_at, waited)
            talks.append(Talk(*told, *words.get(found.id, ("", since)), found.owner_id, service.shown))
        return talks

    def _last_words(self, ids: list[str], session: Any) -> dict[str, tuple[str, datetime]]:
        newest = select(InboundRow.conversation_id, func.max(InboundRow.seq).label("seq")).where(InboundRow.conversation_id.in_(ids))
        last = newest.group_by(InboundRow.conversation_id).subquery()
        query = select(InboundRow).join(last, (InboundRow.conversation_id == last.c.conversation_id) & (InboundRow.seq == last.c.seq))
        found, masks = {}, masks_of_talks(session, self._vault, self._kinds, ids)
        for row in session.scalars(query):
            words = masks[row.conversation_id].text(self._vault.decrypt(row.text_sealed))
            found[row.conversation_id] = (words if len(words) <= LAST_WORDS else words[:LAST_WORDS] + "…", row.received_at)
        return found

    def _names_hidden(self, lines: Sequence[Line]) -> list[Line]:
        """What a person said to the question for a name is one, also when the form is gone that would tell it."""
        shown, asked = list[Line](), False
        for line in lines:
            if line.by == "person":
                shown.append(replace(line, text=mask_name(line.text)) if asked else line)
                asked = False
            else:
                shown.append(line)
                asked = self._asks_name(line.card or {}) or (asked and line.by != "bot")
        return shown

    def _asks_name(self, card: Mapping[str, Any]) -> bool:
        kind = self._kinds.get(str(card.get("case_kind"))) if card.get("kind") == "question" else None
        return kind is not None and any(field.key == card.get("field") and field.type == "name" for field in kind.fields)

    def _said(self, row: InboundRow, known: Mask) -> Line:
        return Line("person", row.received_at, known.text(self._vault.decrypt(row.text_sealed)), "", -1, row.seq, file=row.evidence_id)

    def _replied(self, row: ReplyRow, known: Mask) -> Line:
        body = self._vault.decrypt_json(row.body_sealed)
        author, text, by = body.get("author"), str(body["text"]), row.author
        choices = tuple(known.text(choice["label"]) for choice in body.get("choices") or [])
        return Line(by, row.created_at, known.text(text), author["name"] if author else "", row.number, 0, body.get("card"), choices)  # type: ignore[arg-type]

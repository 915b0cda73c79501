"""Followers of the WeChat account: which conversation is whose, what came from them, what they were told, what may still be sent to them.

How many messages the platform lets an account send: 5 within 48 hours after a person's message, 3 within a minute after a menu click, a
follow or a scan (official page of the customer-service message). They are counted before they are sent, and our windows are a little shorter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, delete, func, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aid.clock import Clock
from aid.privacy.vault import Vault
from aid.store import wechat_statements as statements
from aid.store.access import Access
from aid.store.engine import Store
from aid.store.messages import new_id
from aid.store.models import ConversationRow, ReplyRow
from aid.store.wechat_reach import MESSAGE_WINDOW, TAP_WINDOW, WechatReach, may_be_sent, reach_of
from aid.store.wechat_rows import WechatFollowerRow, WechatSeenRow

DOOR = "wechat"
SEEN_FOR = timedelta(days=2)
"""How long a message is known again; the platform repeats it within seconds."""
AT_ONCE = 50
LATELY = timedelta(hours=1)
"""So long words of staff are looked for at every look; after that in the rounds, as every answer that is owed."""
Act = Literal["message", "tap", "quiet"]
"""What somebody's act allows: ``message`` (48 hours), ``tap`` (a minute), ``quiet`` (nothing)."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A person at this door and his current conversation."""

    conversation_id: str
    openid: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What he was told last: number of the reply, pages that 更多 brings, open choices as ``[label, id, number]``.

    ``since_number``: while something is on its way to him, the number before it.
    """

    told_until: int
    pages: list[str]
    options: list[list[Any]]
    since_number: int | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told: pages still to come, choices that are open from now on; and what is answered to the message of ``key`` itself, if it is."""

    pages: list[str]
    options: list[list[Any]]
    key: str = ""
    answer: str = ""


class Followers:
    """Reads and writes followers. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, access: Access) -> None:
        self._store, self._vault, self._clock, self._access = store, vault, clock, access

    def find(self, openid: str) -> Follower | None:
        """The follower, if he is known and his conversation is open."""
        with self._store.reading() as session:
            found = session.execute(statements.FIND, {"marks": self._vault.fingerprints(openid)}).first()
        return Follower(found[0], openid) if found is not None and found[1] == "open" else None

    def enter(self, openid: str) -> Follower:
        """The follower, with a conversation that is begun when he has none."""
        if (known := self.find(openid)) is not None:
            return known
        id_ = new_id()
        begun = {"id": id_, "door": DOOR, "created_at": self._clock.now(), "last_seq": 0}
        try:
            with self._store.transaction() as transaction:
                connection = transaction.connection
                connection.execute(statements.ADD_CONVERSATION, begun)
                if connection.execute(statements.FIND, {"marks": self._vault.fingerprints(openid)}).first() is None:
                    connection.execute(statements.ADD_FOLLOWER, self._new(openid, id_))
                    return Follower(id_, openid)
                transaction.rollback()
            with self._store.session() as session:
                current = session.scalar(select(WechatFollowerRow).where(self._is(openid), WechatFollowerRow.is_current).with_for_update())
                if current is not None and session.get_one(ConversationRow, current.conversation_id).state == "open":
                    return Follower(current.conversation_id, openid)  # another process was faster
                session.execute(statements.ADD_CONVERSATION, begun)
                return self._become_current(session, openid, id_)
        except IntegrityError:  # and here too
            return self.enter(openid)

    def take_over(self, openid: str, code: str) -> Follower:
        """Go on with the conversation that a kiosk has handed over; his earlier one is kept beside it.

        Raises:
            HandoverGone: the code opens nothing.
        """

        def his(session: Session, conversation_id: str) -> None:
            self._become_current(session, openid, conversation_id)

        try:
            return Follower(self._access.take_over(code, DOOR, beside=his)[0], openid)
        except IntegrityError:  # a message of a new follower at the same moment: he has a conversation by now
            return Follower(self._access.take_over(code, DOOR, beside=his)[0], openid)

    def attend(self, follower: Follower, event: str) -> None:
        """His talk goes on at the expo of this code."""
        with self._store.session() as session:
            session.execute(update(ConversationRow).filter_by(id=follower.conversation_id).values(event_code=event))

    def conversations(self, openid: str) -> list[str]:
        """Every conversation of his at this door."""
        with self._store.reading() as session:
            return list(session.scalars(select(WechatFollowerRow.conversation_id).where(self._is(openid))))

    def of(self, conversation_id: str) -> Follower | None:
        """The follower to whom a conversation belongs, with his current one."""
        with self._store.reading() as session:
            sealed = session.scalar(select(WechatFollowerRow.openid_sealed).filter_by(conversation_id=conversation_id))
        return self.find(self._vault.decrypt(sealed)) if sealed is not None else None

    def owed(self, since: timedelta) -> list[tuple[Follower, int]]:
        """Followers who have not been told replies that are older than ``since``, and may be sent something; with the last reply's number.

        To whom something is on its way is not among them: what follows waits for that.
        """
        last = ConversationRow.last_number
        newest = and_(ReplyRow.conversation_id == ConversationRow.id, ReplyRow.number == last)
        old = select(1).where(newest, ReplyRow.created_at < self._clock.now() - since)
        return self._owed(old.correlate(WechatFollowerRow, ConversationRow).exists())

    def owed_by_staff(self) -> list[tuple[Follower, int]]:
        """Those to whom staff, or the house, have said something lately: no connection waits for that, so it is owed at once."""
        late = ReplyRow.created_at > self._clock.now() - LATELY
        lately = select(ReplyRow.conversation_id).where(late, ReplyRow.author != literal_column("'bot'"))
        row, is_staffs = WechatFollowerRow, ReplyRow.author != "bot"
        untold = select(1).where(ReplyRow.conversation_id == row.conversation_id, ReplyRow.number > row.told_until, is_staffs)
        return self._owed(and_(row.conversation_id.in_(lately), untold.correlate(row).exists()))

    def _owed(self, such: ColumnElement[bool]) -> list[tuple[Follower, int]]:
        row, last = WechatFollowerRow, ConversationRow.last_number
        query = (
            select(row.conversation_id, row.openid_sealed, last)
            .join(ConversationRow, ConversationRow.id == row.conversation_id)
            .where(row.is_current, last > row.told_until, row.unsettled_at.is_(None), ConversationRow.state == "open")
            .where(such, may_be_sent(self._clock.now()))
            .limit(AT_ONCE)
        )
        with self._store.reading() as session:
            return [(Follower(id_, self._vault.decrypt(sealed)), number) for id_, sealed, number in session.execute(query)]

    def reach(self, conversation_id: str) -> WechatReach:
        """How he can be reached now."""
        with self._store.reading() as session:
            return reach_of(session, conversation_id, self._clock.now())

    def note(self, follower: Follower, key: str, act: Act, undone: dict[str, Any] | None = None) -> bool:
        """Write down that a message or event has come; ``False`` when it was known. A new one allows what its ``act`` allows.

        ``undone``: what is still to be done with it, which a crash must not make forgotten; ``done`` ends that.
        """
        sealed = None if undone is None else self._vault.encrypt_json(undone)
        at = {"conversation": follower.conversation_id, "moment": self._clock.now()}
        try:
            with self._store.transaction() as transaction:
                if transaction.connection.execute(statements.SEE, {"key": key, "undone": sealed, **at}).rowcount != 1:
                    return False
                if act in statements.ALLOW:
                    transaction.connection.execute(statements.ALLOW[act], at)
            return True
        except IntegrityError:  # the conversation has just been deleted
            return False

    def done(self, key: str) -> None:
        """Nothing is left to be done with a message."""
        with self._store.session() as session:
            session.execute(update(WechatSeenRow).filter_by(key=key).values(undone_sealed=None))

    def undone(self, since: timedelta) -> list[dict[str, Any]]:
        """What has been left undone for longer than ``since``, for the caller alone: others find it after as long again."""
        now, row = self._clock.now(), WechatSeenRow
        left = (row.undone_sealed.is_not(None), row.at < now - since)
        with self._store.session() as session:
            keys = session.scalars(select(row.key).where(*left).limit(AT_ONCE)).all()
            taken = update(row).where(row.key.in_(keys), *left).values(at=now).returning(row.undone_sealed)
            return [self._vault.decrypt_json(sealed) for sealed in session.scalars(taken) if sealed]

    def forget_seen(self) -> None:
        """Let go of messages that the platform repeats no more."""
        with self._store.session() as session:
            session.execute(delete(WechatSeenRow).where(WechatSeenRow.at < self._clock.now() - SEEN_FOR))

    def is_seen(self, key: str) -> bool:
        """Whether it came before."""
        with self._store.reading() as session:
            return session.get(WechatSeenRow, key) is not None

    def keep_answer(self, key: str, answer: str | None) -> None:
        """What is answered in the message's own connection: a repetition, by whatever process it is taken, gets the same. ``None``: nothing was."""
        with self._store.session() as session:
            session.execute(statements.KEEP, {"seen": key, "answer": None if answer is None else self._vault.encrypt(answer)})

    def answer(self, key: str) -> str | None:
        """The answer that was kept."""
        with self._store.reading() as session:
            sealed = session.scalar(select(WechatSeenRow.answer_sealed).filter_by(key=key))
        return None if sealed is None else self._vault.decrypt(sealed)

    def standing(self, conversation_id: str) -> Standing:
        """What he was told last (nothing, for a conversation that is gone)."""
        with self._store.reading() as session:
            row = session.get(WechatFollowerRow, conversation_id)
        if row is None:
            return Standing(0, [], [])
        since = None if row.unsettled_at is None else row.unsettled_from or 0
        return Standing(row.told_until, self._opened(row.pages_sealed), self._opened(row.options_sealed), since)

    def tell(self, conversation_id: str, before: int, until: int, page: Telling) -> bool:
        """Take the replies after ``before`` up to ``until`` as told; ``False`` when another has told them meanwhile.

        It is not settled until ``settled`` says that it has reached him; what is never settled is told again.
        """
        told = {
            "conversation": conversation_id,
            "before": before,
            "until": until,
            "moment": self._clock.now(),
            "pages": self._vault.encrypt_json(page.pages),
            "options": self._vault.encrypt_json(page.options),
        }
        with self._store.transaction() as transaction:
            if transaction.connection.execute(statements.TELL, told).rowcount != 1:
                return False
            if page.key:
                transaction.connection.execute(statements.KEEP, {"seen": page.key, "answer": self._vault.encrypt(page.answer)})
        return True

    def settled(self, conversation_id: str) -> None:
        """What was told last has reached him."""
        self._changed(WechatFollowerRow.conversation_id == conversation_id, unsettled_from=None, unsettled_at=None)

    def unsettled(self, since: timedelta) -> list[tuple[Follower, int, int]]:
        """Followers for whom something has been on its way for longer than ``since``: from which number, and up to which."""
        row = WechatFollowerRow
        query = select(row.conversation_id, row.openid_sealed, row.unsettled_from, row.told_until)
        query = query.where(row.unsettled_at < self._clock.now() - since).limit(AT_ONCE)
        with self._store.reading() as session:
            return [(Follower(id_, self._vault.decrypt(sealed)), before or 0, until) for id_, sealed, before, until in session.execute(query)]

    def untell(self, conversation_id: str, before: int, until: int) -> bool:
        """Take back what could not be sent: it is told with the next message. ``False`` when more has been told meanwhile."""
        ours = (WechatFollowerRow.conversation_id == conversation_id, WechatFollowerRow.told_until == until)
        return self._changed(*ours, told_until=before, pages_sealed=None, unsettled_from=None, unsettled_at=None)

    def next_page(self, conversation_id: str) -> str | None:
        """The next page, which is then no longer to come; ``None`` when there is none."""
        while True:
            with self._store.reading() as session:
                row = session.get(WechatFollowerRow, conversation_id)
            pages = self._opened(row.pages_sealed) if row is not None else []
            if row is None or not pages:
                return None
            same = (WechatFollowerRow.conversation_id == conversation_id, WechatFollowerRow.pages_sealed == row.pages_sealed)
            if self._changed(*same, pages_sealed=self._vault.encrypt_json(pages[1:])):
                return str(pages[0])

    def may_send(self, conversation_id: str) -> bool:
        """Count one message to him before it is sent; ``False`` when his last acts allow none. What allows it for the shorter time goes first."""
        now, row = self._clock.now(), WechatFollowerRow
        here = row.conversation_id == conversation_id
        with_tap = (here, row.tap_left > 0, row.tap_at > now - TAP_WINDOW)
        if self._changed(*with_tap, tap_left=row.tap_left - 1):
            return True
        return self._changed(here, row.message_left > 0, row.message_at > now - MESSAGE_WINDOW, message_left=row.message_left - 1)

    def send_no_more(self, conversation_id: str) -> None:
        """The platform says that nothing more may be sent until his next act."""
        self._changed(WechatFollowerRow.conversation_id == conversation_id, message_left=0, tap_left=0)

    def _become_current(self, session: Session, openid: str, conversation_id: str) -> Follower:
        """Let this conversation be his current one, with what his last acts still allow."""
        old = session.scalar(select(WechatFollowerRow).where(self._is(openid), WechatFollowerRow.is_current).with_for_update())
        row = session.get(WechatFollowerRow, conversation_id)
        if row is None:
            row = WechatFollowerRow(conversation_id=conversation_id, told_until=_before_last(session, conversation_id), message_left=0, tap_left=0)
        if old is not None and old is not row:
            old.is_current = False
            session.flush()
            row.message_at, row.message_left, row.tap_at, row.tap_left = old.message_at, old.message_left, old.tap_at, old.tap_left
            old.message_left = old.tap_left = 0
        row.openid_hash, row.openid_sealed = self._vault.fingerprint(openid), self._vault.encrypt(openid)
        row.is_current, row.since = True, self._clock.now()
        session.add(row)
        session.flush()
        return Follower(conversation_id, openid)

    def _new(self, openid: str, conversation_id: str) -> dict[str, Any]:
        return {
            "conversation_id": conversation_id,
            "openid_hash": self._vault.fingerprint(openid),
            "openid_sealed": self._vault.encrypt(openid),
            "since": self._clock.now(),
        }

    def _is(self, openid: str) -> ColumnElement[bool]:
        return WechatFollowerRow.openid_hash.in_(self._vault.fingerprints(openid))

    def _changed(self, *which: ColumnElement[bool], **values: Any) -> bool:
        with self._store.session() as session:
            changed = session.execute(update(WechatFollowerRow).where(*which).values(**values).returning(WechatFollowerRow.conversation_id))
            return changed.first() is not None

    def _opened(self, sealed: str | None) -> list[Any]:
        return list(self._vault.decrypt_json(sealed)) if sealed else []


def _before_last(session: Session, conversation_id: str) -> int:
    """Number of the last reply before those to the last answered message: who comes from another device is told these again."""
    of_all = select(ReplyRow.inbound_id).filter_by(conversation_id=conversation_id).order_by(ReplyRow.number.desc()).limit(1)
    last = session.scalar(of_all)
    first = session.scalar(select(func.min(ReplyRow.number)).filter_by(conversation_id=conversation_id, inbound_id=last)) if last else None
    return first - 1 if first else 0

"""The tables. A column named ``…_sealed`` holds text that only ``aid.privacy.Vault`` can read.

The migrations in ``aid/store/migrations`` make these tables; a test holds that both agree.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.base import ID as ID
from aid.store.base import Base as Base
from aid.store.base import columns as columns
from aid.store.board_rows import BoardCenterRow as BoardCenterRow
from aid.store.board_rows import BoardRow as BoardRow
from aid.store.board_rows import PresenceRow as PresenceRow
from aid.store.case_models import EVENT_KINDS as EVENT_KINDS
from aid.store.case_models import CounterRow as CounterRow
from aid.store.case_models import DraftRow as DraftRow
from aid.store.case_models import EvidenceAccessRow as EvidenceAccessRow
from aid.store.case_models import EvidenceRow as EvidenceRow
from aid.store.case_models import LookupFailureRow as LookupFailureRow
from aid.store.case_models import TicketEventRow as TicketEventRow
from aid.store.case_models import TicketRow as TicketRow
from aid.store.knowledge_rows import KnowledgeChangeRow as KnowledgeChangeRow
from aid.store.knowledge_rows import KnowledgeDayRow as KnowledgeDayRow
from aid.store.knowledge_rows import KnowledgeEventRow as KnowledgeEventRow
from aid.store.report_rows import DatabaseMarkRow as DatabaseMarkRow
from aid.store.report_rows import ReportCaseRow as ReportCaseRow
from aid.store.report_rows import ReportTalkRow as ReportTalkRow
from aid.store.report_rows import ReportTallyRow as ReportTallyRow
from aid.store.types import PLAIN_JSON, ROW_ID, Moment


class ConversationRow(Base):
    """One person's talk at one door. ``epoch`` grows when the talk starts afresh; ``last_number``: newest reply.

    ``generation`` grows when the talk is ended or handed to another device: tokens of an earlier one open nothing any more.
    ``turn_holder`` is who runs its turns, as long as a message waits; ``turn_beat`` grows while he lives (``aid.store.leases``).
    ``owner`` is who speaks to the person: the bot, or the member of staff ``owner_id``; ``tenure`` grows with each change of that.
    """

    __tablename__ = "conversation"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    door: Mapped[str] = mapped_column(String(32))
    event_code: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    epoch: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    last_number: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="open")
    turn_holder: Mapped[str | None] = mapped_column(String(96))
    turn_beat: Mapped[int] = mapped_column(default=0, server_default="0")
    owner: Mapped[str] = mapped_column(String(8), default="bot", server_default="bot")
    owner_id: Mapped[str | None] = mapped_column(String(64))
    tenure: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("owner IN ('bot', 'staff')", name="owner"),
        CheckConstraint("(owner = 'staff') = (owner_id IS NOT NULL)", name="owner_whole"),
    )


class InboundRow(Base):
    """What a person sent: words, a choice or a file. ``client_id`` is the sender's own id: a retry is the same message.

    ``evidence_id`` may name a file that is no longer there; of a file, ``text`` is what stands for it in the talk.
    """

    __tablename__ = "inbound"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    client_id: Mapped[str] = mapped_column(String(128))
    seq: Mapped[int]
    text_sealed: Mapped[str] = mapped_column(Text)
    choice_id: Mapped[str | None] = mapped_column(ID)
    evidence_id: Mapped[str | None] = mapped_column(ID)
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)
    status: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        UniqueConstraint("conversation_id", "seq"),
        CheckConstraint("status IN ('pending', 'done', 'failed')", name="status"),
        Index(
            "ix_inbound_pending",
            "conversation_id",
            "seq",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_inbound_tapped",
            "received_at",
            sqlite_where=text("choice_id IS NOT NULL"),
            postgresql_where=text("choice_id IS NOT NULL"),
        ),
    )


class ReplyRow(Base):
    """One reply, numbered 1..n in its conversation. ``author``: the bot, a member of staff (``author_id``), or the house itself.

    What staff and the house say answers no message; it is kept with the newest one. ``client_id``: of what staff say, an id of the sending, so
    that what is sent twice is said once.
    """

    __tablename__ = "reply"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inbound_id: Mapped[str] = mapped_column(ForeignKey("inbound.id", ondelete="CASCADE"), index=True)
    body_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    author: Mapped[str] = mapped_column(String(8), default="bot", server_default="bot")
    author_id: Mapped[str | None] = mapped_column(String(64))
    client_id: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        CheckConstraint("author IN ('bot', 'staff', 'system')", name="author"),
        Index("uq_reply_client_id", "conversation_id", "client_id", unique=True),
        Index("ix_reply_not_bots", "created_at", sqlite_where=text("author <> 'bot'"), postgresql_where=text("author <> 'bot'")),
    )


class ChoiceRow(Base):
    """One thing to tap; what it means stays on the server."""

    __tablename__ = "choice"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    reply_number: Mapped[int]
    label_sealed: Mapped[str] = mapped_column(Text)
    payload_sealed: Mapped[str] = mapped_column(Text)


class HandoverRow(Base):
    """A way from one device to another, good once and for minutes; the code itself is not kept.

    A second row, used from the beginning, says which device has used it (``aid.store.access``).
    """

    __tablename__ = "handover"
    code_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RatingRow(Base):
    """Whether an answer solved it; the last word counts. ``entry``: the entry that was shown."""

    __tablename__ = "rating"
    conversation_id: Mapped[str] = mapped_column(ID, primary_key=True)
    reply_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry: Mapped[str] = mapped_column(String(128), index=True)
    solved: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    __table_args__ = (CheckConstraint("reason IS NULL OR NOT solved", name="reason"),)


class StationRow(Base):
    """A kiosk and what it last said of itself; one row a machine, written over by each beat."""

    __tablename__ = "station"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    event_code: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(32))
    line: Mapped[str] = mapped_column(String(16))
    outages: Mapped[int]
    in_use: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (CheckConstraint("line IN ('ok', 'unsteady')", name="line"),)


class TalkRow(Base):
    """The small memory of a talk: last entry, open candidates, failures in a row."""

    __tablename__ = "talk"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    data_sealed: Mapped[str] = mapped_column(Text)


class UnansweredRow(Base):
    """A question that found no sure answer, masked and sealed: a name may stand in it. Editors read these."""

    __tablename__ = "unanswered"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    asked_sealed: Mapped[str] = mapped_column(Text)
    band: Mapped[str] = mapped_column(String(16))
    probability: Mapped[float]
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    conversation_id: Mapped[str] = mapped_column(ID)
    entry: Mapped[str | None] = mapped_column(String(128))


class PrivacyEventRow(Base):
    """What was done with personal data: by whom, why, how many of what. Holds none itself; appended only, as triggers see to."""

    __tablename__ = "privacy_event"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(16))
    counts: Mapped[dict[str, int]] = mapped_column(PLAIN_JSON)
    __table_args__ = (
        CheckConstraint("action IN ('rotation_begun', 'rotated', 'retired', 'exported', 'erased', 'purged')", name="action"),
        CheckConstraint("reason IN ('key', 'request', 'consent', 'retention')", name="reason"),
    )

"""The tables. A column named ``…_sealed`` holds text that only ``aid.privacy.Vault`` can read.

The migrations in ``aid/store/migrations`` make these tables; a test holds that both agree.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from aid.store.types import PLAIN_JSON, ROW_ID, Moment

ID = String(22)
EVENT_KINDS = (
    "'received', 'routed', 'transferred', 'accepted', 'returned', 'supplemented', 'referred', 'started', 'contacted', 'noted', "
    "'mediated', 'concluded', 'withdrawn', 'not_accepted', 'reopened', 'rated', 'evidence_added'"
)
"""What may stand in a ticket's log: the kinds of aid.cases.life, held by the database too (a test compares them)."""
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of all tables; constraints are named so that migrations can find them."""


Base.metadata.naming_convention = NAMES


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
    )


class ReplyRow(Base):
    """One reply, numbered 1..n in its conversation. ``author``: the bot, a member of staff (``author_id``), or the house itself.

    What staff and the house say answers no message; it is kept with the newest one.
    """

    __tablename__ = "reply"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inbound_id: Mapped[str] = mapped_column(ForeignKey("inbound.id", ondelete="CASCADE"), index=True)
    body_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    author: Mapped[str] = mapped_column(String(8), default="bot", server_default="bot")
    author_id: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (CheckConstraint("author IN ('bot', 'staff', 'system')", name="author"),)


class ChoiceRow(Base):
    """One thing to tap; what it means stays on the server."""

    __tablename__ = "choice"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    reply_number: Mapped[int]
    label_sealed: Mapped[str] = mapped_column(Text)
    payload_sealed: Mapped[str] = mapped_column(Text)


class DraftRow(Base):
    """A case being written down. At most one is open in a conversation."""

    __tablename__ = "draft"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(64))
    origin_inbound_id: Mapped[str] = mapped_column(ForeignKey("inbound.id", ondelete="CASCADE"), unique=True)
    facts_sealed: Mapped[str] = mapped_column(Text)
    asked: Mapped[str | None] = mapped_column(String(64))
    failures: Mapped[int] = mapped_column(default=0)
    last_inbound_id: Mapped[str] = mapped_column(ID)
    consent_version: Mapped[str | None] = mapped_column(String(32))
    consent_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        CheckConstraint("state IN ('open', 'filed', 'cancelled')", name="state"),
        Index(
            "uq_draft_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


class HandoverRow(Base):
    """A way from one device to another, good once and for minutes; the code itself is not kept."""

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


class TicketRow(Base):
    """A filed case. It outlives its conversation: no foreign key binds it to one. An anonymous one has no consent.

    ``person_hash``: fingerprint of the telephone, by which the same person's tickets are found without opening them.
    ``erased_at``: when its personal data was deleted; from then on ``parties_sealed`` is empty and stays so.
    """

    __tablename__ = "ticket"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    lookup_code_hash: Mapped[str] = mapped_column(String(64))
    lookup_code_sealed: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(64))
    draft_id: Mapped[str] = mapped_column(ID, unique=True)
    idempotency_key: Mapped[str] = mapped_column(ID, unique=True)
    conversation_id: Mapped[str] = mapped_column(ID, index=True)
    receiver: Mapped[str] = mapped_column(String(64))
    copies: Mapped[list[str]] = mapped_column(PLAIN_JSON)
    reasons: Mapped[list[str]] = mapped_column(PLAIN_JSON)
    parties_sealed: Mapped[str | None] = mapped_column(Text)
    facts_sealed: Mapped[str] = mapped_column(Text)
    consent_version: Mapped[str | None] = mapped_column(String(32))
    consent_at: Mapped[datetime | None] = mapped_column(Moment)
    person_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        CheckConstraint("(consent_version IS NULL) = (consent_at IS NULL)", name="consent_whole"),
        CheckConstraint("(parties_sealed IS NULL) = (erased_at IS NOT NULL)", name="erased_whole"),
    )


class TicketEventRow(Base):
    """The life of a ticket, appended only: triggers refuse every change and deletion.

    ``idempotency_key``: the message that brought the event; a turn that runs again finds it.
    """

    __tablename__ = "ticket_event"
    ticket_id: Mapped[str] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64))
    detail_sealed: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(String(64), index=True)
    __table_args__ = (UniqueConstraint("ticket_id", "idempotency_key"), CheckConstraint(f"kind IN ({EVENT_KINDS})", name="kind"))


class EvidenceRow(Base):
    """A file that a person sent; its bytes lie sealed in a file of this id. It outlives its conversation once it belongs to a ticket.

    Without draft and ticket it waits in its conversation; with a ticket it is filed. The same file is kept once in either place.
    """

    __tablename__ = "evidence"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ID)
    draft_id: Mapped[str | None] = mapped_column(ID, index=True)
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey("ticket.id"))
    inbound_id: Mapped[str] = mapped_column(ID, unique=True)
    type: Mapped[str] = mapped_column(String(16))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    name_sealed: Mapped[str] = mapped_column(Text)
    has_preview: Mapped[bool]
    received_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        Index(
            "uq_evidence_unfiled",
            "conversation_id",
            "sha256",
            unique=True,
            sqlite_where=text("ticket_id IS NULL"),
            postgresql_where=text("ticket_id IS NULL"),
        ),
        Index(
            "uq_evidence_filed",
            "ticket_id",
            "sha256",
            unique=True,
            sqlite_where=text("ticket_id IS NOT NULL"),
            postgresql_where=text("ticket_id IS NOT NULL"),
        ),
        Index("ix_evidence_conversation_id", "conversation_id"),
    )


class EvidenceAccessRow(Base):
    """Who of the staff took a file out, when and why; appended only, as the log of tickets."""

    __tablename__ = "evidence_access"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    evidence_id: Mapped[str] = mapped_column(ID, index=True)
    ticket_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64))
    reason_sealed: Mapped[str] = mapped_column(Text)


class CounterRow(Base):
    """The last ticket number given out in a year."""

    __tablename__ = "counter"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class LookupFailureRow(Base):
    """A wrong lookup code; counted so that codes cannot be guessed."""

    __tablename__ = "lookup_failure"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ID)
    number: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment, index=True)


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


def columns(row: Base) -> dict[str, Any]:
    """The row's columns by name."""
    return {c.key: getattr(row, c.key) for c in row.__table__.columns}

"""The tables of cases: drafts, tickets and their log, evidence. See ``aid.store.models``, by which all tables are known."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.base import ID, Base
from aid.store.types import PLAIN_JSON, ROW_ID, Moment

EVENT_KINDS = (
    "'received', 'routed', 'transferred', 'accepted', 'returned', 'supplemented', 'referred', 'started', 'contacted', 'noted', "
    "'mediated', 'concluded', 'withdrawn', 'not_accepted', 'reopened', 'rated', 'evidence_added', 'session', 'merged', 'joined'"
)
"""What may stand in a ticket's log: the kinds of aid.cases.life, held by the database too (a test compares them)."""


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


class TicketRow(Base):
    """A filed case. It outlives its conversation: no foreign key binds it to one. An anonymous one has no consent.

    ``person_hash``: fingerprint of the telephone, by which the same person's tickets are found without opening them.
    ``erased_at``: when its personal data was deleted; from then on ``parties_sealed`` is empty and stays so.
    """

    __tablename__ = "ticket"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    lookup_code_hash: Mapped[str] = mapped_column(String(64), index=True)
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
    erased_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
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

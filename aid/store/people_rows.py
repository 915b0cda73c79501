"""The tables of the people at the workbench, and the logs of what they saw and did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.models import ID, Base
from aid.store.types import PLAIN_JSON, ROW_ID, Moment

STAFF_ROLES = "'supervisor', 'handler', 'intake', 'auditor', 'administrator'"
"""Held by the database too (a test compares them with aid.people.rights)."""


class StaffRow(Base):
    """An account. ``password`` is an argon2 word; ``totp_step`` the last 30 s step whose code was used, so that none serves twice.

    A second factor asks for its code once ``totp_on``; before, its secret waits to be confirmed.
    """

    __tablename__ = "staff"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    shown: Mapped[str] = mapped_column(String(64))
    password: Mapped[str] = mapped_column(Text)
    must_change: Mapped[bool]
    totp_sealed: Mapped[str | None] = mapped_column(Text)
    totp_on: Mapped[bool] = mapped_column(default=False)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (CheckConstraint("totp_sealed IS NOT NULL OR NOT totp_on", name="totp_whole"),)


class StaffRoleRow(Base):
    """A role at a center, ``*`` for everywhere."""

    __tablename__ = "staff_role"
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)
    center: Mapped[str] = mapped_column(String(64), primary_key=True)
    __table_args__ = (CheckConstraint(f"role IN ({STAFF_ROLES})", name="role"),)


class RecoveryCodeRow(Base):
    """A code, good once in place of the second factor; the code itself is not kept."""

    __tablename__ = "recovery_code"
    code_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)


class StaffSessionRow(Base):
    """A session; the token itself is not kept. ``stage``: ``second`` waits for the second factor and opens nothing else."""

    __tablename__ = "staff_session"
    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)
    __table_args__ = (CheckConstraint("stage IN ('second', 'full')", name="stage"),)


class SignInCountRow(Base):
    """Failed tries of one account or address, whose ``mark`` does not tell which."""

    __tablename__ = "sign_in_count"
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)


class StaffEventRow(Base):
    """What became of accounts: by whom, whose, what. Appended only, as triggers see to."""

    __tablename__ = "staff_event"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(64))
    staff_name: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(PLAIN_JSON)


class SightRow(Base):
    """Who saw or changed personal data: when, whose case or talk, what of it, why. Appended only, as triggers see to.

    ``center``: the receiver at that moment. ``what``: names of fields, never their content. ``reason``: a code of knowledge/console.yml,
    or ``own`` with words of one's own, which go when the case's personal data is deleted.
    """

    __tablename__ = "sight"
    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    staff_name: Mapped[str] = mapped_column(String(32), index=True)
    role: Mapped[str] = mapped_column(String(16))
    act: Mapped[str] = mapped_column(String(16))
    ticket_id: Mapped[str | None] = mapped_column(ID)
    ticket_number: Mapped[str | None] = mapped_column(String(32), index=True)
    talk: Mapped[str | None] = mapped_column(ID)
    center: Mapped[str | None] = mapped_column(String(64), index=True)
    what: Mapped[list[str]] = mapped_column(PLAIN_JSON)
    reason: Mapped[str] = mapped_column(String(32))
    words_sealed: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("act IN ('seen', 'changed', 'taken_out')", name="act"),
        Index("ix_sight_ticket_id_talk", "ticket_id", "talk"),
    )

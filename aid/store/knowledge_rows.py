"""Tables of the knowledge desk: proposals, what was done with them, and how often an entry was shown."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aid.store.base import ID, Base
from aid.store.types import Moment


class KnowledgeChangeRow(Base):
    """A proposal for one entry, and from its approval on the entry's version ``number``. ``base``: what held when it was written.

    ``base`` and ``content`` are JSON; ``patch`` is the change of the file as git takes it. Nothing is sealed: an entry is for everybody,
    and what looks like personal data is refused (``aid.knowledge_desk``).
    """

    __tablename__ = "knowledge_change"
    id: Mapped[str] = mapped_column(ID, primary_key=True)
    entry: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(String(128))
    base: Mapped[str | None] = mapped_column(Text)
    base_digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    revision: Mapped[int]
    number: Mapped[int | None]
    patch: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("entry", "number"),
        CheckConstraint("kind IN ('new', 'change', 'rollback')", name="kind"),
        CheckConstraint("state IN ('proposed', 'returned', 'withdrawn', 'approved')", name="state"),
        CheckConstraint(
            "(state = 'approved') = (number IS NOT NULL) AND (state = 'approved') = (patch IS NOT NULL)", name="approved_whole"
        ),
        CheckConstraint("(base IS NULL) = (base_digest = '')", name="base_whole"),
    )


class KnowledgeEventRow(Base):
    """What was done with a proposal, by whom, on which text (``digest``); appended only, as the log of tickets."""

    __tablename__ = "knowledge_event"
    change_id: Mapped[str] = mapped_column(ForeignKey("knowledge_change.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("kind IN ('proposed', 'revised', 'returned', 'withdrawn', 'approved', 'exported')", name="kind"),
    )


class KnowledgeDayRow(Base):
    """How often an entry was shown on a day that is over; counts only, nobody's talk. The row without an entry says that the day was counted.

    ``direct``: shown as the answer to a question; ``offered``: among 您是不是想问, ``chosen`` there, or ``refused`` with 以上都不是.
    """

    __tablename__ = "knowledge_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(String(128), primary_key=True)
    shown: Mapped[int]
    direct: Mapped[int]
    offered: Mapped[int]
    chosen: Mapped[int]
    refused: Mapped[int]

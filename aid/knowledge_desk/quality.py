"""How the answers do: how often each entry was shown, offered, chosen and refused, and what people said of it.

The figures come from the record itself (``reply``, ``choice``, ``rating``), so nothing is written while a message is answered. What is over
is counted once, day by day, into ``knowledge_day``, which holds counts only and stays when talks are deleted; the present day is counted when asked.
Ratings are read as they are: a person may change his word later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aid.clock import CHANGCHUN, Clock, today
from aid.consultation.entries import Entry
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import ChoiceRow, InboundRow, KnowledgeDayRow, RatingRow, ReplyRow

COUNTS = ("shown", "direct", "offered", "chosen", "refused")
_COUNTED = ""
"""The entry of the row that says that a day was counted."""
OLD_AFTER = timedelta(days=365)
SOON_OLD = timedelta(days=300)


@dataclass
class Counts:
    """Of one entry: ``shown`` as an answer, of these ``direct`` ones to a question; ``offered`` in 您是不是想问, ``chosen`` there, or ``refused``."""

    shown: int = 0
    direct: int = 0
    offered: int = 0
    chosen: int = 0
    refused: int = 0


@dataclass
class Quality(Counts):
    """Counts of a period with what was said: ``solved``, ``unsolved``, and the reasons of the latter."""

    entry: str = ""
    solved: int = 0
    unsolved: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def solved_rate(self) -> float | None:
        """Part of those who said whether it helped; ``None`` when nobody did."""
        return _part(self.solved, self.solved + self.unsolved)

    @property
    def unsure_rate(self) -> float | None:
        """How often the search only offered it where it might have answered."""
        return _part(self.offered, self.offered + self.direct)

    @property
    def refused_rate(self) -> float | None:
        """How often 以上都不是 was tapped where it was offered."""
        return _part(self.refused, self.offered)


class AnswerQuality:
    """Counts over the record. Every method may raise ``StoreUnavailable``, ``CannotUnseal``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    def of(self, first: date, last: date) -> list[Quality]:
        """Every entry that was shown, offered or rated from ``first`` to ``last``, both days included; the most shown first."""
        now = today(self._clock)
        self.count(first, min(last, now - timedelta(days=1)))
        found: dict[str, Quality] = {}
        with self._store.reading() as session:
            sums = [func.sum(getattr(KnowledgeDayRow, name)) for name in COUNTS]
            query = select(KnowledgeDayRow.entry, *sums).where(KnowledgeDayRow.day.between(first, last), KnowledgeDayRow.entry != _COUNTED)
            for entry, *counts in session.execute(query.group_by(KnowledgeDayRow.entry)):
                _add(found, entry, dict(zip(COUNTS, map(int, counts), strict=True)))
            if first <= now <= last:
                for entry, of_today in self._counted(session, now).items():
                    _add(found, entry, vars(of_today))
            rated = select(RatingRow.entry, RatingRow.solved, RatingRow.reason, func.count()).where(_on(RatingRow.at, first, last))
            for entry, solved, reason, count in session.execute(rated.group_by(RatingRow.entry, RatingRow.solved, RatingRow.reason)):
                row = found.setdefault(entry, Quality(entry=entry))
                if solved:
                    row.solved += count
                else:
                    row.unsolved += count
                    row.reasons[reason or "-"] = count
        return sorted(found.values(), key=lambda row: (-row.shown, -row.offered, row.entry))

    def count(self, first: date, last: date) -> None:
        """Count the days that are over and not yet counted. Two who count at once count once."""
        with self._store.reading() as session:
            query = select(KnowledgeDayRow.day).where(KnowledgeDayRow.entry == _COUNTED, KnowledgeDayRow.day.between(first, last))
            known = set(session.scalars(query))
            oldest = session.scalar(select(func.min(ReplyRow.created_at)))
        if oldest is None:
            return
        day = max(first, oldest.astimezone(CHANGCHUN).date())
        while day <= min(last, today(self._clock) - timedelta(days=1)):
            if day not in known:
                self._count_day(day)
            day += timedelta(days=1)

    def _count_day(self, day: date) -> None:
        with self._store.reading() as session:
            found = self._counted(session, day)
        try:
            with self._store.session() as session:
                session.add_all(KnowledgeDayRow(day=day, entry=entry, **vars(counts)) for entry, counts in found.items())
                session.add(KnowledgeDayRow(day=day, entry=_COUNTED, **vars(Counts())))
        except IntegrityError:
            pass  # another process has counted it in this moment

    def _counted(self, session: Session, day: date) -> dict[str, Counts]:
        """The counts of one day, out of what was said on it."""
        found: defaultdict[str, Counts] = defaultdict(Counts)
        query = select(ReplyRow.body_sealed, InboundRow.choice_id).join(InboundRow, InboundRow.id == ReplyRow.inbound_id)
        for sealed, choice in session.execute(query.where(_on(ReplyRow.created_at, day, day)).execution_options(yield_per=500)):
            card = self._card(sealed)
            if card.get("kind") == "answer":
                found[card["entry"]].shown += 1
                found[card["entry"]].direct += choice is None
            elif card.get("kind") == "candidates":
                for entry in card["entries"]:
                    found[entry].offered += 1
        tapped = select(ChoiceRow.payload_sealed, ReplyRow.body_sealed).join(InboundRow, InboundRow.choice_id == ChoiceRow.id)
        tapped = tapped.join(ReplyRow, (ReplyRow.conversation_id == ChoiceRow.conversation_id) & (ReplyRow.number == ChoiceRow.reply_number))
        tapped = tapped.where(InboundRow.choice_id.is_not(None), _on(InboundRow.received_at, day, day))
        for payload, sealed in session.execute(tapped.execution_options(yield_per=500)):
            card = self._card(sealed)
            if card.get("kind") == "candidates":
                what: dict[str, Any] = self._vault.decrypt_json(payload)
                if what.get("none"):
                    for entry in card["entries"]:
                        found[entry].refused += 1
                elif what.get("entry") in card["entries"]:
                    found[what["entry"]].chosen += 1
        return dict(found)

    def _card(self, sealed: str) -> dict[str, Any]:
        card: dict[str, Any] = self._vault.decrypt_json(sealed).get("card") or {}
        return card


def old_entries(entries: Iterable[Entry], day: date, after: timedelta = OLD_AFTER) -> list[Entry]:
    """Entries that nobody has checked for so long, the longest first; those no longer valid are left out."""
    found = [entry for entry in entries if day - entry.checked >= after and not (entry.text.valid.until and entry.text.valid.until < day)]
    return sorted(found, key=lambda entry: (entry.checked, entry.id))


def _on(column: Any, first: date, last: date) -> Any:
    begin = datetime.combine(first, time.min, CHANGCHUN)
    return (column >= begin) & (column < datetime.combine(last + timedelta(days=1), time.min, CHANGCHUN))


def _add(found: dict[str, Quality], entry: str, counts: dict[str, int]) -> None:
    row = found.setdefault(entry, Quality(entry=entry))
    for name in COUNTS:
        setattr(row, name, getattr(row, name) + counts[name])


def _part(some: int, whole: int) -> float | None:
    return some / whole if whole else None

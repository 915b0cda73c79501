"""Who speaks in a talk, and how long the person has waited for somebody of the center."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from aid.store.models import ConversationRow
from aid.store.service_rows import ServiceRow

State = Literal["bot", "waiting", "staff"]


@dataclass(frozen=True, slots=True)
class Service:
    """Who speaks. While a person waits: his ``place`` (1: he is next) and ``since`` when; while staff speak: the ``name`` of their center.

    ``waited`` is how long, in seconds: the clock of a person's machine may be wrong.
    """

    state: State = "bot"
    place: int | None = None
    since: datetime | None = None
    name: str | None = None
    seen_at: datetime | None = None
    waited: int | None = None

    @property
    def standing(self) -> tuple[object, ...]:
        """What changes only when somebody does something."""
        return self.state, self.place, self.since, self.name

    def at(self, now: datetime) -> Service:
        """The same with how long it has been so."""
        return self if self.since is None else replace(self, waited=max(0, int((now - self.since).total_seconds())))

    def public(self) -> dict[str, Any]:
        """Ready for JSON."""
        since = self.since.isoformat(timespec="seconds") if self.since else None
        return {"state": self.state, "place": self.place, "since": since, "waited": self.waited, "name": self.name}


BOT = Service()
_ROW = ServiceRow
_UNDER_WAY = select(_ROW.id, _ROW.state, _ROW.asked_at, _ROW.taken_at, _ROW.shown, _ROW.seen_at).where(
    _ROW.conversation_id == bindparam("conversation"), _ROW.ended_at.is_(None)
)
_BEFORE = (
    select(func.count())
    .select_from(_ROW)
    .join(ConversationRow, ConversationRow.id == _ROW.conversation_id)
    .where(_ROW.ended_at.is_(None), _ROW.state == "waiting", ConversationRow.state == "open", _ROW.id < bindparam("own"))
)


def service_of(session: Session, conversation_id: str) -> Service:
    """How it stands in this talk, within the caller's transaction."""
    connection = session.connection()
    row = connection.execute(_UNDER_WAY, {"conversation": conversation_id}).one_or_none()
    if row is None:
        return BOT
    if row.state == "taken":
        return Service("staff", None, row.taken_at, row.shown, row.seen_at)
    return Service("waiting", (connection.scalar(_BEFORE, {"own": row.id}) or 0) + 1, row.asked_at, None, row.seen_at)

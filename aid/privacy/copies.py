"""A copy of everything that is kept about one person (个人信息保护法 45: to look at, to copy, to take along)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from aid.cases.kinds import Facts
from aid.cases.office import Office
from aid.cases.ticket import Ticket
from aid.clock import CHANGCHUN, Clock
from aid.errors import AidError
from aid.privacy.keepers import Keeper
from aid.privacy.persons import Found
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import ConversationRow, DraftRow, InboundRow, ReplyRow, TicketRow
from aid.store.sealed import tables_with

TOLD_APART = {"ticket", "ticket_event", "conversation", "inbound", "reply", "choice", "draft", "board", "board_center", "presence"}
"""Tables that have a place of their own in the copy (what a choice says stands in the message that tapped it), or say nothing of the person.

The last three: the board repeats the log, and who of the staff has a case open is theirs.
"""


class NotWritten(AidError):
    """The copy could not be written; names the file."""


class Copies:
    """Puts copies together. Every method may raise ``StoreUnavailable`` and ``CannotUnseal``."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        office: Office,
        keepers: Sequence[Keeper] = (),
    ) -> None:
        self._store, self._vault, self._clock, self._office = store, vault, clock, office
        self._kinds, self._notice, self._keepers = office.kinds, office.notice, keepers

    def cover(self) -> str:
        """What goes with the copy, in plain words."""
        made = f"{self._clock.now().astimezone(CHANGCHUN):%Y-%m-%d}"
        return "\n".join(line.replace("{made}", made) for line in self._notice.cover)

    def copy(self, found: Found) -> dict[str, Any]:
        """Everything, ready for JSON; personal data unmasked, for the person alone."""
        more: dict[str, Any] = {}
        for column, ids in (("ticket_id", found.tickets), ("conversation_id", found.conversations), ("talk", found.conversations)):
            for table in tables_with(column):
                if table.name not in TOLD_APART and ids:
                    more.setdefault(table.name, []).extend(self._rows(table, column, ids))
        for keeper in self._keepers:
            more[keeper.name] = keeper.listed(found.tickets, found.conversations)
        return {
            "cover": self.cover().splitlines(),
            "notice_version": self._notice.version,
            "tickets": [self._ticket(id_) for id_ in found.tickets],
            "conversations": [self._conversation(id_) for id_ in found.conversations],
            "more": {name: rows for name, rows in more.items() if rows},
        }

    def _ticket(self, ticket_id: str) -> dict[str, Any]:
        with self._store.reading() as session:
            number = session.get_one(TicketRow, ticket_id).number
        ticket = self._office.tickets.numbered(number)
        assert ticket is not None, "tickets are never deleted"
        return {
            "number": ticket.number,
            "kind": self._kinds[ticket.kind].label,
            "state": self._office.cards.status(ticket).state_label,
            "receiver": self._office.log.receiver(ticket),
            "copies": ticket.copies,
            "reasons": ticket.reasons,
            "facts": self._facts(ticket.kind, {**ticket.facts, **ticket.parties}),
            **_consent(ticket),
            "created_at": _moment(ticket.created_at),
            "erased_at": _moment(ticket.erased_at),
            "events": [
                {"at": _moment(event.at), "kind": event.kind, "actor": event.actor, "detail": event.detail}
                for event in self._office.log.events(ticket)
            ],
        }

    def _facts(self, kind: str, facts: Facts) -> list[dict[str, str]]:
        """Each fact with the label that the form gave it; one of another kind's form has its key."""
        labels = {field.key: field.label for field in self._kinds[kind].fields}
        return [{"field": key, "label": labels.get(key, key), "value": value} for key, value in facts.items()]

    def _conversation(self, conversation_id: str) -> dict[str, Any]:
        with self._store.reading() as session:
            row = session.get_one(ConversationRow, conversation_id)
            of_this = {"conversation_id": conversation_id}
            drafts = list(session.scalars(select(DraftRow).filter_by(**of_this).order_by(DraftRow.created_at)))
            said = list(session.scalars(select(InboundRow).filter_by(**of_this).order_by(InboundRow.seq)))
            replies = list(session.scalars(select(ReplyRow).filter_by(**of_this).order_by(ReplyRow.number)))
        answers: dict[str, list[ReplyRow]] = {}
        for reply in replies:
            answers.setdefault(reply.inbound_id, []).append(reply)
        return {
            "id": row.id,
            "door": row.door,
            "event": row.event_code,
            "created_at": _moment(row.created_at),
            "state": row.state,
            "messages": [line for one in said for line in self._lines(one, answers.get(one.id, []))],
            "drafts": [self._draft(draft) for draft in drafts],
        }

    def _lines(self, said: InboundRow, replies: Sequence[ReplyRow]) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = [{"from": "person", "at": _moment(said.received_at), "text": self._vault.decrypt(said.text_sealed)}]
        for reply in replies:
            body = self._vault.decrypt_json(reply.body_sealed)
            labels = [choice["label"] for choice in body.get("choices") or []]
            author = {"bot": "assistant"}.get(reply.author, reply.author)
            lines.append({"from": author, "at": _moment(reply.created_at), "text": body["text"], "choices": labels, "card": body.get("card")})
        return lines

    def _draft(self, row: DraftRow) -> dict[str, Any]:
        facts = self._facts(row.kind, self._vault.decrypt_json(row.facts_sealed))
        return {"kind": self._kinds[row.kind].label, "state": row.state, "created_at": _moment(row.created_at), "facts": facts, **_consent(row)}

    def _rows(self, table: Table, column: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        with self._store.reading() as session:
            rows = session.execute(select(table).where(table.columns[column].in_(ids))).mappings().all()
        return [{name.removesuffix("_sealed"): self._opened(name, value) for name, value in row.items()} for row in rows]

    def _opened(self, name: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return _moment(value)
        if value is None or not name.endswith("_sealed"):
            return value
        text = self._vault.decrypt(value)
        try:
            return json.loads(text)
        except ValueError:
            return text


def write(path: Path, copy: dict[str, Any], cover: str) -> list[Path]:
    """Write the copy as JSON and its cover as text beside it, for their owner alone; gives both.

    Raises:
        NotWritten: a file of this name is there already, or the folder cannot be written.
    """
    written = [path, path.with_suffix(".txt")]
    for target, text in zip(written, (json.dumps(copy, ensure_ascii=False, indent=2), cover), strict=True):
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as fault:
            raise NotWritten(f"{target} cannot be written: {fault.strerror}") from fault
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    return written


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(CHANGCHUN).isoformat(timespec="seconds") if at else None


def _consent(row: Ticket | DraftRow) -> dict[str, str | None]:
    return {"consent_version": row.consent_version, "consent_at": _moment(row.consent_at)}

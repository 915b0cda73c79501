"""What was said in a talk, as staff read it beside the case: in order, masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from aid.cases.kinds import CaseKind
from aid.desk.masked import Mask, masks_of_talks
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.models import ConversationRow, InboundRow, ReplyRow

MOST = 400
"""Messages of a talk that are shown, the newest."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message: by whom, when, its words and the labels of what it offered to tap; ``name``: how staff are shown to the person."""

    by: Literal["person", "bot", "staff", "system"]
    at: datetime
    text: str
    choices: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A talk: its door, what was said, whether something earlier was left out, and whether it goes on."""

    door: str
    said: list[Said]
    is_cut: bool
    is_open: bool


class Transcripts:
    """Reads talks. Every method may raise ``StoreUnavailable`` and ``CannotUnseal``."""

    def __init__(self, store: Store, vault: Vault, kinds: Mapping[str, CaseKind]) -> None:
        self._store, self._vault, self._kinds = store, vault, kinds

    def of(self, conversation_id: str, mask: Mask) -> Transcript | None:
        """The talk, with names of its other cases hidden too where ``mask`` hides; ``None`` when it was deleted."""
        with self._store.reading() as session:
            talk = session.get(ConversationRow, conversation_id)
            if talk is None:
                return None
            of_this = {"conversation_id": conversation_id}
            newest = select(InboundRow).filter_by(**of_this).order_by(InboundRow.seq.desc()).limit(MOST + 1)
            said = list(session.scalars(newest))[::-1]
            cut, said = len(said) > MOST, said[-MOST:]
            ids = [row.id for row in said]
            answers: dict[str, list[ReplyRow]] = {}
            for reply in session.scalars(select(ReplyRow).filter_by(**of_this).where(ReplyRow.inbound_id.in_(ids)).order_by(ReplyRow.number)):
                answers.setdefault(reply.inbound_id, []).append(reply)
            others = masks_of_talks(session, self._vault, self._kinds, [conversation_id])[conversation_id].names
        mask = replace(mask, names=tuple(sorted({*mask.names, *others}, key=len, reverse=True)))
        lines: list[Said] = []
        for row in said:
            lines.append(Said("person", row.received_at, mask.text(self._vault.decrypt(row.text_sealed))))
            lines += [self._reply(reply, mask) for reply in answers.get(row.id, [])]
        return Transcript(talk.door, lines, cut, talk.state == "open")

    def _reply(self, row: ReplyRow, mask: Mask) -> Said:
        body = self._vault.decrypt_json(row.body_sealed)
        labels = tuple(mask.text(choice["label"]) for choice in body.get("choices") or [])
        author = body.get("author")
        return Said(row.author, row.created_at, mask.text(body["text"]), labels, author["name"] if author else "")  # type: ignore[arg-type]

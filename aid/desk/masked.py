"""Personal data hidden in whatever staff look at: telephones and numbers everywhere, and the names that the case itself knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aid.cases.kinds import CaseKind, Facts
from aid.privacy.masking import mask, mask_name
from aid.privacy.vault import Vault
from aid.store.models import DraftRow, TicketRow

_SHORTEST = 2
"""Signs of a name that is hidden inside other words; a single sign would hide half of a text."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides the personal data of one case; ``open`` hides nothing, for one who gave a reason."""

    names: tuple[str, ...]
    open: bool = False

    def text(self, text: str) -> str:
        """Words in which personal data may stand."""
        if self.open:
            return text
        for name in self.names:
            text = text.replace(name, mask_name(name))
        return mask(text)

    def name(self, name: str) -> str:
        """A name."""
        return name if self.open else mask_name(name)


def mask_of(kind: CaseKind, parties: Facts, *, revealed: bool = False) -> Mask:
    """The mask of a case with these parties."""
    return Mask(_longest_first(_names(kind, parties)), revealed)


def masks_of_talks(session: Session, vault: Vault, kinds: Mapping[str, CaseKind], ids: Collection[str]) -> dict[str, Mask]:
    """A mask for each talk of ``ids``, with the names that stand in its forms and cases. Raises ``CannotUnseal``."""
    names = defaultdict[str, set[str]](set)
    drafts = select(DraftRow.conversation_id, DraftRow.kind, DraftRow.facts_sealed).where(DraftRow.conversation_id.in_(ids))
    filed = select(TicketRow.conversation_id, TicketRow.kind, TicketRow.parties_sealed).where(TicketRow.conversation_id.in_(ids))
    for talk, kind, sealed in [*session.execute(drafts), *session.execute(filed)]:
        if sealed is not None:
            names[talk] |= _names(kinds[kind], vault.decrypt_json(sealed))
    return {id_: Mask(_longest_first(names[id_])) for id_ in ids}


def _names(kind: CaseKind, facts: Facts) -> set[str]:
    keys = [field.key for field in kind.fields if field.type == "name"]
    return {facts[key].strip() for key in keys if len(facts.get(key, "").strip()) >= _SHORTEST}


def _longest_first(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=len, reverse=True))

"""Who may do what at the knowledge desk. Two persons stand behind every answer: whoever wrote a text never approves it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from aid.knowledge_desk.errors import NotAllowed
from aid.people.rights import MATRIX, Action, Grant, may

Act = Literal["read", "propose", "revise", "withdraw", "send_back", "approve", "export"]
ACTIONS: dict[Act, Action] = {
    "read": "knowledge.see",
    "propose": "knowledge.edit",
    "revise": "knowledge.edit",
    "withdraw": "knowledge.edit",
    "send_back": "knowledge.approve",
    "approve": "knowledge.approve",
    "export": "knowledge.approve",
}
"""What the table of roles (aid.people.rights) must allow. ``revise`` and ``withdraw`` are besides the author's, or of who may approve."""
_NAME = re.compile(r"[\w][\w .@·-]{0,63}")


@dataclass(frozen=True)
class Editor:
    """Who acts: the name of his account, and his roles at centers."""

    name: str
    grants: frozenset[Grant]

    def __post_init__(self) -> None:
        """Raises ``NotAllowed`` for a name that nobody can have."""
        if not _NAME.fullmatch(self.name):
            raise NotAllowed("a name has 1 to 64 letters, figures, spaces, dots, hyphens or @")


def require(by: Editor, act: Act, authors: Collection[str] = ()) -> None:
    """Refuse what this person may not do. ``authors``: who has written the proposal, the first one first.

    Raises:
        NotAllowed: his roles do not allow it, or it is his own text, or another's.
    """
    if not may(by, ACTIONS[act]):
        raise NotAllowed(f"{by.name} may not do this ({act}); it takes one of the roles {', '.join(sorted(MATRIX[ACTIONS[act]]))}")
    wrote = same_person(by.name) in {same_person(author) for author in authors}
    if act in ("approve", "send_back") and wrote:
        raise NotAllowed(f"{by.name} has written in this proposal: a second person decides")
    if act in ("revise", "withdraw") and not wrote and not may(by, "knowledge.approve"):
        raise NotAllowed(f"only its author or who may approve may do this ({act})")


def same_person(name: str) -> str:
    """A name as it is compared: 'Li Hua', 'li  hua' and 'Ｌｉ Ｈｕａ' are one person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

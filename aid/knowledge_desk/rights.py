"""Who may do what at the knowledge desk. Two persons stand behind every answer: whoever wrote a text never approves it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from aid.knowledge_desk.errors import NotAllowed

Role = Literal["intake", "handler", "supervisor", "auditor", "administrator"]
Act = Literal["read", "propose", "revise", "withdraw", "send_back", "approve", "export"]
ALLOWED: dict[Act, frozenset[Role]] = {
    "read": frozenset({"intake", "handler", "supervisor", "auditor", "administrator"}),
    "propose": frozenset({"intake", "handler", "supervisor"}),
    "revise": frozenset({"intake", "handler", "supervisor"}),
    "withdraw": frozenset({"intake", "handler", "supervisor"}),
    "send_back": frozenset({"handler", "supervisor"}),
    "approve": frozenset({"handler", "supervisor"}),
    "export": frozenset({"supervisor", "administrator"}),
}
"""Roles by act. ``revise`` and ``withdraw`` are the author's besides, and a supervisor's; ``send_back`` and ``approve`` never an author's."""
_NAME = re.compile(r"[\w][\w .@·-]{0,63}")


@dataclass(frozen=True)
class Editor:
    """Who acts: the name of his account, and his roles."""

    name: str
    roles: frozenset[Role]

    def __post_init__(self) -> None:
        """Raises ``NotAllowed`` for a name that nobody can have."""
        if not _NAME.fullmatch(self.name):
            raise NotAllowed("a name has 1 to 64 letters, figures, spaces, dots, hyphens or @")


def require(by: Editor, act: Act, authors: Collection[str] = ()) -> None:
    """Refuse what this person may not do. ``authors``: who has written the proposal, the first one first.

    Raises:
        NotAllowed: his roles do not allow it, or it is his own text, or another's.
    """
    if not by.roles & ALLOWED[act]:
        raise NotAllowed(f"{by.name} may not do this ({act}); it takes one of the roles {', '.join(sorted(ALLOWED[act]))}")
    wrote = same_person(by.name) in {same_person(author) for author in authors}
    if act in ("approve", "send_back") and wrote:
        raise NotAllowed(f"{by.name} has written in this proposal: a second person decides")
    if act in ("revise", "withdraw") and not wrote and "supervisor" not in by.roles:
        raise NotAllowed(f"only its author or a supervisor may do this ({act})")


def same_person(name: str) -> str:
    """A name as it is compared: 'Li Hua', 'li  hua' and 'Ｌｉ Ｈｕａ' are one person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

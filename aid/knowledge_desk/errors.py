"""What can go wrong at the knowledge desk.

AidError
└── DeskError
    ├── BadText           a field holds what no entry may hold: not YAML, anchors, control signs, too long, personal data
    ├── FaultyEntry       the checks of `aid check` find an error in it; carries the faults with line and field
    ├── UnknownEntry      no entry, no version, or no topic of this name
    ├── UnknownProposal   no such proposal
    ├── NotOpen           the proposal is not in a state in which this can be done
    ├── NotAllowed        this person may not do this, or not to his own text
    ├── Outdated          the entry, or the text that was looked at, has changed meanwhile
    ├── NothingChanged    the text is the one that holds already
    ├── NoReason          a reason must be said
    ├── FolderFailed      the knowledge folder cannot be read or written
    └── TryUnavailable    the action server, which knows the search, does not answer
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aid.errors import AidError

if TYPE_CHECKING:
    from aid.knowledge_desk.checking import FieldFault


class DeskError(AidError):
    """Something is wrong at the knowledge desk; nothing was changed."""


class BadText(DeskError):
    """A field holds what no entry may hold; ``field`` names it where one can be named."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field


class FaultyEntry(DeskError):
    """The checks find errors in the entry; ``faults`` says where."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("\n".join(str(fault.fault) for fault in faults))
        self.faults = list(faults)


class UnknownEntry(DeskError):
    """No entry, no version of it, or no topic has this name."""


class UnknownProposal(DeskError):
    """No proposal has this number."""


class NotOpen(DeskError):
    """The proposal has been decided, or waits for its author."""


class NotAllowed(DeskError):
    """This person may not do this."""


class Outdated(DeskError):
    """The entry, or the text that was looked at, has changed meanwhile."""


class NothingChanged(DeskError):
    """The text is the one that holds already."""


class NoReason(DeskError):
    """A reason must be said."""


class FolderFailed(DeskError):
    """The knowledge folder cannot be read or written."""


class TryUnavailable(DeskError):
    """The action server, which knows the search, does not answer or refuses; says which."""

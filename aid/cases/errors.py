"""What can go wrong with cases.

AidError
└── CaseError
    ├── UnknownCaseKind     no case kind of this name
    ├── AnotherDraftOpen    the conversation already writes down another kind of case
    ├── DraftGone           the draft is filed or cancelled and takes no more changes
    ├── DraftNotReady       a needed fact or the consent is missing; nothing was filed
    ├── TicketNotFound      number and lookup code do not fit (never says which)
    ├── TooManyAttempts     too many wrong lookups; wait
    ├── ForbiddenTransition the ticket's state does not allow this event
    │   └── NotTheirs       another role may do it
    ├── IncompleteEvent     an event does not say what it must
    ├── LogMoved            somebody else added to the log meanwhile; nothing was written
    ├── NotMergeable        two cases cannot be made one
    ├── UnknownReceiver     a transfer to no center, or to the present one
    └── UnknownEvent        no such event, role or detail
"""

from aid.errors import AidError


class CaseError(AidError):
    """Something is wrong with a case."""


class UnknownCaseKind(CaseError):
    """No case kind has this name."""


class AnotherDraftOpen(CaseError):
    """The conversation has an open draft of another kind; ``kind`` names it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"a draft of kind {kind} is still open in this conversation")
        self.kind = kind


class DraftGone(CaseError):
    """The draft is no longer open."""


class DraftNotReady(CaseError):
    """The draft cannot be filed; ``missing`` lists the field keys."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"the draft lacks {', '.join(missing)}")
        self.missing = missing


class TicketNotFound(CaseError):
    """No ticket fits this number and lookup code."""


class TooManyAttempts(CaseError):
    """Too many wrong lookups from this conversation or for this number."""


class ForbiddenTransition(CaseError):
    """The event may not follow the ticket's present state."""


class NotTheirs(ForbiddenTransition):
    """The event is for another role."""


class IncompleteEvent(CaseError):
    """An event does not say what it must; ``missing`` lists the keys."""

    def __init__(self, message: str, missing: list[str]) -> None:
        super().__init__(message)
        self.missing = missing


class LogMoved(CaseError):
    """The log has lines that the one who acts has not seen; ``seen`` is the last that he saw, ``last`` the newest."""

    def __init__(self, seen: int, last: int) -> None:
        super().__init__(f"the log has moved on from line {seen} to line {last}")
        self.seen, self.last = seen, last


class NotMergeable(CaseError):
    """The other case is the same one, unknown, or over; ``code`` is ``same``, ``unknown`` or ``closed``."""

    def __init__(self, code: str) -> None:
        super().__init__(f"these two cases cannot be made one: {code}")
        self.code = code


class UnknownReceiver(CaseError):
    """No center of this id receives cases, or it is the present receiver."""


class UnknownEvent(CaseError):
    """There is no such event, role or detail."""

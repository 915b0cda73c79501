"""What can go wrong when staff speak to people.

AidError
└── TakeoverError
    ├── TakenByColleague   another member of staff has the talk; says who
    ├── NotYours           the talk is not (or no longer) this member of staff's
    ├── OnlySupervisors    a talk is taken from a colleague by a supervisor alone
    ├── NothingSaid        the person has said nothing yet
    └── EmptyWords         there is nothing to send
"""

from __future__ import annotations

from aid.errors import AidError


class TakeoverError(AidError):
    """Staff cannot do this to a talk."""


class TakenByColleague(TakeoverError):
    """Another member of staff has the talk: ``staff`` is his id, ``shown`` his center."""

    def __init__(self, staff: str, shown: str) -> None:
        super().__init__("a colleague has the talk")
        self.staff, self.shown = staff, shown


class NotYours(TakeoverError):
    """The talk is the bot's, or a colleague's."""


class OnlySupervisors(TakeoverError):
    """A talk is taken from a colleague by a supervisor alone."""


class NothingSaid(TakeoverError):
    """Nobody has said anything in this talk yet."""


class EmptyWords(TakeoverError):
    """There is nothing to send."""

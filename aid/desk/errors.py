"""What can go wrong at the desk.

AidError
└── DeskError
    ├── FilterUnusable   an address holds a filter that has no sense; names it
    ├── ActionUnusable   an action's form is not filled in as it must be; names each field and what is wrong
    └── NotOffered       the action is not open to this person now
"""

from __future__ import annotations

from aid.errors import AidError


class DeskError(AidError):
    """Something is wrong at the desk."""


class FilterUnusable(DeskError):
    """A filter has no sense; ``names`` are those that have none."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"these filters have no sense: {', '.join(names)}")
        self.names = names


class ActionUnusable(DeskError):
    """A form is not filled in as it must be; ``faults`` gives the code of what is wrong by field."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {code}" for field, code in faults.items()))
        self.faults = faults


class NotOffered(DeskError):
    """The action is not open to this person, or not in this state."""

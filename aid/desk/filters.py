"""What the queue is asked for: a model that stands in the address and comes back from it the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from aid.cases.life import State
from aid.desk.errors import FilterUnusable

Urgency = Literal["leaving", "overdue", "today", "soon", "running", "open", "awaiting", "closed"]
"""In the order of the queue. ``leaving``: the exhibit leaves today or tomorrow; ``overdue``, ``today``, ``soon`` (within three working days),
``running``: by the clock that runs out first; ``open``: no clock runs; ``awaiting``: the person is to put something right, in time; ``closed``."""
Sort = Literal["urgency", "newest", "oldest"]
_CODE = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
MOST = 20
_Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
"""Days with which can be reckoned: before and after there is neither a case nor a calendar."""


class Cursor(BaseModel):
    """The last row of a page, and the day by which its order was reckoned; later pages go on from it by the same day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: _Day
    rank: int = Field(ge=0, le=9)
    due: date
    number: str = Field(pattern=r"^CC-\d{4}-\d{6,9}$")

    def __str__(self) -> str:
        return f"{self.day}.{self.rank}.{self.due}.{self.number}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """From its text. Raises ``ValueError``."""
        day, rank, due, number = text.split(".")
        return cls.model_validate({"day": day, "rank": rank, "due": due, "number": number})


class Filters(BaseModel):
    """What is asked for; what is left out filters nothing.

    ``show``: open cases, those that are over, or both. ``words``: a number or its last figures, a lookup code, a telephone or name (whole), or any
    words of what was told that are no personal data. ``due_within``: working days until the last day of the clock that runs out first, overdue
    ones included. ``mine``: those that the asker accepted or started. ``copies``: also those that the centers asked for have in copy only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    show: Literal["open", "closed", "all"] = "open"
    state: tuple[State, ...] = Field(default=(), max_length=MOST)
    kind: tuple[_CODE, ...] = Field(default=(), max_length=MOST)
    center: tuple[_CODE, ...] = Field(default=(), max_length=MOST)
    copies: bool = True
    expo: tuple[_CODE, ...] = Field(default=(), max_length=MOST)
    matter: tuple[Annotated[str, Field(min_length=1, max_length=32)], ...] = Field(default=(), max_length=MOST)
    urgency: tuple[Urgency, ...] = Field(default=(), max_length=MOST)
    due_within: int | None = Field(default=None, ge=0, le=60)
    mine: bool = False
    since: _Day | None = None
    until: _Day | None = None
    words: str = Field(default="", max_length=64)
    sort: Sort = "urgency"
    after: Cursor | None = None

    @field_validator("state", "kind", "center", "expo", "matter", "urgency", mode="after")
    @classmethod
    def _once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(values)))

    @field_validator("words", mode="after")
    @classmethod
    def _trimmed(cls, words: str) -> str:
        return " ".join(words.split())

    def query(self, **changes: Any) -> str:
        """The address's query with only what differs from asking for nothing; ``changes`` are made first. ``""`` where all is as usual."""
        told = self.model_copy(update=changes) if changes else self
        pairs: list[tuple[str, str]] = []
        for name, field in type(self).model_fields.items():
            value = getattr(told, name)
            if value == field.default:
                continue
            pairs += [(name, str(one)) for one in value] if isinstance(value, tuple) else [(name, _said(value))]
        return urlencode(pairs)

    def is_narrowed(self) -> bool:
        """Whether anything but the order and the page is asked for."""
        return bool(self.query(sort="urgency", after=None))

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """From the pairs of a query; empty values and names that are no filter's count for nothing.

        Raises:
            FilterUnusable: a value has no sense.
        """
        found: dict[str, Any] = {}
        for name, value in pairs:
            field = cls.model_fields.get(name)
            if field is None or not value.strip():
                continue
            if field.default == ():
                found.setdefault(name, []).append(value)
            else:
                found[name] = value
        try:
            if "after" in found:
                found["after"] = Cursor.read(found["after"])
        except ValueError as fault:
            raise FilterUnusable(["after"]) from fault
        try:
            return cls.model_validate(found)
        except ValidationError as fault:
            raise FilterUnusable(sorted({str(error["loc"][0]) for error in fault.errors()})) from fault


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)

"""The one reply format of all doors. Actions make these; the hub stores them; each door renders them in its own way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Choice(_Part):
    """One thing to tap. ``payload`` stays on the server: a door sees the label and an id that the hub gives.

    Payloads: ``{"say": text}`` (as if typed), ``{"act": intent}`` (affirm, deny, cancel, skip, ...),
    ``{"entry": id}``, ``{"start": case kind, "from": inbound id}``, ``{"none": true}``, ``{"value": str}`` (answer to the asked question),
    ``{"file": evidence id, "do": "add" | "keep" | "drop" | "again", "ticket": ticket id}`` (what becomes of a file),
    ``{"human": "ask" | "leave"}`` (ask for somebody of the center, wait for him no more).
    """

    label: str
    payload: dict[str, Any]


class Basis(_Part):
    """A legal basis as shown: ``专利法（2020修正）第六十五条``."""

    law: str
    version: str
    article: str | None = None
    says: str = ""

    def cited(self) -> str:
        """Name, version and article, without what it says."""
        return self.law + (f"（{self.version}）" if self.version else "") + (self.article or "")

    def line(self) -> str:
        """The citation and what it says, in one line."""
        return self.cited() + (f"：{self.says}" if self.says else "")


class AnswerCard(_Part):
    """A sourced answer. ``probability`` is the calibrated chance that this entry is the one asked for.

    ``unfolded``: the whole was asked for, so a door that shows the short answer first shows all of it.
    """

    kind: Literal["answer"] = "answer"
    entry: str
    label: str
    short: str
    points: list[str]
    steps: list[str]
    basis: list[Basis]
    checked: date
    probability: float
    unfolded: bool = False


class CandidatesCard(_Part):
    """您是不是想问: up to three labels, each also a choice of the reply."""

    kind: Literal["candidates"] = "candidates"
    entries: list[str]
    labels: list[str]
    probabilities: list[float]


class NoneCard(_Part):
    """Nothing fits (``reason``: none | off_topic | invalid)."""

    kind: Literal["none"] = "none"
    reason: str
    probability: float = 0.0


class QuestionCard(_Part):
    """A form's question: what, why, how to skip, and where in the form (``step`` of ``steps``).

    ``input``: what fits it best; of a date ``earliest`` and ``latest`` bound what a calendar offers.
    """

    kind: Literal["question"] = "question"
    case_kind: str
    field: str
    ask: str
    why: str
    skip: str = ""
    step: int
    steps: int
    input: Literal["text", "tel", "email", "date"] = "text"
    earliest: date | None = None
    latest: date | None = None


class SummaryLine(_Part):
    """One line of the read-back; personal data is masked in ``value``."""

    field: str
    label: str
    value: str


class EvidenceLine(_Part):
    """A file that goes with a case: name and type as said to people, size in bytes, first signs of the SHA-256, time received."""

    name: str
    type: str
    size: int
    sign: str
    received: datetime


class SummaryCard(_Part):
    """The read-back before filing: facts, receiving center and why; ``notes``: what must be known before sending.

    ``evidence``: the files that will be filed with it; each is a line of ``lines`` too.
    """

    kind: Literal["summary"] = "summary"
    case_kind: str
    lines: list[SummaryLine]
    receiver: str
    reasons: list[str]
    notes: list[str] = Field(default_factory=list)
    evidence: list[EvidenceLine] = Field(default_factory=list)


class ReceiptCard(_Part):
    """What a person takes away after filing; ``materials``: what to bring or send; ``evidence``: the files that were filed."""

    kind: Literal["receipt"] = "receipt"
    number: str
    lookup_code: str
    receiver: str
    reasons: list[str]
    expected: date
    expected_is_estimate: bool
    phones: list[str]
    materials: list[str] = Field(default_factory=list)
    evidence: list[EvidenceLine] = Field(default_factory=list)


class StatusCard(_Part):
    """Where a ticket stands; no personal data."""

    kind: Literal["status"] = "status"
    number: str
    state: str
    state_label: str
    receiver: str
    received: date
    expected: date
    events: list[str]
    deadlines: list[str] = Field(default_factory=list)


Card = Annotated[
    AnswerCard | CandidatesCard | NoneCard | QuestionCard | SummaryCard | ReceiptCard | StatusCard,
    Field(discriminator="kind"),
]


class Author(_Part):
    """Who says it where it is not the assistant: a member of staff, or the house itself (who has the talk now, a late receipt).

    ``name`` is as shown: the center, and of staff what is shown of him (a work number, or how he is called).
    """

    kind: Literal["staff", "system"]
    name: str


class Reply(_Part):
    """One message of the assistant, or of ``author``. ``text`` is a small markdown subset; ``speak`` is plain text for ears and WeChat."""

    text: str
    speak: str = ""
    choices: list[Choice] = Field(default_factory=list)
    card: Card | None = None
    author: Author | None = None

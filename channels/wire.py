"""What travels between the web door and its pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from aid.replies import Author, Card, StatusCard
from aid.store.ratings import Reason
from channels.gate import storable


def _text(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{8,64}$", description="The sender's own id of the message.")]
EventCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$", description="Code of the expo, if any.")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewConversation(_Part):
    """Who begins a conversation, and where."""

    door: Literal["web", "kiosk"] = "web"
    event: EventCode | None = None
    site: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$", description="The site that shows the widget, if one does.")] | None = None


class Session(_Part):
    """A conversation that was begun. The token goes into the ``Authorization: Bearer`` header only."""

    conversation: str
    token: str


class NewMessage(_Part):
    """Words or a tapped choice. A second message with the same ``client_id`` is the same message."""

    client_id: ClientId
    text: Annotated[str, BeforeValidator(_text)] | None = None
    choice: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> NewMessage:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give either text or choice")
        return self


class Rating(_Part):
    """Whether an answer solved it; the reason only where it did not."""

    solved: bool
    reason: Reason | None = None


class Handover(_Part):
    """The code that takes a conversation to another device."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{32}$")]


class TakeOver(Handover):
    """``device``: a secret of the phone's own, the same in each try; without it a try whose answer is lost cannot be made again."""

    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{32,64}$")] | None = None


class Asked(_Part):
    """A question that many ask: what stands on its button, and what is said when it is pressed."""

    label: str
    say: str


class Greeting(_Part):
    """What stands at the head of a talk."""

    asked: list[Asked]


class Lookup(_Part):
    """A ticket's number and lookup code, as they stand on the receipt."""

    number: Annotated[str, BeforeValidator(_text), Field(max_length=64)]
    code: Annotated[str, BeforeValidator(_text), Field(max_length=64)]


class TicketState(_Part):
    """Where a ticket stands; no personal data."""

    card: StatusCard


class Taken(_Part):
    """The message is stored; ``seq`` is its place among the person's messages."""

    inbound: str
    seq: int


class TakenFile(Taken):
    """The file is kept; ``file`` is its id (that of the first, where this conversation has sent the same file before)."""

    file: str | None


class ShownChoice(_Part):
    """One thing to tap."""

    id: str
    label: str


class ShownReply(_Part):
    """One message of the assistant, or of ``author``; ``number`` counts up within the conversation.

    What an ``author`` says answers no message: ``inbound_id`` is then the newest one before it.
    """

    number: int
    inbound_id: str
    created_at: datetime
    text: str
    speak: str
    choices: list[ShownChoice]
    card: Card | None
    author: Author | None = None


class ShownSaid(_Part):
    """One message of the person; ``text`` of a choice is its label; ``file`` the id of a file that it is, which may be deleted."""

    inbound_id: str
    client_id: str
    seq: int
    created_at: datetime
    text: str
    choice_id: str | None
    file: str | None


class Service(_Part):
    """Who speaks: the ``bot``; the bot while the person is ``waiting`` for staff; or ``staff``.

    ``place``: 1 is next; ``since``: when the wait, or the talk with staff, began; ``waited``: the seconds since then; ``name``: the center of
    the staff.
    """

    state: Literal["bot", "waiting", "staff"]
    place: Annotated[int, Field(ge=1)] | None
    since: datetime | None
    waited: Annotated[int, Field(ge=0)] | None
    name: str | None


class Messages(_Part):
    """Everything after a reply's number: what was said, the replies, whether an answer is still to come, and who speaks."""

    said: list[ShownSaid]
    replies: list[ShownReply]
    pending: bool
    service: Service


class Problem(_Part):
    """An error: a code for programs, a sentence for people."""

    error: str
    message: str


class Health(_Part):
    """The process lives."""

    status: Literal["ok"]

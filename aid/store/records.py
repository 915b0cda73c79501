"""What ``aid.store.messages`` gives and takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person's talk at one door; ``epoch`` counts how often it was started afresh.

    ``owner`` (bot | staff) is who speaks to the person, ``owner_id`` which member of staff; ``tenure`` counts the changes of that.
    """

    id: str
    door: str
    event_code: str | None
    created_at: datetime
    epoch: int
    last_number: int
    state: str
    owner: str = "bot"
    owner_id: str | None = None
    tenure: int = 0

    @property
    def is_bots(self) -> bool:
        """Whether the bot speaks."""
        return self.owner == "bot"


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a person sent; ``seq`` is its place in the conversation, ``status`` pending | done | failed.

    Of a file, ``evidence_id`` is its id and ``text`` what stands for it in the talk.
    """

    id: str
    conversation_id: str
    client_id: str
    seq: int
    text: str
    choice_id: str | None
    received_at: datetime
    status: str
    attempts: int
    evidence_id: str | None = None


Beside = Callable[[Connection, str], str]
"""Writes what belongs to a new message in the message's own transaction; takes the message's id and gives that of the evidence."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it was stored; ``is_new`` is false for a retry.

    ``holder`` runs the conversation's turns; ``is_next`` when no other message of it waits for its answer. ``has_turn`` is false while
    staff have the talk: the bot does not answer it.
    """

    inbound: Inbound
    is_new: bool
    holder: str | None
    is_next: bool
    has_turn: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What must be known before a turn is run: the conversation, who runs its turns, and whether the message still waits."""

    conversation: Conversation
    holder: str | None
    is_pending: bool


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A numbered reply; ``body`` is what a door may see: choices are ``{"id", "label"}``, payloads stay here.

    ``body["author"]`` is missing, or ``None``, where the assistant says it.
    """

    conversation_id: str
    number: int
    inbound_id: str
    created_at: datetime
    body: dict[str, Any]

    def public(self) -> dict[str, Any]:
        """The body with number, time (ISO 8601) and inbound id: ready for JSON."""
        return {
            "number": self.number,
            "inbound_id": self.inbound_id,
            "created_at": self.created_at.isoformat(timespec="milliseconds"),
            "author": None,
            **self.body,
        }

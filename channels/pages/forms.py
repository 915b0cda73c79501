"""What a form of the talk's page asks for, read with care: whatever has no sense counts as not said."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from starlette.datastructures import FormData

from aid.store.ratings import REASONS, Reason
from channels.gate import storable

MOST_FIELDS = 12
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,32}")
_EVENT = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_CHOICE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_RATING = re.compile(rf"([1-9]\d{{0,8}}):(?:(1)|0(?::({'|'.join(REASONS)}))?)")

_LEAVES: dict[str, Literal["end", "anew", "queue"]] = {"end": "end", "anew": "anew", "queue": "queue"}
"""What may be left: the talk, the talk for a new one, or the line of those who wait for staff."""


@dataclass(frozen=True, slots=True)
class Rate:
    """An answer by its reply number, whether it solved it, and why not."""

    number: int
    solved: bool
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One form that was sent. ``text`` is what was typed, or else the day that was picked; at most one of the rest is set."""

    nonce: str
    guard: str
    event: str | None
    text: str
    choice: str
    rate: Rate | None
    leave: Literal["end", "anew", "queue", ""]

    @property
    def client_id(self) -> str:
        """The message's own id: the same form sent twice is one message; other words on the same page are another."""
        return same_message(self.nonce, f"{self.choice} {self.text}".encode())

    def again(self) -> dict[str, str]:
        """The fields with which it can be sent once more as it is."""
        said = {"choice": self.choice} if self.choice else {"text": self.text}
        return {"nonce": self.nonce, "guard": self.guard, "event": self.event or "", **said}


def new_nonce() -> str:
    """What tells one showing of a page from another."""
    return secrets.token_urlsafe(12)


def same_message(nonce: str, content: bytes) -> str:
    """The client id of this content sent from this page."""
    return f"{nonce}.{hashlib.sha256(content).hexdigest()[:16]}"


def event_code(raw: str | None) -> str | None:
    """The code of an expo where it has the form of one."""
    return raw if raw and _EVENT.fullmatch(raw) else None


async def read_asked(request: Request) -> Asked:
    """The form in the body, which the door has already limited."""
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    text, day = _said(form, "text").strip(), _said(form, "day")
    if not text and _DAY.fullmatch(day):
        text = day
    nonce, choice, leave = _said(form, "nonce"), _said(form, "choice"), _said(form, "leave")
    return Asked(
        nonce=nonce if _NONCE.fullmatch(nonce) else new_nonce(),
        guard=_said(form, "guard"),
        event=event_code(_said(form, "event")),
        text=text,
        choice=choice if _CHOICE.fullmatch(choice) else "",
        rate=_rate(_said(form, "rate")),
        leave=_LEAVES.get(leave, ""),
    )


def _said(form: FormData, name: str) -> str:
    value = form.get(name)
    return storable(value) if isinstance(value, str) else ""


def _rate(raw: str) -> Rate | None:
    match = _RATING.fullmatch(raw)
    if match is None:
        return None
    reason = next((reason for reason in REASONS if reason == match[3]), None)
    return Rate(int(match[1]), match[2] is not None, reason)

"""A person at the web door who does as the chat page does: sends again what was not taken, under the same id, and waits for the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from bench.complaints import SUMMARY, Complaint
from bench.errors import LoadError

SAY_AGAIN = "再试一次"
TAP = "→"
STEPS = 40
PAUSE = 0.3
PATIENCE = 240.0
"""Seconds after which a person has certainly left: the doors try for 90, and two starts of Rasa may fall into one turn."""


@dataclass
class Story:
    """What a person has seen when his talk is over."""

    complaint: Complaint
    conversation: str = ""
    posted: list[str] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    said_failed: int = 0
    longest: float = 0.0
    trouble: str = ""


class Person:
    """Walks one complaint at the door on ``port``.

    Args:
        port: of the doors, on loopback.
        complaint: what to tell.
        at_question: called with the number of the answer and whether it files, directly before it is sent.
        chance: makes the ids of the messages.
        transport: in place of the network, for tests.
    """

    def __init__(
        self,
        port: int,
        complaint: Complaint,
        at_question: Callable[[int, bool], None],
        chance: Random,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False, transport=transport)
        self._complaint, self._at_question, self._chance = complaint, at_question, chance
        self._headers: dict[str, str] = {}
        self._choices: list[dict[str, str]] = []
        self.story = Story(complaint)

    def walk(self) -> Story:
        """Tell everything until the receipt is there. What goes wrong stands in ``trouble``."""
        try:
            self._begin()
            replies = self._told(0, self._complaint.start)
            for step in range(1, STEPS):
                if self.story.receipts:
                    break
                replies = self._told(step, *self._next(replies))
            else:
                self.story.trouble = "the talk did not come to its end"
        except LoadError as fault:
            self.story.trouble = str(fault)
        finally:
            self._http.close()
        return self.story

    def _begin(self) -> None:
        opened = self._asked("POST", "/v1/conversations", {"door": "web"})
        self.story.conversation = opened["conversation"]
        self._headers = {"Authorization": f"Bearer {opened['token']}"}

    def _next(self, replies: list[dict[str, Any]]) -> tuple[str, str | None]:
        """The words, or label and id of what is tapped, that answer the last question."""
        retry = next((c for c in reversed([c for r in replies for c in r["choices"]]) if c["label"] == SAY_AGAIN), None)
        if retry is not None:
            self.story.said_failed += 1
            return SAY_AGAIN, retry["id"]
        asked = asked_in(replies)
        answer = self._complaint.answers.get(asked or "")
        if answer is None:
            raise LoadError(f"nothing to answer to {asked or 'no question'}: {' '.join(r['text'] for r in replies)[:200]}")
        if not answer.startswith(TAP):
            return answer, None
        label = answer.removeprefix(TAP)
        tapped = next((c["id"] for c in self._choices if c["label"] == label), None)
        return label, tapped

    def _told(self, step: int, words: str, choice: str | None = None) -> list[dict[str, Any]]:
        asked = asked_in(self.story.seen)
        client_id = f"{self._chance.getrandbits(64):016x}"
        body: dict[str, Any] = {"client_id": client_id} | ({"choice": choice} if choice else {"text": words})
        self.story.posted.append(client_id)
        self._at_question(step, asked == SUMMARY)
        started = time.monotonic()
        inbound = self._asked("POST", self._path, body)["inbound"]
        replies = self._answer_to(inbound)
        self.story.longest = max(self.story.longest, time.monotonic() - started)
        self.story.receipts += [r["card"] for r in replies if (r.get("card") or {}).get("kind") == "receipt"]
        return replies

    @property
    def _path(self) -> str:
        return f"/v1/conversations/{self.story.conversation}/messages"

    def _answer_to(self, inbound: str) -> list[dict[str, Any]]:
        seen = max([reply["number"] for reply in self.story.seen], default=0)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            got = self._asked("GET", f"{self._path}?after={seen}")
            if not got["pending"]:
                replies: list[dict[str, Any]] = got["replies"]
                self.story.seen += replies
                self._choices = [c for r in replies for c in r["choices"]] + self._choices
                if not any(reply["inbound_id"] == inbound for reply in replies):
                    raise LoadError("a message was taken and never answered")
                return replies
            time.sleep(0.03)
        raise LoadError(f"no answer within {PATIENCE:.0f} s")

    def _asked(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The door's answer, asked for again and again while it is down, busy or in need of a pause."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                response = self._http.request(method, path, json=body, headers=self._headers)
                if response.status_code < 400:
                    answer: dict[str, Any] = response.json()
                    return answer
                if response.status_code not in (429, 500, 503):
                    raise LoadError(f"{method} {path}: status {response.status_code} {response.text[:200]}")
            except (httpx.TransportError, ValueError):
                pass
            if time.monotonic() > deadline:
                raise LoadError(f"{method} {path}: not taken within {PATIENCE:.0f} s")
            time.sleep(PAUSE)


def asked_in(replies: list[dict[str, Any]]) -> str | None:
    """The field that the last card asks for; ``summary`` for the read-back; ``None`` when nothing is asked."""
    for reply in reversed(replies):
        card = reply.get("card") or {}
        if card.get("kind") == "question":
            return str(card["field"])
        if card.get("kind") == "summary":
            return SUMMARY
    return None

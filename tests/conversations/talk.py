"""A talk is a table of (says, expects); this reads the tables and walks them.

A table's file name begins with the behaviour that its talks show (``corrections_expo.yml``). ``parts.yml`` holds runs of turns that many talks
share: ``{part: expo_told}`` stands for them.
"""

from __future__ import annotations

import re
import secrets
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field

from tests.evidence.made import picture

TALKS = Path(__file__).parent / "talks"
PARTS = Path(__file__).parent / "parts.yml"
ENDED = {"已经取消", "没有提交"}
"""Words of a form that ended without a ticket."""
LENGTHY = {"LONG": "太长了" * 3334, "LONGER": "啰嗦" * 300}
"""Words that stand for many: more than a message may hold, and more than a field may hold."""


class Expected(BaseModel):
    """What the replies to one message must be. Absent keys ask for nothing."""

    model_config = ConfigDict(extra="forbid")

    say: str | None = None
    tap: str | None = Field(default=None, description="Label of a choice offered so far, the newest first; ending in … only how it begins.")
    file: str | None = Field(default=None, description="Name of a picture that is sent; the same name is the same picture.")
    staff: dict[str, dict[str, str]] = Field(default={}, description="What staff do to the newest ticket before this turn: event, what it says.")
    anew: bool = Field(default=False, description="Begin another conversation before this turn, as another person would.")
    id: str | None = Field(default=None, description="The message's client id: one sent with the same id is the same message.")
    at_once: list[str] = Field(default=[], description="More messages, sent before the first is answered.")
    has: list[str] = Field(default=[], description="Words that stand in the replies.")
    lacks: list[str] = Field(default=[], description="Words that do not.")
    cards: list[str] | None = Field(default=None, description="Kinds of the cards, in order.")
    asks: str | None = Field(default=None, description="The form's field that is asked last.")
    entry: str | None = Field(default=None, description="The entry that answers.")
    offers: list[str] = Field(default=[], description="Labels among the choices.")


class Talk(BaseModel):
    """One whole conversation."""

    model_config = ConfigDict(extra="forbid")

    name: str
    path_of: str = Field(default="", description="The kind of case whose happy path this is; it is walked at every door.")
    turns: list[Expected]
    tickets: int = 0
    kind: str = Field(default="", description="Kind of the last ticket.")
    files: list[str] = Field(default=[], description="Names of the files of the last ticket.")
    facts: dict[str, str | None] = Field(default={}, description="Facts of the last ticket; null: it has none of this key.")

    @property
    def is_whole(self) -> bool:
        """Whether the talk goes to its end: a ticket is filed, or the form is cancelled or the consent refused."""
        return self.tickets > 0 or any(words in ENDED for turn in self.turns for words in turn.has)


@dataclass
class Heard:
    """The replies to one message."""

    replies: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(r["text"] for r in self.replies)

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [r["card"] for r in self.replies if r.get("card")]

    @property
    def choices(self) -> list[dict[str, str]]:
        return [c for r in self.replies for c in r["choices"]]


class Visitor:
    """A person at the web door, or in a conversation that another door has begun (its id and token)."""

    def __init__(self, address: str, seconds: float = 60.0, begun: tuple[str, str] | None = None) -> None:
        self._http = httpx.Client(base_url=address, timeout=20)
        self._seconds = seconds
        self.receipt: dict[str, Any] = {}
        self.begin_anew(begun)

    def begin_anew(self, begun: tuple[str, str] | None = None) -> None:
        """Go into a conversation, a new one unless one is given; one that was open is left as it is."""
        self.conversation, token = begun or self._begin()
        self._headers = {"Authorization": f"Bearer {token}"}
        self.seen = 0
        self._choices: list[dict[str, str]] = []

    def close(self) -> None:
        self._http.close()

    def _begin(self) -> tuple[str, str]:
        opened = self._http.post("/v1/conversations", json={"door": "web"})
        opened.raise_for_status()
        return opened.json()["conversation"], opened.json()["token"]

    @property
    def _path(self) -> str:
        return f"/v1/conversations/{self.conversation}/messages"

    def post(self, text: str | None = None, choice: str | None = None, client_id: str | None = None) -> httpx.Response:
        body = {"client_id": client_id or secrets.token_hex(8)}
        body |= {"choice": choice} if choice else {"text": text or ""}
        for attempt in range(40):
            try:
                response = self._http.post(self._path, json=body, headers=self._headers)
            except httpx.TransportError:
                if attempt == 39:
                    raise
                time.sleep(0.5)
                continue
            if response.status_code != 429:
                return response
            time.sleep(2.5)
        return response

    def send(self, name: str) -> Heard:
        """Send a picture; what is in it follows from the name."""
        body = {"client_id": secrets.token_hex(8)}
        content = picture(size=(16 + len(name), 16), colour=f"#{zlib.crc32(name.encode()) & 0xFFFFFF:06x}")
        path = f"/v1/conversations/{self.conversation}/files"
        self._http.post(path, data=body, files={"file": (name, content)}, headers=self._headers).raise_for_status()
        return self.collect()

    def collect(self) -> Heard:
        """Wait until nothing is pending; give what is new."""
        deadline = time.monotonic() + self._seconds
        while time.monotonic() < deadline:
            try:
                got = self._http.get(self._path, params={"after": self.seen}, headers=self._headers).json()
            except httpx.TransportError:
                time.sleep(0.3)
                continue
            if not got["pending"]:
                replies = got["replies"]
                self.seen = max([self.seen, *(r["number"] for r in replies)])
                self._choices = [c for r in replies for c in r["choices"]] + self._choices
                heard = Heard(replies)
                self.receipt = next((card for card in heard.cards if card["kind"] == "receipt"), self.receipt)
                return heard
            time.sleep(0.01)
        raise AssertionError(f"no reply within {self._seconds} s")

    def say(self, text: str) -> Heard:
        """Say something; ``{number}`` and ``{code}`` are those of the last receipt."""
        self.post(self.filled(text)).raise_for_status()
        return self.collect()

    def tap(self, label: str) -> Heard:
        """Tap the newest choice with this label; a label that ends in … is only how it begins."""
        self.post(choice=self.choice(label)).raise_for_status()
        return self.collect()

    def choice(self, label: str) -> str:
        """Id of the newest choice with this label; one that ends in … is only how it begins."""
        begins = label.removesuffix("…") if label.endswith("…") else None
        choice = next((c["id"] for c in self._choices if (c["label"] == label if begins is None else c["label"].startswith(begins))), None)
        assert choice, f"no choice {label!r} among {[c['label'] for c in self._choices]}"
        return choice

    def filled(self, text: str) -> str:
        """The words, with ``{number}`` and ``{code}`` of the last receipt."""
        return text.replace("{number}", self.receipt.get("number", "")).replace("{code}", self.receipt.get("lookup_code", ""))


def talks() -> list[tuple[str, Talk]]:
    """Every talk of every table, with an id that names file and talk."""
    parts = yaml.safe_load(PARTS.read_text("utf-8"))
    found = []
    for path in sorted(TALKS.glob("*.yml")):
        for row in yaml.safe_load(path.read_text("utf-8")):
            talk = Talk.model_validate({**row, "turns": list(_whole(row["turns"], parts))})
            found.append((f"{path.stem}: {row['name']}", talk))
    return found


def behaviour(name: str) -> str:
    """The behaviour that a talk of this id shows: the beginning of its file's name."""
    return re.split("[_:]", name)[0]


def _whole(turns: list[dict[str, Any]], parts: dict[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """The turns with the shared parts in their places; a part may name others."""
    for turn in turns:
        if "part" in turn:
            yield from _whole(parts[turn["part"]], parts)
        else:
            yield turn


Staff = Callable[[str, dict[str, dict[str, str]]], None]
"""Does what staff do to the ticket of a number: event, what it says."""


def walk(visitor: Visitor, talk: Talk, staff: Staff | None = None) -> None:
    """Say each line and hold the replies against what is expected."""
    for number, turn in enumerate(talk.turns, 1):
        if turn.staff and staff:
            staff(visitor.receipt["number"], turn.staff)
        if turn.anew:
            visitor.begin_anew()
        if turn.file:
            heard = visitor.send(turn.file)
        else:
            _send(visitor, turn)
            heard = visitor.collect()
        _hold(visitor, turn, heard, f"turn {number} ({turn.file or turn.tap or turn.say!r}):\n{heard.text}")


def _send(visitor: Visitor, turn: Expected) -> None:
    if turn.tap:
        visitor.post(choice=visitor.choice(turn.tap), client_id=turn.id).raise_for_status()
    else:
        text = LENGTHY.get(turn.say or "", turn.say or "")
        visitor.post(visitor.filled(text), client_id=turn.id).raise_for_status()
    for text in turn.at_once:
        visitor.post(text).raise_for_status()


def _hold(visitor: Visitor, turn: Expected, heard: Heard, where: str) -> None:
    for words in map(visitor.filled, turn.has):
        assert words in heard.text, f"{words!r} is missing at {where}"
    for words in turn.lacks:
        assert words not in heard.text, f"{words!r} stands at {where}"
    kinds = [card["kind"] for card in heard.cards]
    if turn.cards is not None:
        assert kinds == turn.cards, f"cards {kinds} at {where}"
    if turn.asks:
        asked = [card["field"] for card in heard.cards if card["kind"] == "question"]
        asked += ["summary" for kind in kinds[-1:] if kind == "summary"]
        assert asked[-1:] == [turn.asks], f"asked {asked} at {where}"
    if turn.entry:
        entries = [card["entry"] for card in heard.cards if card["kind"] == "answer"]
        assert turn.entry in entries, f"entries {entries}, cards {kinds} at {where}"
    for label in turn.offers:
        assert label in [c["label"] for c in heard.choices], f"choice {label!r} is missing at {where}"

"""A door behind a real server in a thread of its own, with real conversations, and a look into its record: for fuzzing."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select
from uvicorn import Config

from aid.replies import AnswerCard, Basis, Choice, Reply
from aid.store import Store, open_store
from aid.store.models import Base
from channels import web
from channels.server import Server
from channels.turns import Bot
from tests.channels.contract import Contract
from tests.channels.door_fakes import HURRY, FakeBot, settings_in

COUNTED = ("lookup_failure", "talk")
"""Kept of what is refused, and meant to be: wrong tries, by which guessing is stopped."""


def answered(text: str) -> list[Reply]:
    """Whatever is said, an answer that can be rated and tapped; the words come back in it."""
    basis = [Basis(law="专利法", version="2020修正", article="第六十五条")]
    card = AnswerCard(entry="expo.x", label="甲", short="乙", points=[], steps=[], basis=basis, checked=date(2026, 11, 22), probability=1.0)
    return [Reply(text=text[:200], card=card, choices=[Choice(label="是", payload={"act": "affirm"})])]


@dataclass
class Talk:
    """A conversation that was begun, and what is known of it."""

    conversation: str
    token: str
    choices: list[str] = field(default_factory=list)
    replies: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class LiveDoor:
    """The running door, as a stranger on this machine meets it."""

    app: FastAPI
    address: str
    store: Store
    client: httpx.Client
    contract: Contract

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request, whose answer is held against the description."""
        answer = self.client.request(method, path, **more)
        self.judge(answer)
        return answer

    def judge(self, answer: httpx.Response) -> None:
        """No fault of ours, as described, and a refusal is one Chinese sentence."""
        assert answer.status_code < 500, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
        self.contract.check(answer)
        if answer.status_code >= 400:
            sentence = answer.json()["message"]
            assert any("\u4e00" <= sign <= "\u9fff" for sign in sentence), sentence
            assert sentence.endswith("。"), sentence

    def begin(self, door: str = "web") -> Talk:
        """A conversation with one answer in it."""
        begun = self.ask("POST", "/v1/conversations", json={"door": door}).json()
        talk = Talk(begun["conversation"], begun["token"])
        self.say(talk, "你好")
        return talk

    def say(self, talk: Talk, text: str | None = None, choice: str | None = None) -> httpx.Response:
        """Words or a tap; returns when the answer is there."""
        said = {"client_id": secrets.token_hex(8), **({"choice": choice} if choice is not None else {"text": text})}
        body = json.dumps(said)  # in ASCII, so that halves of characters can be sent too
        headers = {**talk.headers, "Content-Type": "application/json"}
        answer = self.ask("POST", f"/v1/conversations/{talk.conversation}/messages", content=body, headers=headers)
        if answer.status_code == 202:
            self.settle(talk)
        return answer

    def settle(self, talk: Talk) -> dict[str, Any]:
        """The whole conversation, once nothing is pending."""
        for _ in range(600):
            answer = self.ask("GET", f"/v1/conversations/{talk.conversation}/messages", headers=talk.headers)
            seen: dict[str, Any] = answer.json()
            if answer.status_code != 200 or not seen["pending"]:
                break
            time.sleep(0.005)
        else:
            raise AssertionError("the turn did not end")
        if answer.status_code != 200:
            return seen
        replies = seen["replies"]
        talk.replies = [reply["number"] for reply in replies]
        talk.choices = [choice["id"] for reply in replies for choice in reply["choices"]]
        talk.files = [said["file"] for said in seen["said"] if said["file"]]
        return seen

    def kept(self) -> dict[str, int]:
        """How many rows each table of the record holds."""
        with self.store.reading() as session:
            tables = [table for table in Base.metadata.sorted_tables if table.name not in COUNTED]
            return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@contextmanager
def live_door(folder: Path, bot: Bot | None = None, messages_per_minute: int = 1_000_000, **more: Any) -> Iterator[LiveDoor]:
    """Serve a door until the end of the block; ``more`` are settings."""
    settings = settings_in(folder, **more)
    answering = bot or FakeBot(answer=answered)
    app = web.create_app(settings, bot=answering, patience=HURRY, messages_per_minute=messages_per_minute, page=Path("no-such-folder"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(Config(app, log_config=None, timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            store = open_store(settings)
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx.Client(base_url=address, timeout=20, trust_env=False) as client:
                yield LiveDoor(app, address, store, client, Contract(app))
            store.close()
        finally:
            server.should_exit = True
            thread.join(20)

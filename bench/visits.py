"""How one person of a crowd talks: at our doors as the chat page does, and at Rasa's REST channel."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bench.crowd import QUESTIONS, Plan
from bench.errors import LoadError
from bench.http import Connection
from bench.person import SAY_AGAIN, TAP, asked_in

SKIP = "跳过"
"""What is said to a question on which the complaint has nothing."""
PATIENCE = 60.0
"""Seconds after which a person has left."""


class RestVisit:
    """Rasa's REST channel: the reply is the answer to the request. The same words in the same order as at our doors."""

    def __init__(self, port: int, plan: Plan, seconds: float = PATIENCE) -> None:
        self._connection, self._sender = Connection(port, seconds, plan.address), secrets.token_hex(8)
        told = [answer.removeprefix(TAP) for answer in plan.complaint.answers.values()]
        self._texts = [*plan.questions, plan.complaint.start, *told]

    async def say(self, step: int) -> None:
        """See ``Visit``."""
        body = {"sender": self._sender, "message": self._texts[step % len(self._texts)]}
        if not await self._connection.json("POST", "/webhooks/rest/webhook", body):
            raise LoadError("the bot said nothing")

    async def faults(self) -> list[str]:
        """See ``Visit``: there is no record to look into."""
        return []

    async def close(self) -> None:
        """See ``Visit``."""
        self._connection.close()


class DoorVisit:
    """Our doors, followed by the stream; notes everything that comes over it."""

    def __init__(self, port: int, plan: Plan, seconds: float = PATIENCE) -> None:
        self._plan, self._seconds = plan, seconds
        self._calls, self._following = (Connection(port, seconds, plan.address) for _ in range(2))
        self._ids = random.Random(plan.chance)
        self._path = self._token = ""
        self._reader: asyncio.Task[None] | None = None
        self._pending, self._news = True, asyncio.Event()
        self.heard: list[dict[str, Any]] = []
        self.sent: list[str] = []
        self.conversation = ""

    async def enter(self) -> DoorVisit:
        """Begin a conversation and follow it; returns when the stream has begun. Raises ``LoadError``."""
        try:
            opened = await self._calls.json("POST", "/v1/conversations", {"door": "web"})
            self.conversation, self._token = str(opened["conversation"]), str(opened["token"])
            self._path = f"/v1/conversations/{self.conversation}"
            self._reader = asyncio.get_running_loop().create_task(self._follow())
            await self._until(lambda: not self._pending)
        except LoadError:
            await self.close()
            raise
        return self

    async def say(self, step: int) -> None:
        """See ``Visit``."""
        said = {"client_id": f"{self._ids.getrandbits(64):016x}", **self._next(step)}
        self.sent.append(said["client_id"])
        taken = await self._calls.json("POST", f"{self._path}/messages", said, self._token)
        inbound = taken["inbound"]
        await self._until(lambda: not self._pending and any(reply["inbound_id"] == inbound for reply in self.heard))

    async def faults(self) -> list[str]:
        """See ``Visit``."""
        return faults_of(self.sent, self.heard, await self._calls.json("GET", f"{self._path}/messages", token=self._token))

    async def close(self) -> None:
        """See ``Visit``."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        self._following.close()
        self._calls.close()

    def _next(self, step: int) -> dict[str, str]:
        """The words, or the choice that is tapped."""
        if step < QUESTIONS:
            return {"text": self._plan.questions[step]}
        if step == QUESTIONS:
            return {"text": self._plan.complaint.start}
        asked = asked_in(self.heard)
        if asked is None:
            raise LoadError(f"no complaint was begun: {self.heard[-1]['text'][:100]}")
        answer = self._plan.complaint.answers.get(asked, SKIP)
        label = answer.removeprefix(TAP)
        choices = {choice["label"]: choice["id"] for reply in self.heard for choice in reply["choices"]}
        return {"choice": choices[label]} if answer.startswith(TAP) and label in choices else {"text": label}

    async def _until(self, done: Callable[[], bool]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while not done():
                    if self._reader is None or self._reader.done():
                        raise LoadError("the stream ended")
                    self._news.clear()
                    await self._news.wait()
                return
        raise LoadError(f"no reply within {self._seconds:.0f} s")

    async def _follow(self) -> None:
        try:
            async for name, data in self._following.events(f"{self._path}/stream", self._token):
                if name == "reply":
                    self.heard.append(data)
                elif name == "typing":
                    self._pending = data["pending"]
                    self._news.set()
        except (LoadError, OSError, EOFError, ValueError):
            pass  # whoever waits finds the reader done
        finally:
            self._news.set()


def faults_of(sent: list[str], heard: list[dict[str, Any]], kept: dict[str, Any]) -> list[str]:
    """What is wrong with a conversation.

    Args:
        sent: the ids of the messages, in the order in which they were sent.
        heard: the replies as they came over the stream.
        kept: the whole conversation as the door gives it back.
    """
    faults, said, replies = [], kept["said"], kept["replies"]
    if [one["client_id"] for one in said] != sent or [one["seq"] for one in said] != list(range(1, len(sent) + 1)):
        faults.append(f"{len(sent)} messages sent, {len(said)} kept, or in another order")
    if [reply["number"] for reply in replies] != list(range(1, len(replies) + 1)):
        faults.append("the replies are not numbered without gaps")
    if [(reply["number"], reply["text"]) for reply in heard] != [(reply["number"], reply["text"]) for reply in replies]:
        faults.append("not every reply came once over the stream, in order")
    answered = [reply["inbound_id"] for n, reply in enumerate(replies) if n == 0 or replies[n - 1]["inbound_id"] != reply["inbound_id"]]
    if kept["pending"] or answered != [one["inbound_id"] for one in said]:
        faults.append("a message is unanswered, answered twice, or out of turn")
    if any(choice["label"] == SAY_AGAIN for reply in replies for choice in reply["choices"]):
        faults.append("a turn failed")
    return faults

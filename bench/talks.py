"""One user's talk with a bot: Rasa's REST channel, and our web door followed by polling or by its stream."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from bench.errors import LoadError
from bench.http import Connection
from bench.stream import Stream


class Talk(Protocol):
    """A conversation in which one text is asked after another."""

    async def ask(self, text: str) -> str:
        """Send a text and return when the whole reply is there; gives the kind of the reply. Raises ``LoadError``."""
        ...

    async def close(self) -> None:
        """End the conversation."""
        ...


OpenTalk = Callable[[], Awaitable[Talk]]


class RestTalk:
    """Rasa's REST channel: the reply is the answer to the request."""

    def __init__(self, port: int, seconds: float = 30.0) -> None:
        self._connection = Connection(port, seconds)
        self._sender = secrets.token_hex(8)

    async def ask(self, text: str) -> str:
        """See ``Talk``."""
        path = "/webhooks/rest/webhook"
        messages = await self._connection.json("POST", path, {"sender": self._sender, "message": text})
        if not messages:
            raise LoadError("the bot said nothing")
        return "text"

    async def close(self) -> None:
        """See ``Talk``."""
        self._connection.close()


class PolledTalk:
    """Our web door: send, then read again and again (pauses as `aid ask` takes them) until nothing is pending."""

    def __init__(self, connection: Connection, conversation: str, token: str, seconds: float) -> None:
        self._connection, self._token, self._seconds = connection, token, seconds
        self._path = f"/v1/conversations/{conversation}/messages"
        self._seen = 0

    async def ask(self, text: str) -> str:
        """See ``Talk``."""
        await self._send(text)
        pause = 0.005
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while True:
                    got = await self._connection.json("GET", f"{self._path}?after={self._seen}", token=self._token)
                    if not got["pending"]:
                        return self._taken(got["replies"])
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, 0.1)
        raise LoadError(f"no reply within {self._seconds:.0f} s")

    async def close(self) -> None:
        """See ``Talk``."""
        self._connection.close()

    async def _send(self, text: str) -> str:
        sent = {"client_id": secrets.token_hex(8), "text": text}
        taken = await self._connection.json("POST", self._path, sent, self._token)
        return str(taken["inbound"])

    def _taken(self, replies: Sequence[dict[str, Any]]) -> str:
        if not replies:
            raise LoadError("the bot said nothing")
        self._seen = max(reply["number"] for reply in replies)
        return kind_of(replies)


class StreamedTalk(PolledTalk):
    """Our web door as the chat page uses it: send, and follow the stream."""

    def __init__(self, connection: Connection, conversation: str, token: str, seconds: float, port: int) -> None:
        super().__init__(connection, conversation, token, seconds)
        self._stream = Stream(Connection(port, seconds), f"/v1/conversations/{conversation}/stream", token, seconds)

    async def ask(self, text: str) -> str:
        """See ``Talk``."""
        inbound = await self._send(text)
        await self._stream.answered(inbound)
        return self._taken([reply for reply in self._stream.heard if reply["inbound_id"] == inbound])

    async def close(self) -> None:
        """See ``Talk``."""
        await self._stream.close()
        await super().close()


async def open_web_talk(port: int, streamed: bool, seconds: float = 30.0) -> Talk:
    """Begin a conversation at our web door. Raises ``LoadError``."""
    connection = Connection(port, seconds)
    opened = await connection.json("POST", "/v1/conversations", {"door": "web"})
    conversation, token = str(opened["conversation"]), str(opened["token"])
    if streamed:
        return StreamedTalk(connection, conversation, token, seconds, port)
    return PolledTalk(connection, conversation, token, seconds)


def kind_of(replies: Sequence[dict[str, Any]]) -> str:
    """The kind of the first card among the replies; ``text`` when there is none."""
    return next((str(reply["card"]["kind"]) for reply in replies if reply.get("card")), "text")

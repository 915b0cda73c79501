"""The way to the Rasa servers: their REST channel, used by the hub alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson
from pydantic import ValidationError

from aid.replies import Choice, Reply
from channels.ahead import Ahead
from channels.errors import RasaBroken, RasaTimeout, RasaUnreachable
from channels.places import Place, Places

CONNECT_SECONDS = 2.0
# Rasa's server closes an idle connection after 5 s; one that is let go earlier is never found dead in use.
IDLE_SECONDS = 2.0
DONE = {"turn": "done"}
JSON = {"Content-Type": "application/json"}


class RasaClient:
    """Sends one message, gives the turn's replies. Keeps its connections open; ``close`` ends them."""

    def __init__(self, addresses: str | Sequence[str], timeout: float, ahead: Ahead | None = None) -> None:
        """Take the servers' addresses (``http://127.0.0.1:5005``) and the seconds that one turn may take; needs a running loop.

        Several servers must share their trackers (``bot/kept.py``): any of them may be given the next message. ``ahead`` encodes typed words, for
        Rasa too, and begins to search while Rasa reads.
        """
        self._ahead = ahead
        self._timeout = timeout
        self._places = Places(addresses)
        self._client = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(CONNECT_SECONDS, timeout)),
            connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=IDLE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def prepare(self, text: str) -> None:
        """Work ahead on typed words whose turn comes later."""
        if self._ahead is not None:
            self._ahead.begin(text)

    async def send(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        """One turn: what the bot answers, in order, never empty.

        A server that takes no connection has run nothing: the next one is asked at once. One that breaks off is left alone for a while, and the
        turn has failed.

        Args:
            sender: the tracker's name, ``<conversation>.<epoch>``.
            text: what was said, made safe by ``channels.gate``.
            metadata: travels with the message to the actions.

        Raises:
            RasaUnreachable: nothing listens, or the connection broke in the middle.
            RasaTimeout: no whole answer within the turn's time.
            RasaBroken: an answer that is not a complete turn.
        """
        said = metadata.get("said")
        if self._ahead is not None and isinstance(said, str) and not metadata.get("meaningless"):
            metadata = {**metadata, "encodings": await self._ahead.encodings(said)}
        # By the clock of the machine: the action server, perhaps on another one, tells from it how long Rasa took to understand.
        body = orjson.dumps({"sender": sender, "message": text, "metadata": {**metadata, "sent": time.time()}})
        refused: Exception | None = None
        for place in self._places.least_busy():
            try:
                return await self._sent(place, body)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
                self._places.away(place)
                refused = fault
        raise RasaUnreachable(f"the bot cannot be reached: {type(refused).__name__}") from refused

    async def _sent(self, place: Place, body: bytes) -> list[Reply]:
        try:
            with self._places.at_work(place):
                async with self._client.post(f"{place.address}/webhooks/rest/webhook", data=body, headers=JSON) as response:
                    status, content = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise
        except TimeoutError as fault:
            self._places.away(place)
            raise RasaTimeout(f"the bot gave no answer within {self._timeout:g} s") from fault
        except (aiohttp.ClientError, OSError) as fault:
            self._places.away(place)
            raise RasaUnreachable(f"the bot cannot be reached: {type(fault).__name__}") from fault
        if status != HTTPStatus.OK:
            raise RasaBroken(f"the bot answered with status {status}")
        try:
            items = orjson.loads(content)
        except ValueError as fault:
            raise RasaBroken("the bot's answer is not JSON") from fault
        return replies_of(items)

    async def alive(self, seconds: float = CONNECT_SECONDS) -> bool:
        """Whether a server takes messages; never raises, takes at most ``seconds`` for each that does not."""
        for place in self._places.least_busy():
            try:
                async with asyncio.timeout(seconds):
                    async with self._client.get(f"{place.address}/webhooks/rest/") as response:
                        if response.status == HTTPStatus.OK:
                            return True
            except (TimeoutError, aiohttp.ClientError, OSError):
                continue
        return False

    async def wait_until_alive(self, seconds: float) -> bool:
        """Ask again and again for at most ``seconds``; tells whether the server came up."""
        end = time.monotonic() + seconds
        while not await self.alive():
            if time.monotonic() >= end:
                return False
            await asyncio.sleep(0.5)
        return True

    async def close(self) -> None:
        """End the kept connections."""
        if self._ahead is not None:
            await self._ahead.close()
        await self._client.close()


def replies_of(items: Any) -> list[Reply]:
    """The replies in the REST channel's list.

    A ``custom`` item ``{"reply": {...}}`` is a reply; with ``"attach": true`` the plain text directly before it is its
    text. Other plain texts are replies of their own. The last item of a complete turn is ``{"turn": "done"}``.

    Raises:
        RasaBroken: the list is not of this form, has no end, or holds no reply.
    """
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise RasaBroken("the bot's answer is not a list of messages")
    if not items or items[-1].get("custom") != DONE:
        raise RasaBroken("the turn broke off: its end is missing")
    replies: list[Reply] = []
    loose = False  # whether the last reply is plain text that a card may take
    for item in items[:-1]:
        custom = item.get("custom")
        if custom == DONE:
            loose = False
        elif custom is not None:
            text = replies.pop().text if loose and isinstance(custom, dict) and custom.get("attach") is True else ""
            replies.append(_structured(custom, text))
            loose = False
        elif isinstance(item.get("text"), str):
            replies.append(_plain(item))
            loose = not replies[-1].choices
        else:
            raise RasaBroken("the bot's answer holds a message of unknown form")
    if not replies:
        raise RasaBroken("the turn holds no reply")
    return replies


def _structured(custom: Any, text: str) -> Reply:
    fields = custom.get("reply") if isinstance(custom, dict) else None
    if not isinstance(fields, dict):
        raise RasaBroken("the bot's answer holds a message of unknown form")
    try:
        return Reply.model_validate({**fields, "text": text or fields.get("text") or ""})
    except ValidationError as fault:
        places = ", ".join(".".join(map(str, error["loc"])) for error in fault.errors())
        raise RasaBroken(f"a reply of the bot does not fit the reply format: {places}") from fault


def _plain(item: dict[str, Any]) -> Reply:
    """Plain text; the buttons of a plain response become choices."""
    try:
        choices = [_button(button["title"], button["payload"]) for button in item.get("buttons") or []]
        return Reply(text=item["text"], choices=choices)
    except (KeyError, TypeError, AttributeError, ValidationError) as fault:
        raise RasaBroken("the bot's answer holds a button of unknown form") from fault


def _button(title: str, payload: str) -> Choice:
    return Choice(label=title, payload={"act": payload[1:]} if payload.startswith("/") else {"say": payload})

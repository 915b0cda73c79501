"""Asking the action server to work ahead: it encodes what was said, for Rasa too, and begins to search. Nothing depends on it.

The work begins when a message arrives, before it is stored: both take about as long.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import OrderedDict
from collections.abc import Sequence
from http import HTTPStatus

import aiohttp

from channels.places import Places

log = logging.getLogger(__name__)
SECONDS = 0.5
"""Rasa can encode by itself: an action server that is slow or away costs no more than this."""
MOST_BEGUN = 64


class Ahead:
    """Posts texts to the action server; of several, to the one that Rasa will ask (``bot/several.py``)."""

    def __init__(self, addresses: str | Sequence[str]) -> None:
        """Take the action servers' addresses (``http://127.0.0.1:5055``); needs a running loop."""
        timeout, jar = aiohttp.ClientTimeout(total=SECONDS), aiohttp.DummyCookieJar()
        self._places = Places(addresses)
        self._client = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar)
        self._begun: OrderedDict[str, asyncio.Task[str | None]] = OrderedDict()

    def begin(self, text: str) -> None:
        """Post a text whose turn comes later; of many that nobody asks for the oldest are let go."""
        if text not in self._begun:
            self._begun[text] = asyncio.get_running_loop().create_task(self._asked(text))
        while len(self._begun) > MOST_BEGUN:
            self._begun.popitem(last=False)[1].cancel()

    async def encodings(self, text: str) -> str | None:
        """The text's sentence encodings in base64, for the metadata; ``None`` when there are none to be had."""
        begun = self._begun.pop(text, None)
        return await (begun or self._asked(text))

    async def _asked(self, text: str) -> str | None:
        place = self._places.by_text(text)[0]
        try:
            async with self._client.post(f"{place.address}/ahead", data=text.encode()) as response:
                status, content = response.status, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as fault:
            self._places.away(place)
            log.debug("nothing was prepared ahead: %s", type(fault).__name__)
            return None
        return base64.b64encode(content).decode("ascii") if status == HTTPStatus.OK else None

    async def close(self) -> None:
        """Let go of what was begun, end the connections."""
        for begun in self._begun.values():
            begun.cancel()
        await asyncio.gather(*self._begun.values(), return_exceptions=True)
        await self._client.close()

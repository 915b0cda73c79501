"""Telling the action server what was said while Rasa still reads it, so that it can search ahead. Nothing depends on it."""

from __future__ import annotations

import asyncio
import logging

import httpx

log = logging.getLogger(__name__)
SECONDS = 2.0


class Ahead:
    """Posts texts to the action server and waits for nothing; a post that fails is only noted for whoever debugs."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Take the action server's address (``http://127.0.0.1:5055``)."""
        self._client = httpx.AsyncClient(base_url=url, timeout=SECONDS, transport=transport, trust_env=False)
        self._running: set[asyncio.Task[None]] = set()

    def tell(self, text: str) -> None:
        """Post the text beside the turn."""
        task = asyncio.get_running_loop().create_task(self._post(text))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _post(self, text: str) -> None:
        try:
            await self._client.post("/ahead", content=text.encode())
        except httpx.HTTPError as fault:
            log.debug("the action server was not told ahead: %s", type(fault).__name__)

    async def close(self) -> None:
        """Wait for the posts under way and end the connections."""
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._client.aclose()

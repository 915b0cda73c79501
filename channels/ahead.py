"""Asking the action server to work ahead: it encodes what was said, for Rasa too, and begins to search. Nothing depends on it."""

from __future__ import annotations

import base64
import logging

import httpx

log = logging.getLogger(__name__)
SECONDS = 0.5
"""Rasa can encode by itself: an action server that is slow or away costs no more than this."""


class Ahead:
    """Posts texts to the action server."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Take the action server's address (``http://127.0.0.1:5055``)."""
        self._client = httpx.AsyncClient(base_url=url, timeout=SECONDS, transport=transport, trust_env=False)

    async def encodings(self, text: str) -> str | None:
        """The text's sentence encodings in base64, for the metadata; ``None`` when there are none to be had."""
        try:
            response = await self._client.post("/ahead", content=text.encode())
        except httpx.HTTPError as fault:
            log.debug("nothing was prepared ahead: %s", type(fault).__name__)
            return None
        return base64.b64encode(response.content).decode("ascii") if response.status_code == httpx.codes.OK else None

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()

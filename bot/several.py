"""Several action servers for one Rasa server. Rasa 3.6.21 knows one address; ours may be several, with commas between them.

Which one is asked follows from what was said, as in ``channels/ahead.py``: there the answer is being searched for already. One that cannot be
reached is left alone for two seconds, and the next one asked: nothing has been run yet. One that breaks off in the middle ends the turn, and the hub
runs it again.
"""

from __future__ import annotations

import time
import zlib
from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

CONNECT_SECONDS = 2.0
REST_SECONDS = 2.0
AWAY = (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError)
"""What is raised before anything was sent."""


def share_actions(seconds: float) -> None:
    """Let an endpoint have several addresses; one call takes at most ``seconds``. Calling it again changes nothing."""
    if getattr(EndpointConfig, "knows_several", False):
        return
    stock = EndpointConfig.request
    known: dict[str, list[EndpointConfig]] = {}
    resting: dict[str, float] = {}

    async def request(self: EndpointConfig, method: str = "post", subpath: str | None = None, **more: Any) -> Any:
        if "," not in (self.url or ""):
            return await stock(self, method, subpath, **more)
        if self.url not in known:
            known[self.url] = [EndpointConfig(address.strip()) for address in self.url.split(",") if address.strip()]
        more["timeout"] = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        fault: Exception | None = None
        for one in in_order(known[self.url], said_in(more.get("json")), resting):
            try:
                return await stock(one, method, subpath, **more)
            except AWAY as away:
                resting[one.url] = time.monotonic() + REST_SECONDS
                fault = away
        assert fault is not None
        raise fault

    EndpointConfig.request = request
    EndpointConfig.knows_several = True


def said_in(call: Any) -> str:
    """What the person said, in an action call; empty where it is no words."""
    try:
        said = call["tracker"]["latest_message"]["metadata"]["said"]
    except (KeyError, TypeError):
        return ""
    return said if isinstance(said, str) else ""


def in_order(places: list[EndpointConfig], said: str, resting: dict[str, float]) -> list[EndpointConfig]:
    """All places, whose turn it is first; those that rest last."""
    first = zlib.crc32(said.encode()) % len(places)
    turned = places[first:] + places[:first]
    now = time.monotonic()
    return sorted(turned, key=lambda one: resting.get(one.url, 0.0) > now)

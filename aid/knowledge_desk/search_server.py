"""Asks the running action server what only it knows: what the search says of a question and why, and what was asked in vain."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from aid.consultation.explain import Explanation
from aid.consultation.gaps import Gap
from aid.knowledge_desk.content import Content
from aid.knowledge_desk.errors import TryUnavailable
from aid.settings import Settings

Answer = TypeVar("Answer")
SECONDS = 30.0
"""A proposed entry is ranked with all others first, and new questions are encoded before they are grouped: some seconds."""
_EXPLANATION, _GAPS = TypeAdapter(Explanation), TypeAdapter(list[Gap])


class SearchServer:
    """The action server as the desk sees it. Every method may raise ``TryUnavailable``: no answer in thirty seconds, or a refusal."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._addresses, self._transport = settings.actions, transport

    def explain(self, question: str, entry: Content | None = None) -> Explanation:
        """What the search says of ``question``; with ``entry``: as if it stood in the folder already."""
        return self._asked("/explain", {"question": question, "entry": entry}, _EXPLANATION)

    def gaps(self, days: int) -> list[Gap]:
        """What was asked in vain in the last ``days``, in groups, the largest first."""
        return self._asked("/gaps", {"days": days}, _GAPS)

    def _asked(self, path: str, body: dict[str, Any], kind: TypeAdapter[Answer]) -> Answer:
        try:
            with httpx.Client(timeout=SECONDS, trust_env=False, transport=self._transport) as client:
                response = self._first_answer(client, path, json.dumps(body).encode())
            if response.status_code in (400, 413, 422):
                raise TryUnavailable(str(response.json()["error"]))
            response.raise_for_status()
            return kind.validate_json(response.content)
        except (httpx.HTTPError, ValidationError, ValueError, KeyError) as fault:
            raise TryUnavailable("the action server does not answer: is the system running?") from fault

    def _first_answer(self, client: httpx.Client, path: str, body: bytes) -> httpx.Response:
        """The answer of the first action server that takes a connection."""
        *others, last = self._addresses
        for address in others:
            try:
                return client.post(address + path, content=body)
            except httpx.ConnectError:
                continue
        return client.post(last + path, content=body)

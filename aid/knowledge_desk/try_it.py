"""Asks the running action server what its search says of a question and why: it is the one that answers people."""

from __future__ import annotations

import json

import httpx
from pydantic import TypeAdapter, ValidationError

from aid.consultation.explain import Explanation
from aid.knowledge_desk.content import Content
from aid.knowledge_desk.errors import TryUnavailable
from aid.settings import Settings

SECONDS = 30.0
"""A proposed entry is ranked with all others first, which takes some seconds."""
_EXPLANATION = TypeAdapter(Explanation)


def try_question(settings: Settings, question: str, entry: Content | None = None, transport: httpx.BaseTransport | None = None) -> Explanation:
    """What the search says of ``question``; with ``entry``: as if it stood in the folder already.

    Raises:
        TryUnavailable: the action server does not answer within thirty seconds, or refuses the question or the entry.
    """
    address, body = f"http://127.0.0.1:{settings.actions_port}/explain", json.dumps({"question": question, "entry": entry})
    try:
        with httpx.Client(timeout=SECONDS, trust_env=False, transport=transport) as client:
            response = client.post(address, content=body.encode())
        if response.status_code in (400, 413, 422):
            raise TryUnavailable(str(response.json()["error"]))
        response.raise_for_status()
        return _EXPLANATION.validate_json(response.content)
    except (httpx.HTTPError, ValidationError, ValueError, KeyError) as fault:
        raise TryUnavailable("the action server does not answer: is the system running?") from fault

"""``GET /webhooks/ready/``: whether a model is loaded, and which one; for the doors, on loopback.

Rasa's own page says that its server listens, and it listens without a model too when one could not be loaded.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timezone
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse


class Ready(InputChannel):
    """A channel that takes no messages: it only tells of the model."""

    @classmethod
    def name(cls) -> str:
        """Its place below ``/webhooks/``."""
        return "ready"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """200 with the model's id and the moment of its training (seconds since 1970); 503 while there is none."""
        pages = Blueprint("ready_page")

        @pages.route("/", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"model": None}, status=503)
            known = agent.processor.model_metadata  # its moment is that of UTC, and does not say so
            return response.json({"model": known.model_id, "trained_at": known.trained_at.replace(tzinfo=timezone.utc).timestamp()})

        return pages

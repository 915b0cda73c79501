"""uvicorn as this project runs it: no log of its own, no access log, and streams that are let go of when it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from aid.settings import Settings

CLOSE_SECONDS = 10


class Server(uvicorn.Server):
    """Lets go of the streams when it is told to stop; they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None] | None = None) -> None:
        """``end_streams``: ends what would never end by itself; those of the doors when ``None``."""
        super().__init__(config)
        self._end_streams = end_streams or self._end_streams_of_doors

    def _end_streams_of_doors(self) -> None:
        door = getattr(self.config.app.state, "door", None)  # type: ignore[union-attr]
        if door is not None:
            door.hub.end_streams()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then close as usual."""
        self._end_streams()
        await super().shutdown(sockets)


def serve(app: ASGIApp, settings: Settings, port: int, end_streams: Callable[[], None] | None = None) -> None:
    """Serve ``app`` on ``port`` until told to stop; ``end_streams``: see ``Server``."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
    Server(config, end_streams).run()

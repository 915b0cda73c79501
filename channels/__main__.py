"""``python -m channels``: the web door as one process."""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn

from aid.errors import AidError
from aid.privacy import MaskingFilter
from aid.settings import Settings, read_settings
from channels.web import create_app

CLOSE_SECONDS = 10


class Server(uvicorn.Server):
    """Lets go of the streams when it is told to stop; they would never end by themselves."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then close as usual."""
        door = getattr(self.config.app.state, "door", None)  # type: ignore[union-attr]
        if door is not None:
            door.hub.end_streams()
        await super().shutdown(sockets)


def run(settings: Settings) -> None:
    """Serve until told to stop. Raises ``AidError`` when the start is not possible."""
    handler = logging.StreamHandler()
    handler.addFilter(MaskingFilter())
    logging.basicConfig(
        level=settings.log_level, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("httpx").setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))  # its lines hold addresses with tokens
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
    Server(config).run()


def main() -> None:
    """Read the settings and serve; a fault of the set-up is one clear line and exit status 1."""
    try:
        run(read_settings())
    except AidError as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()

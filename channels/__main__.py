"""``python -m channels``: the doors alone as one process."""

from __future__ import annotations

import sys

from aid.errors import AidError
from aid.logs.start import start_log
from aid.operations.figures import DoorFigures
from aid.operations.listener import listening
from aid.settings import Settings, read_settings
from channels.server import serve
from channels.web import create_app


def run(settings: Settings) -> None:
    """Serve until told to stop. Raises ``AidError`` when the start is not possible."""
    figures = DoorFigures()
    start_log(settings, "doors", figures)
    with listening(settings, "doors", figures.registry):
        serve(create_app(settings, figures=figures), settings, settings.port)


def main() -> None:
    """Read the settings and serve; a fault of the set-up is one clear line and exit status 1."""
    try:
        run(read_settings())
    except AidError as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()

"""``python -m serving``: doors and workbench by one process; ``python -m serving console``: the workbench alone, on its own port."""

from __future__ import annotations

import sys

from aid.errors import AidError
from aid.logs.start import start_log
from aid.operations.figures import DoorFigures
from aid.operations.listener import listening
from aid.settings import read_settings
from serving.together import both, console_alone, serve


def main(arguments: list[str]) -> None:
    """Read the settings and serve; a fault of the set-up is one clear line and exit status 1."""
    try:
        settings = read_settings()
        if arguments not in ([], ["console"]):
            sys.exit("usage: python -m serving [console]")
        process = "console" if arguments else "doors"
        figures = DoorFigures()
        start_log(settings, process, figures)
        app = console_alone(settings, figures=figures) if arguments else both(settings, figures)
        with listening(settings, process, figures.registry):
            serve(app, settings, settings.console_port if arguments else settings.port)
    except AidError as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main(sys.argv[1:])

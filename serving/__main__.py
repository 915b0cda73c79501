"""``python -m serving``: doors and workbench by one process; ``python -m serving console``: the workbench alone, on its own port."""

from __future__ import annotations

import sys

from aid.errors import AidError
from aid.settings import read_settings
from serving.together import both, console_alone, serve


def main(arguments: list[str]) -> None:
    """Read the settings and serve; a fault of the set-up is one clear line and exit status 1."""
    try:
        settings = read_settings()
        if arguments == ["console"]:
            serve(console_alone(settings), settings, settings.console_port)
        elif arguments:
            sys.exit("usage: python -m serving [console]")
        else:
            serve(both(settings), settings, settings.port)
    except AidError as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main(sys.argv[1:])

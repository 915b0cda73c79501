"""Starts the log of one of our processes (the Rasa server's: ``bot.logs``)."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from aid.errors import AidError
from aid.logs.lines import Lines, Wordless
from aid.operations.figures import CountingHandler, Figures
from aid.privacy.masking import MaskingFilter
from aid.settings import Settings

QUIET = ("httpx", "httpcore", "alembic", "asyncio", "urllib3")
"""Libraries whose lines below a warning tell nothing but addresses, and these hold tokens."""


def start_log(settings: Settings, process: str, figures: Figures | None = None) -> None:
    """From now on everything is logged to standard error in the form of the settings, without personal data; counted where there are figures."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(settings.log_format, process))
    for one in (Wordless((AidError,)), MaskingFilter()):
        handler.addFilter(one)
    counting = [CountingHandler(figures)] if figures else []
    logging.basicConfig(level=settings.log_level, handlers=[handler, *counting], force=True)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))
    threading.excepthook = _of_thread
    sys.excepthook = _of_process


def _of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        logging.getLogger("aid").error("a thread broke off", exc_info=told.exc_value)


def _of_process(kind: type[BaseException], fault: BaseException, frames: TracebackType | None) -> None:
    if isinstance(fault, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, frames)
    else:
        logging.getLogger("aid").critical("the process broke off", exc_info=fault)

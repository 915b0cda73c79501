"""The Rasa server's log without words of people.

Rasa 3.6.21 writes the message itself into its log when it cannot be handled (``rest.message.received.failure``, and the values of local
variables in the traceback): as when the action server is just being started again. Here a line says where in the code it was written and what
kind of exception there was; of its words only those that are fixed in the code stay. What Rasa says while it starts it says before any
person has spoken; those lines are as they are.
"""

from __future__ import annotations

import json
import logging
import os
import re

from aid.logs.lines import Lines, Wordless

PLAIN = ("bot", "rasa.core.agent", "rasa.core.run")
"""Loggers whose words are ours, or of the loading of a model."""
EVENT = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40}){1,6}")
"""How Rasa names an event of its structured log."""
LEFT_OUT = "(words left out)"


class FixedWords(logging.Filter):
    """Put on a handler: leaves of a line what is fixed in the code, and adds where in the code it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; always lets it through."""
        if record.name.split(".")[0] not in PLAIN and record.name not in PLAIN:
            place = f"{os.path.basename(record.pathname)}:{record.lineno} {record.funcName}"
            # structlog is the one who calls, and knows no place; without arguments the words may have been filled in before.
            words = _event(record.msg) or (str(record.msg) if record.args else LEFT_OUT)
            record.msg, record.args = f"{words} ({place})", ()
        record.stack_info = None
        return True


def _event(message: object) -> str | None:
    try:
        event = json.loads(str(message)).get("event")
    except (ValueError, AttributeError):
        return None
    return event if isinstance(event, str) and EVENT.fullmatch(event) else None


def without_words() -> None:
    """Put the filters on every handler of the root logger. Calling it again changes nothing."""
    form = Lines(os.environ.get("AID_LOG_FORMAT", "text"), "rasa")
    for handler in logging.getLogger().handlers:
        if not any(isinstance(one, FixedWords) for one in handler.filters):
            handler.addFilter(Wordless())
            handler.addFilter(FixedWords())
            handler.setFormatter(form)
    # Rasa's own loggers have no handlers of their own: what they say comes here alone.
    for logger in [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]:
        if logger.handlers:
            logger.handlers, logger.propagate = [], True

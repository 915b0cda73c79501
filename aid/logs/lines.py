"""The form of a line: text or JSON, with the talk that it belongs to, and with no words of a person.

Names and addresses have no pattern by which they could be found and hidden. So what may hold them is left out as a whole: the words of
exceptions that are not our own (a library's may quote what it was given). Their kind and the places in the code stay.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone

_talk: ContextVar[str] = ContextVar("talk", default="")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_FRAMES = 30


def talk_is(conversation_id: str) -> None:
    """What this task, and those it begins, log from now on belongs to the conversation; what is no id is taken for none.

    A tracker's name is one too: ``<conversation>.<epoch>``.
    """
    found = conversation_id.partition(".")[0]
    _talk.set(found if _ID.fullmatch(found) else "")


@contextmanager
def in_talk(conversation_id: str) -> Iterator[None]:
    """What is logged inside belongs to the conversation."""
    before = _talk.get()
    talk_is(conversation_id)
    try:
        yield
    finally:
        _talk.set(before)


def places(fault: BaseException, kept: tuple[type[BaseException], ...] = ()) -> str:
    """An exception without its words, with the places in the code and what it came of; the words of ``kept`` kinds stay."""
    told: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = fault
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        words = f": {one}" if isinstance(one, kept) else ""
        frames = traceback.extract_tb(one.__traceback__)[-MOST_FRAMES:]
        told.append("\n".join([f"{type(one).__name__}{words}", *(f"  {f.filename}:{f.lineno} {f.name}" for f in frames)]))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\nwhich came of\n".join(told)


class Wordless(logging.Filter):
    """Put on a handler, before all other filters: tracebacks without foreign words."""

    def __init__(self, kept: tuple[type[BaseException], ...] = ()) -> None:
        """``kept``: kinds of exceptions whose words are ours."""
        super().__init__()
        self._kept = kept

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; always lets it through."""
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = places(record.exc_info[1], self._kept)
        record.exc_info = None
        if isinstance(record.args, tuple):
            # An exception among the arguments says its words too.
            record.args = tuple(self._told(one) if isinstance(one, BaseException) else one for one in record.args)
        return True

    def _told(self, fault: BaseException) -> str:
        return str(fault) if isinstance(fault, self._kept) else type(fault).__name__


class Lines(logging.Formatter):
    """``text``: time, level, logger, talk and words; ``json``: the same as one object a line."""

    def __init__(self, form: str, process: str) -> None:
        super().__init__()
        self._form, self._process = form, process

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON; as text one line and the places of an exception below it."""
        at = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
        below = "\n".join(part for part in (record.exc_text, record.stack_info) if part)
        if self._form != "json":
            talk = f" [{_talk.get()}]" if _talk.get() else ""
            return f"{at} {record.levelname} {record.name}{talk}: {record.getMessage()}" + (f"\n{below}" if below else "")
        told = {"time": at, "level": record.levelname.lower(), "logger": record.name, "process": self._process}
        told |= {"conversation": _talk.get()} if _talk.get() else {}
        told |= {"message": record.getMessage()}
        told |= {"fault": below} if below else {}
        return json.dumps(told, ensure_ascii=False)

"""What a person's words become before the bot reads them. The full text stays in the store."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

STORED_CHARACTERS = 10_000
READ_CHARACTERS = 2_000
"""A longer text is stored and answered at the gate, without the bot."""
BOT_CHARACTERS = 1_000
NOTHING_SAID = "…"
FILE_FOR_BOT = "/send_file"
"""What the bot hears for a file; only the hub says it, for a typed slash is text."""

_INTENT = re.compile(r"[a-z][a-z0-9_]*")


def storable(text: str) -> str:
    """``text`` without what no database takes (NUL, halves of surrogate pairs), cut at 10,000 characters."""
    return "".join(c for c in text[: 2 * STORED_CHARACTERS] if c != "\0" and not "\ud800" <= c <= "\udfff")[
        :STORED_CHARACTERS
    ]


def over_long(text: str) -> bool:
    """Whether the text is more than the bot is asked to read."""
    return len(text) > READ_CHARACTERS


def meaningless(text: str) -> bool:
    """Whether nothing is said: no letter and no figure of any script (empty, blanks, signs, emoji)."""
    return not any(unicodedata.category(c)[0] in "LN" for c in text)


def text_for_bot(text: str) -> str:
    """One line without control and invisible characters, at most 1,000 long, never a command.

    Rasa takes a text that begins with "/" as a command to itself; a person's slash becomes a full-width one.
    """
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    kept = " ".join(kept.split())[:BOT_CHARACTERS].rstrip()
    if meaningless(kept):
        return NOTHING_SAID
    return "／" + kept[1:] if kept.startswith("/") else kept


def choice_for_bot(payload: dict[str, Any]) -> str:
    """What the bot hears for a tapped choice: an intent, the start of a case, words, or ``/choose`` (looked up by the actions)."""
    match payload:
        case {"act": str(intent)} if _INTENT.fullmatch(intent):
            return f"/{intent}"
        case {"start": str()}:
            return "/start_case"
        case {"say": str(words)}:
            return text_for_bot(words)
    return "/choose"

"""One form for every text before it is searched, encoded or compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

# Letters by category, yet nothing to see: Hangul fillers and the combining grapheme joiner.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co"})
_MOST_PASSES = 8

_OPENING = re.compile(
    r"^(?:(?:你好|您好|大家好|哈喽|嗨|hello|hi|在吗|在不在|有人吗|小援|老师|客服|领导|同志|亲|那个|"
    r"(?:我|俺)?(?:就是)?(?:想|要|来)(?:请教|咨询|请问|问问|问|了解)(?:一下儿?|下|您|你|个问题|个事儿?|一件事|一个问题)*|"
    r"(?:请|麻烦|劳驾)?(?:请教|咨询|请问|问问|问)(?:一下儿?|下|您|你|个问题|个事儿?|一个问题)+|请问|请教|"
    r"麻烦(?:您|你)?(?:帮我)?(?:看看|看一下|问一下)|打扰(?:一下|了)?)"
    r"[\s,，。.!！?？~～、:：;；]*)+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:[\s,，。.!！~～、;；]*(?:谢谢(?:您|你|啦|了|哈)*|多谢|感谢|麻烦(?:您|你)?了|拜托了?|辛苦了|在线等|挺?急的?|"
    r"求(?:解答|助|帮助|指点)|跪求|劳驾))+[\s,，。.!！~～]*$"
)


@lru_cache(maxsize=1)
def character_table() -> dict[int, str]:
    """Traditional to simplified, one character to one: keeps lengths and offsets. For ``str.translate``."""
    lines = (Path(__file__).parent / "traditional.txt").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    table: dict[int, str] = {}
    for traditional, simplified in zip(rows[::2], rows[1::2], strict=True):
        table.update({ord(old): new for old, new in zip(traditional, simplified, strict=True)})
    return table


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    """OpenCC's phrase-aware conversion where it is installed, the character table where it is not."""
    try:
        from opencc import OpenCC
    except ImportError:
        table = character_table()
        return lambda text: text.translate(table)
    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def _drop_invisible(text: str) -> str:
    kept = []
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif character in _INVISIBLE or unicodedata.category(character) in _DROPPED_CATEGORIES:
            continue
        elif "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
            continue  # variation selectors
        else:
            kept.append(character)
    return "".join(kept)


def _normalise_once(text: str) -> str:
    text = _drop_invisible(text)
    text = unicodedata.normalize("NFKC", text)
    table = character_table()
    if any(ord(character) in table for character in text):
        text = _converter()(text)
    return " ".join(text.split())


def normalise(text: str) -> str:
    """NFKC, without control and invisible characters, simplified Chinese, white space folded to single blanks.

    Idempotent: one step can lay open work for another (a joiner removed lets letters compose), so it runs until
    nothing changes.
    """
    for _ in range(_MOST_PASSES):
        once = _normalise_once(text)
        if once == text:
            break
        text = once
    return text


def is_meaningless(text: str) -> bool:
    """Whether the text holds no letter, Chinese character or digit: empty, punctuation or emoji only."""
    return not any(unicodedata.category(character)[0] in "LN" for character in normalise(text))


def strip_courtesy(text: str) -> str:
    """The question without 你好, 请问, 我想问一下 … before it and 谢谢 … after it; for search only.

    A text that is nothing but courtesy is returned as it is.
    """
    stripped = _CLOSING.sub("", _OPENING.sub("", text.strip())).strip()
    return stripped if not is_meaningless(stripped) else text


_BOUNDARY = re.compile(r"[。!?！？;；\n]+|[,，、]+|\s{1,}")


def clauses(text: str, shortest: int = 6, longest: int = 40) -> list[str]:
    """The clauses of a rambling text, in order; fragments shorter than ``shortest`` characters join their neighbour.

    A clause longer than ``longest`` characters stays whole. A text without a boundary is its own single clause.
    """
    parts = [part.strip() for part in _BOUNDARY.split(text) if part and part.strip()]
    joined: list[str] = []
    for part in parts:
        if joined and (len(joined[-1]) < shortest or len(part) < shortest) and len(joined[-1]) + len(part) < longest:
            joined[-1] = joined[-1] + " " + part
        else:
            joined.append(part)
    return joined or [text]


_QUESTION_END = re.compile(r"[?？]+|[。;；\n]+|(?=另外|还有就是|还想问|再问|顺便问|顺便再问|第二[个,，]|其次)")
_SHORTEST_QUESTION = 6


def questions_in(text: str) -> list[str]:
    """The parts of a text that may be questions of their own, in order: between question marks, stops and words such as 另外.

    Parts shorter than 6 characters belong to the one before. A text without such a boundary is its own single part.
    """
    parts: list[str] = []
    for part in (part.strip(" ,，、") for part in _QUESTION_END.split(text)):
        if parts and len(part) < _SHORTEST_QUESTION:
            parts[-1] += part
        elif part:
            parts.append(part)
    return parts or [text]

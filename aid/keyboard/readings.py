"""How Chinese is read: syllables of pinyin without tones, ü written v (绿 lv), from pypinyin (MIT)."""

from __future__ import annotations

import re
from functools import cache

SILENT = re.compile(r"[·・.．、,，()（）《》“”\-—\s]+")
"""Marks in a name that nobody types: 农业·食品博览（交易）会."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
# Sounds without a vowel: written so in dictionaries (嗯, 呣), typed by nobody.
_VOWELLESS = {"n": "en", "ng": "en", "m": "mu", "hm": "hen", "hng": "heng"}
_SYLLABLE = re.compile(r"[a-z]{1,6}")


def is_han(text: str) -> bool:
    """Whether ``text`` is one or more Chinese characters and nothing else."""
    return _HAN.fullmatch(text) is not None


def reading(text: str) -> tuple[str, ...] | None:
    """The syllables of a word or phrase as it is usually read, one a character, silent marks left out; ``None`` where a character has none."""
    from pypinyin import Style, lazy_pinyin

    said = SILENT.sub("", text)
    if not is_han(said):
        return None
    found = tuple(_plain(syllable) for syllable in lazy_pinyin(said, style=Style.NORMAL))
    return found if len(found) == len(said) and all(map(_SYLLABLE.fullmatch, found)) else None


@cache
def readings_of(character: str) -> tuple[str, ...]:
    """Every reading of one character, the usual one first; empty where none is known."""
    from pypinyin import Style, pinyin

    found = [_plain(syllable) for syllable in pinyin(character, style=Style.NORMAL, heteronym=True)[0]]
    return tuple(dict.fromkeys(syllable for syllable in found if _SYLLABLE.fullmatch(syllable)))


@cache
def syllables() -> frozenset[str]:
    """Every syllable that a character of the common set (GB 2312) is read by."""
    common = (bytes([high, low]).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return frozenset(syllable for character in common if character for syllable in readings_of(character))


@cache
def characters() -> tuple[str, ...]:
    """Every character of the basic block that has a reading, in order of code."""
    from pypinyin.pinyin_dict import pinyin_dict

    return tuple(chr(code) for code in sorted(pinyin_dict) if 0x4E00 <= code <= 0x9FFF)


def _plain(syllable: str) -> str:
    return _VOWELLESS.get(syllable, syllable).replace("ü", "v").replace("ê", "e")

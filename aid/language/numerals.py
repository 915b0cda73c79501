"""Numbers that carry their own rules: Chinese numerals, patent check digits, the full-width forms of Latin text."""

from __future__ import annotations

import re

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
CHINESE_NUMERAL = "[零〇一二两三四五六七八九十百千万亿]"

# Full-width signs and letters to ASCII and every dash to a hyphen: one character to one, so offsets stay.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x00A0: 0x20}
_FOLD |= {ord(dash): ord("-") for dash in "‐‑‒–—―−－"}
_CHECK_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def fold(text: str) -> str:
    """Half-width letters, digits and signs; of the same length as ``text``."""
    return text.translate(_FOLD)


def chinese_number(text: str) -> int | None:
    """The value of a Chinese or Arabic whole number (三十二, 两万, 一二三四, 12); ``None`` when it is none."""
    if text.isascii():
        return int(text) if text.isdigit() else None
    if all(character in _DIGITS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    for sign, size in (("亿", 100_000_000), ("万", 10_000)):
        before, found, after = text.rpartition(sign)
        if found:
            high, low = chinese_number(before or "一"), chinese_number(after or "零")
            return None if high is None or low is None else high * size + low
    total = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[character], 0
        else:
            return None
    return total + digit


_PATENT = re.compile(r"(?:ZL|CN)?(\d{12}|\d{8})\.?([\dX])", re.IGNORECASE)


def valid_check_digit(number: str) -> bool:
    """Whether a patent or application number's last digit is right; ``False`` when it has none.

    The rule of the 专利申请号标准 (ZC 0006-2003): the digits before the point, weighted 2 3 4 5 6 7 8 9 2 3 4 5,
    summed, modulo 11; 10 is written X. Numbers of before October 2003 have 8 digits instead of 12.
    """
    match = _PATENT.fullmatch(re.sub(r"\s", "", fold(number)))
    if not match:
        return False
    digits, check = match.groups()
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, _CHECK_WEIGHTS, strict=False)) % 11
    return check.upper() == ("X" if remainder == 10 else str(remainder))

"""Masking of personal data in whatever is logged, shown or kept for reading. Patent and trademark numbers stay."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

_GAP = r"[-\s]?"
_CHINESE_DIGIT = "零〇一二三四五六七八九幺"
COMPOUND_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐",
                     "长孙", "宇文", "司徒", "东方", "独孤", "南宫", "端木", "完颜", "呼延", "申屠")  # fmt: skip


def _middle(left: int, right: int) -> Callable[[re.Match[str]], str]:
    """Keep ``left`` and ``right`` characters, hide the rest."""

    def hide(match: re.Match[str]) -> str:
        bare = re.sub(r"[-\s]", "", match[0])
        return bare[:left] + "*" * (len(bare) - left - right) + bare[len(bare) - right :]

    return hide


_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    # e-mail: first letter and the house stay
    (re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*(@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"), lambda m: f"{m[1]}***{m[2]}"),
    # identity numbers and bank cards: 15 to 19 digits, the last of 18 may be X
    (re.compile(r"(?<![\dA-Za-z.])(?:\d{17}[Xx]|\d{15,19})(?![\dA-Za-z])"), _middle(3, 4)),
    # mobile phones, with or without 86 and gaps
    (re.compile(rf"(?<![\d.])[1１][3-9３-９]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)"), _middle(3, 4)),
    (re.compile(r"(?<=86)[1１][3-9３-９]\d{9}(?!\d)"), _middle(3, 4)),
    # fixed lines with an area code, or a bare number said to be a telephone
    (re.compile(r"(?<![\d.])(0\d{2,3}[-\s]?)\d{3,4}(\d{4})(?![\d.])"), lambda m: f"{m[1]}****{m[2]}"),
    (re.compile(r"((?:电话|座机|热线)(?:号码?)?[是为:：\s]*)\d{3,4}(\d{4})(?!\d)"), lambda m: f"{m[1]}****{m[2]}"),
    # a mobile number said in Chinese figures
    (re.compile(rf"(?<![{_CHINESE_DIGIT}])[一幺][{_CHINESE_DIGIT}]{{10}}(?![{_CHINESE_DIGIT}])"), _middle(3, 4)),
]


def mask(text: str) -> str:
    """``text`` with phones (138****5678), identity and card numbers and e-mail addresses hidden."""
    for pattern, hide in _RULES:
        text = pattern.sub(hide, text)
    return text


def mask_name(name: str) -> str:
    """The family name and stars: 张伟 is 张*, 欧阳小明 is 欧阳**; of a Latin name the first letter stays."""
    name = name.strip()
    kept = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:kept] + "*" * max(len(name) - kept, 1) if name else ""


class MaskingFilter(logging.Filter):
    """Put on a handler: no phone, identity number or e-mail address reaches the log, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place; always lets it through."""
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = mask(record.exc_text) if record.exc_text else record.exc_text
        record.stack_info = mask(record.stack_info) if record.stack_info else record.stack_info
        if mask(record.getMessage()) != record.getMessage():
            self._mask_message(record)
        return True

    def _mask_message(self, record: logging.LogRecord) -> None:
        """Mask the parts, which keeps the arguments for formatters that read them; if that is not enough, the whole."""
        if isinstance(record.args, tuple):
            record.args = tuple(mask(a) if isinstance(a, str) else a for a in record.args)
        whole = record.getMessage()
        if mask(whole) != whole:
            record.msg, record.args = mask(whole), ()

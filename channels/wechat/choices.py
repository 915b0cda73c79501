"""What a person typed or tapped, as one of the choices that are open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_BEGINNING = 2
"""Characters from which the beginning of a label stands for it."""
_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = r"(?P<number>\d{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_PICK = re.compile(rf"(?:我?(?:就|要|想)?(?:选择?|点|回复|按))?(?P<place>第)?{_NUMBER}(?(place)(?:个|项|条|种|号)?)(?:吧|的|啊)?")
_SIGNS = re.compile(r"[\s。.,，、;；:：!！?？~～“”\"'‘’（）()【】\[\]《》<>·*-]+")
_ROUND = {chr(0x2460 + n): str(n + 1) for n in range(20)}


@dataclass(frozen=True, slots=True)
class Option:
    """An open choice as it was told: its label, the hub's id of it, and its number where it has one."""

    label: str
    id: str = ""
    number: int | None = None


def resolve(said: str, options: Sequence[Option], menu_id: str = "") -> Option | None:
    """The choice that is meant, or ``None`` when the words are words.

    Meant are: a label (a tapped link sends it), the number of a numbered choice and nothing else, the beginning of one numbered label.
    Where the choices have no numbers only the whole label counts, so that no answer to an open question is taken for a tap.

    Args:
        said: the text that came in.
        options: the choices told last.
        menu_id: the id that came with a tapped link, a hint only: it decides between equal labels, and counts alone when it is an
            open choice's id and nothing else fits.
    """
    words = _folded(said)
    same = [option for option in options if words and _folded(option.label) == words]
    if same:
        return next((option for option in same if menu_id and option.id == menu_id), same[-1])
    if (number := _number(said)) is not None:
        found = next((option for option in options if option.number == number), None)
        if found or not menu_id:
            return found
    begun = [o for o in options if o.number is not None and len(words) >= LEAST_BEGINNING and _folded(o.label).startswith(words)]
    if len({_folded(option.label) for option in begun}) == 1:
        return begun[-1]
    return next((option for option in options if menu_id and option.id == menu_id), None)


def is_one_of(said: str, words: Sequence[str]) -> bool:
    """Whether one of these words is said, and nothing else."""
    return _folded(said) in {_folded(word) for word in words}


def _folded(text: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def _number(said: str) -> int | None:
    """The number when the text is nothing but one: 2, ２, ②, 2. , 选2, 第二个; not 2号 or 2个, which are answers."""
    text = unicodedata.normalize("NFKC", "".join(_ROUND.get(sign, sign) for sign in said))
    match = _PICK.fullmatch(re.sub(r"^[\s（(【\[]+|[\s。.,，、!！~～）)】\]]+$", "", text).replace(" ", ""))
    return None if match is None else _value(match["number"])


def _value(number: str) -> int:
    if number.isdecimal():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    return (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)

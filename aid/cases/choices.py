"""Choices heard in a sentence: the kind of right, where it is sold, whether the other side is willing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from aid.cases.found import Found, settled
from aid.cases.kinds import CaseField

_GAP = r"[^,。;!?\s不没别无]{0,8}?"


_NONE = re.compile(r"权?(?:我们?|也|都|还|是)?没(?:有|注册|申请|登记|办|拿)")  # 专利没有,商标也没注册


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    """The word as a pattern; … in it stands for up to eight characters of the same clause without a denial.

    不是专利 is not heard in 不是专利权人.
    """
    end = "(?!权人)" if word.endswith("专利") else ""
    return re.compile(_GAP.join(re.escape(part) for part in word.split("…")) + end, re.IGNORECASE)


def rights_in(field: CaseField, text: str, asked: bool) -> list[Found]:
    """The choices whose words stand in the sentence, longest word first, none inside another.

    The value of a plain choice (没有, 个人, 愿意) is an ordinary word: it counts in an answer, in a story only where ``also`` lists it.
    """
    words = [(w, c.value) for c in field.choices for w in (*c.also, *(c.when_asked if asked else ()))]
    if asked or field.type == "right":
        words += [(c.value, c.value) for c in field.choices]
    if asked:
        words += [(c.label, c.value) for c in field.choices if c.label]
    return _placed(field.key, words, text)


def one_right(field: CaseField, text: str, asked: bool) -> Iterator[Found]:
    """The choice, when the sentence names exactly one that it does not deny or take back."""
    rights = settled(rights_in(field, text, asked), text)
    if field.type == "right" and not asked:
        rights = [f for f in rights if not _NONE.match(text[f.end :])] or rights
    if not rights and not asked:
        rights = settled(_placed(field.key, [(w, c.value) for c in field.choices for w in c.weak], text), text)
    if len({f.value for f in rights}) == 1:
        yield rights[0]


def _placed(key: str, words: list[tuple[str, str]], text: str) -> list[Found]:
    """Where the words stand, none inside another: plain words before those with a gap, the longer before the shorter."""
    found: list[Found] = []
    for with_gap in (False, True):
        matches = [Found(key, value, *m.span()) for word, value in words if ("…" in word) == with_gap for m in _pattern(word).finditer(text)]
        for one in sorted(matches, key=lambda f: f.start - f.end):
            if not any(one.start < f.end and f.start < one.end for f in found):
                found.append(one)
    return sorted(found, key=lambda f: f.start)

"""Turning from one kind of case to another in the middle of the form: 算了不投诉了，我想调解. Nothing told so far is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aid.cases.acts import looks_like_question
from aid.cases.kinds import CaseKind, Facts

_CUE = re.compile(
    r"算了|不.{0,8}了|别.{0,6}了|改成|改为|改办|换成|换作|转成|转为|还是|我想|我要|想改|不如|干脆|直接|帮我|给我|能不能|可不可以|可以.{0,4}吗|先"
)
_LEAVING = re.compile(r"算了|不.{0,8}了|别.{0,6}了|改成|改为|改办|换成|换作|转成|转为|还是.{0,12}吧")
LONGEST = 40


def turns_to(kinds: Iterable[CaseKind], current: CaseKind, text: str, in_words: bool = False) -> CaseKind | None:
    """The other kind that the sentence turns to: a short sentence with a turning word that names just one other kind, after what it leaves.

    A question about another kind (调解要钱吗) is no turning. ``in_words``: the open question is answered in free words, which may well name
    another kind (我要投诉你们的人); then only plain words of leaving count.
    """
    if len(text) > LONGEST or not (_LEAVING if in_words else _CUE).search(text) or _corrects(current, text):
        return None
    named = [(place, len(word), kind) for kind in kinds for word in kind.called if (place := text.rfind(word)) >= 0]
    if not named:
        return None
    kind = max(named, key=lambda found: found[:2])[2]
    if kind.kind == current.kind or _asks_about(text, kind):
        return None
    return kind


def wishes_again(kind: CaseKind, text: str) -> bool:
    """Whether nothing is said but the wish that the open form serves already: 我要投诉."""
    called = "|".join(re.escape(word) for word in sorted(kind.called, key=len, reverse=True))
    before, behind = r"(?:你好|您好|我们?|还是|就|想|要|请|帮我?|给我|申请|登记|做|办|个|一下|[,，\s])*", r"(?:一下|吧|啊|呀|的|了)*[。.!！~\s]*"
    return bool(re.fullmatch(f"{before}(?:{called}){behind}", text))


def _corrects(kind: CaseKind, text: str) -> bool:
    """Whether a field is given another value (要求改成给我回个电话), which may well name another kind."""
    names = "|".join(re.escape(name) for field in kind.fields for name in field.names)
    return bool(re.search(rf"(?:{names})(?:那?[项里个])?(?:要|请|帮我|给我)?(?:改成|改为|换成|应该是)", text))


def _asks_about(text: str, kind: CaseKind) -> bool:
    behind = min(len(text) - text.rfind(word) - len(word) for word in kind.called if word in text)
    wish = re.search(r"(?:能不能|可不可以|可以)(?:帮我|给我|改|换|转|直接|不.{0,6}了)|(?:改成|换成|转成).{0,8}(?:吗|行不行|可以吗)", text)
    return not wish and looks_like_question(text) and behind > 0


def carried(facts: Facts, to: CaseKind) -> Facts:
    """The facts of the draft under the keys of the new kind; those that it does not ask for stay beside them.

    What was left out and is needed now is open again.
    """
    made = dict(facts)
    for field in to.fields:
        found = next((facts[key] for key in field.takes if facts.get(key)), "")
        if found and not made.get(field.key):
            made[field.key] = found
    for field in to.fields:  # asked again: a choice that the new kind does not know, and what was left out before but is needed now
        value = made.get(field.key)
        is_strange = bool(value) and field.type in ("right", "choice") and value not in [choice.value for choice in field.choices]
        if is_strange or (value == "" and not field.optional):
            made.pop(field.key)
    return made

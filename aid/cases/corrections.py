"""Corrections: 电话写错了，改成…; 展位是B12不是B13; 不是B13，是B12; B12改成B21; several in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from aid.cases.acts import looks_like_question
from aid.cases.answers import check, checked_patent
from aid.cases.choices import one_right, rights_in
from aid.cases.extract import hear
from aid.cases.found import Found
from aid.cases.kinds import SUMMARY, CaseField, CaseKind, Facts
from aid.language.entity import Entity
from aid.language.numerals import CHINESE_NUMERAL, chinese_number

_MARK = re.compile(
    r"错|改成|改为|改到|改一下|修改|更正|更改|应该是|应该在|应为|换成|换一个|不对|不准确|重新给|"
    r"少打|多打|少写|多写|才对|写反|弄反|记反|说反|不是|不叫|不在"
)
_TO = (
    r"(?:改成|改为|改到|应该是|应该在|应该写|应为|换成|更正为|正确的是|全称是|其实是|改写成|应是|才是|(?<!不)是|写成|"
    r"叫|用|(?<![少多错])写|:)"
)
_DENIED = r"(?:不是|不在|不叫|而不是|并不是|别写|不用|不要写)\s*[“\"']?$"
_QUOTES = "“”\"'‘’「」 "
_STOP = r"[^,，。;；!！?？\n]"
_OLD, _NEW = rf"(?P<old>{_STOP}{{1,30}}", rf"(?P<new>{_STOP}{{1,40}}"
_NOT_THEN = re.compile(rf"不[是在叫]\s*{_OLD}?)\s*(?:[,、;]\s*)?(?:而是|(?:应该)?[是在]|叫|改成)\s*{_NEW})")
_THEN_NOT = re.compile(rf"(?:[是在叫]|(?:^|,)(?![是在叫]))\s*{_NEW}?)\s*,?\s*而?不[是在叫]\s*{_OLD})")
_INTO = r"\s*(?:这?[个项]?(?:要|得|应该|请|帮我)?(?:改成|改为|改到|换成|换为)|应该是|应为)\s*"
_OLD_INTO_NEW = re.compile(rf"(?:^|[,，。;；、]|把|将)\s*{_OLD}?){_INTO}{_NEW})")
_TAIL = re.compile(r"(?:尾号|[末尾][尾数]|(?:最后|末尾?|后)\s*(?:四|4)\s*位)\s*(?:应该)?(?:是|为|改成)?\s*(\d{4})(?!\d)")
_LAST_SIGN = re.compile(
    r"(?:最后\s*[一1]\s*位|末[一1]?位|尾数|校验[位码])\s*(?:错了?|不对|写错了?)?[,，\s]*(?:应该|其实)?(?:是|为|改成)\s*([\dXx])(?![\dA-Za-z])"
)
_BARE_BOOTH = re.compile(r"\W*[A-Za-z]{1,2}-?\d{1,4}[A-Za-z]?\W*")
_ANEW = re.compile(r"我想|我要|还是|改|换|不.{0,8}了|错|不是|不用|算了")
_ERRED = re.compile(r"[说写打填选记弄搞报输贴传看听]错|更正|改一下|^\W*(?:不对|刚才|错了|不是.{1,20}是)")
_HALL = re.compile(rf"(?P<hall>[A-Za-z]\d{{0,2}}|\d{{1,2}}|{CHINESE_NUMERAL}{{1,2}})\s*号?(?:展)?[馆厅](?![A-Za-z\d])")
_NEVER_NEW = re.compile(r"^(?:错|不对|写错|填错|打错|选错|传错)")


@dataclass(frozen=True, slots=True)
class Correction:
    """What a sentence corrects: ``values`` to set; ``field`` is one that is wrong without a new value being said."""

    values: dict[str, str] = field(default_factory=dict)
    field: str = ""
    fault: str = ""


def is_correction(kind: CaseKind, facts: Facts, asked: str, text: str, act: str | None) -> bool:
    """Whether the sentence corrects something that was said before, while ``asked`` is the open question.

    A story may well hold words of correcting (他们把包装改成我们的样子): where free words are asked for, the sentence must be short and speak
    plainly of an error or of a known field.
    """
    in_words = asked != SUMMARY and kind.field(asked).type == "text" and asked not in facts
    if in_words:
        return len(text) <= 40 and (bool(_ERRED.search(text)) or _names_known(kind, facts, asked, text, _INTO + r"|那?[项里个]?不?[是对错]"))
    if any(sign.search(text) for sign in (_MARK, _TAIL, _LAST_SIGN)) or act == "correct":
        return True
    if asked == SUMMARY and _BARE_BOOTH.fullmatch(text):
        return True
    return _names_known(kind, facts, asked, text, r"\s*(?:是|为|:|：)\s*(?![什谁哪多几不否啥])")


def _names_known(kind: CaseKind, facts: Facts, asked: str, text: str, then: str) -> bool:
    """Whether the name of a known field stands in the sentence, with ``then`` behind it."""
    names = [name for row in kind.fields if row.key in facts and row.key != asked for name in row.names]
    return bool(names) and bool(re.search(rf"(?:{'|'.join(map(re.escape, names))})(?:{then})", text))


def chosen_anew(kind: CaseKind, facts: Facts, asked: str, text: str) -> dict[str, str]:
    """Another choice for a field that is known: 还是匿名吧; 不匿名了，我留电话. Empty for a question."""
    if len(text) > 20 or not _ANEW.search(text) or looks_like_question(text):
        return {}
    values: dict[str, str] = {}
    for row in kind.asked(facts):
        if row.type != "choice" or row.key == asked or not facts.get(row.key):
            continue
        heard = [f for f in rights_in(row, text, False) if not re.search(r"(?:不是?|没有|并非|不[想要用再])\s*$", text[: f.start])]
        if len({f.value for f in heard}) == 1:
            values |= _changed(facts, {row.key: heard[0].value})
    return values


def correct(kind: CaseKind, facts: Facts, text: str, entities: Sequence[Entity], today: date) -> Correction:
    """What the sentence corrects; empty when nothing can be told.

    Old and new value first, then a named field with a new value, then a single value of a known field, and last a
    named field alone.
    """
    values = _by_entities(kind, facts, text, entities)
    values |= {k: v for k, v in _by_old_value(kind, facts, text).items() if k not in values}
    signed = _by_last_sign(kind, facts, text)
    values |= signed.values
    if signed.fault:
        return signed
    for row in kind.fields:
        mention = _mention(row, kind, text)
        if row.key in values or mention is None or row.type == "consent":
            continue
        others = (m for other in kind.fields if other is not row and (m := _mention(other, kind, text)) is not None)
        end = min((m[0] for m in others if m[0] >= mention[1] and _begins(text, *m)), default=len(text))
        named, code = _by_name(row, facts, text[:end], [e for e in entities if e.end <= end], mention[1], today)
        values |= named
        if code:
            return Correction(values, row.key, code)
    if not values:
        values = _single(kind, facts, text, entities, today)
    if values:
        return Correction({key: in_hall(kind, key, facts, value) for key, value in values.items()})
    named_only = next((row.key for row in kind.fields if row.names and _mention(row, kind, text) is not None), "")
    return Correction(field=named_only)


def _by_entities(kind: CaseKind, facts: Facts, text: str, entities: Sequence[Entity]) -> dict[str, str]:
    """Of two values of one field, the one that is not denied."""
    values = {}
    for row in kind.fields:
        heard = _all_of(row, text, entities)
        denied = [f for f in heard if re.search(_DENIED, text[: f.start]) or (re.match(_INTO, text[f.end :]) and f.value in facts.get(row.key, ""))]
        said = [f for f in heard if f not in denied]
        if denied and said and facts.get(row.key) != said[-1].value:
            values[row.key] = said[-1].value
    return values


def _all_of(row: CaseField, text: str, entities: Sequence[Entity]) -> list[Found]:
    if row.type in ("right", "choice"):
        return rights_in(row, text, True)
    return [] if row.type in ("text", "name", "consent") else list(hear(row, text, entities, True))


def _by_old_value(kind: CaseKind, facts: Facts, text: str) -> dict[str, str]:
    """不是 old 是 new, where ``old`` is what a field holds or a part of it (a hall, one character of a name)."""
    values: dict[str, str] = {}
    for match in (*_NOT_THEN.finditer(text), *_THEN_NOT.finditer(text), *_OLD_INTO_NEW.finditer(text)):
        old, new = _part(match["old"]), _part(match["new"])
        for row in kind.fields:
            known = facts.get(row.key, "")
            fits = row.key not in values and row.type not in ("consent", "right", "choice", "date", "phone")
            if old and new and fits and old in known:
                values[row.key] = known.replace(old, new, 1)
    if (tail := _TAIL.search(text)) and (phone := _phone_of(kind, facts)):
        values[phone] = facts[phone][:-4] + tail[1]
    return {key: value for key, value in values.items() if value != facts.get(key)}


def _by_last_sign(kind: CaseKind, facts: Facts, text: str) -> Correction:
    """专利号最后一位应该是X: the last sign of the number that is named, or of the only one that is known."""
    said = _LAST_SIGN.search(text)
    known = [row for row in kind.fields if row.type in ("number", "phone") and len(facts.get(row.key, "")) > 7]
    named = [row for row in known if _mention(row, kind, text) is not None] or known
    if said is None or len(named) != 1:
        return Correction()
    row, new = named[0], facts[named[0].key][:-1] + said[1].upper()
    if row.type == "phone":
        return Correction(_changed(facts, {row.key: new}))
    answer = checked_patent(row, new, facts)
    return Correction(_changed(facts, answer.values), row.key, answer.fault)


def _part(said: str) -> str:
    """A said value without quotes and particles; a hall as booths write it (四号馆 is 4馆)."""
    said = re.sub(r"(?:了|的|吧|才对|才是.*)$", "", said.strip(_QUOTES)).strip(_QUOTES)
    hall = _HALL.fullmatch(said)
    if hall is None:
        return said
    number = chinese_number(hall["hall"]) if not hall["hall"].isascii() else None
    return f"{number if number is not None else hall['hall'].upper()}馆"


def _phone_of(kind: CaseKind, facts: Facts) -> str:
    return next((row.key for row in kind.fields if row.type == "phone" and len(facts.get(row.key, "")) > 4), "")


def _mention(row: CaseField, kind: CaseKind, text: str) -> tuple[int, int] | None:
    """Where the field's name first stands; a name inside another field's longer name does not count."""
    spans = []
    for name in sorted(row.names, key=len, reverse=True):
        own = "(?<!我)(?<!我们)" if row.type == "company" else ""
        for match in re.finditer(f"{own}{re.escape(name)}(?!人)", text):
            longer = (n for other in kind.fields if other is not row for n in other.names if name in n and n != name)
            if not any(n in text and _covers(text, n, match.start(), match.end()) for n in longer):
                spans.append(match.span())
    return min(spans, key=lambda span: (span[0], -span[1])) if spans else None


def _begins(text: str, start: int, end: int) -> bool:
    """Whether a field's name begins something new, instead of standing in what another field is changed to (改成说明情况)."""
    return bool(re.search(r"(?:^|[,，。;；、和\s])\W*(?:把|将|还有|然后)?$", text[:start]) or re.match(_TO, text[end:]))


def _covers(text: str, name: str, start: int, end: int) -> bool:
    return any(m.start() <= start and end <= m.end() for m in re.finditer(re.escape(name), text))


def _by_name(
    row: CaseField, facts: Facts, text: str, entities: Sequence[Entity], mention: int, today: date
) -> tuple[dict[str, str], str]:
    """The new value that follows the field's name, checked as an answer; or the code of what is wrong with it."""
    after = [e for e in entities if e.start >= mention and not re.search(_DENIED, text[: e.start])]
    if row.type not in ("text", "name", "company", "right", "choice", "event", "booth", "place"):
        if not after and not re.search(r"\d{3}", text[mention:]):
            return {}, ""
        answer = check(row, text[mention:], after, facts, today)
        return _changed(facts, answer.values), answer.fault
    said = _said_after(text, mention)
    if said is None:
        heard = [f for f in _all_of(row, text, after) if f.start >= mention]
        return (_changed(facts, {row.key: heard[-1].value}), "") if heard else ({}, "")
    shift = text.index(said, mention)
    inside = [Entity(e.kind, e.value, e.text, e.start - shift, e.end - shift) for e in after if e.start >= shift]
    answer = check(row, said, inside, facts, today)
    return _changed(facts, answer.values), answer.fault


def _said_after(text: str, mention: int) -> str | None:
    """What is said after the last 改成, 应该是 … behind the field's name, to the end of the clause."""
    found = None
    for match in re.finditer(rf"{_TO}\s*[“\"']?(?P<new>{_STOP}{{1,60}})", text[mention:]):
        new = re.split(r"(?:,|，)?(?:而)?不(?:是|在|叫)", match["new"])[0].strip(_QUOTES)
        if new and not _NEVER_NEW.match(new):
            found = new
            if re.match("改成|改为|应|换成|更正为|正确|全称|其实|改到", match[0]):
                return found
    return found


def _single(kind: CaseKind, facts: Facts, text: str, entities: Sequence[Entity], today: date) -> dict[str, str]:
    """The one value said, when its field is known already: 号码不对，13900000088."""
    values: dict[str, str] = {}
    for row in kind.fields:
        heard = [f for f in _all_of(row, text, entities) if not re.search(_DENIED, text[: f.start])]
        if row.type in ("right", "choice"):
            heard = list(one_right(row, text, False))
        if row.key in facts and len({f.value for f in heard}) == 1:
            number = row.type == "number"
            heard_value = check(row, text, entities, facts, today).values if number else {row.key: heard[0].value}
            values |= _changed(facts, heard_value)
    return values


def in_hall(kind: CaseKind, key: str, facts: Facts, value: str) -> str:
    """A corrected booth number stays in the hall that is known, and a corrected hall keeps the number."""
    known = re.fullmatch(r"(.*馆)([A-Z0-9-]+)", facts.get(key, ""))
    if known is None or "#" in key or kind.field(key).type != "booth":
        return value
    if re.fullmatch(r"[A-Z]{0,2}\d+[A-Z]?", value):
        return known[1] + value
    return _part(value) + known[2] if _HALL.fullmatch(value) else value


def with_shop(kind: CaseKind, key: str, facts: Facts, value: str) -> str:
    """A corrected platform keeps the shop that is known (拼多多，某某箱包行 → 淘宝，某某箱包行)."""
    if "#" in key or kind.field(key).listens != "platform" or re.search(r"[\s,，]", value):
        return value
    known = re.fullmatch(r"[^\s,，]+([\s,，]+.+)", facts.get(key, ""))
    return value + known[1] if known else value


def _changed(facts: Facts, values: dict[str, str]) -> dict[str, str]:
    """The values that differ from what is known."""
    return {key: value for key, value in values.items() if facts.get(key, "") != value}


def parts(changes: dict[str, str]) -> Iterator[str]:
    """Keys of fields among the changes (without the inner ``#doubt`` and ``#mark``)."""
    return (key for key in changes if "#" not in key)

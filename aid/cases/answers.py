"""Checks of the answer to the asked field, by its type: what it means, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from aid.cases.choices import rights_in
from aid.cases.extract import hear, known_event
from aid.cases.found import settled
from aid.cases.kinds import CaseField, Facts
from aid.cases.names import answered_name
from aid.language.entity import Entity
from aid.language.numerals import chinese_number, valid_check_digit

LONGEST = 500
_LONGEST_SHORT = 100
_LETTER = re.compile(r"[^\W\d_]")
_CORRECTLY = re.compile(r"就是这[个样]|没[有]?错|证书上|确定|照写|对的|就这个")
_SAYING = re.compile(
    r"^(?:您好|你好)?[\s,，]*(?:是|叫|就是|在|他们?(?:家|公司)?(?:是|叫|在|的是)|对方(?:是|叫|在|公司是)?|名字(?:是|叫)|公司名?(?:是|叫)|"
    r"(?:他们?家?|对方|那家)?(?:展出?|卖|摆)的是|展位(?:号)?(?:是|在)?|楣板上写的是|挂的牌子叫|好像是|应该是)[\s:：,，]*"
)
_ENDS = " \t\n,，。.、;；:：!！"
_TRADEMARK = re.compile(r"(?<!\d)\d{5,9}[A-Z]?(?![\d.])", re.IGNORECASE)
_DAYS_LEFT = re.compile(r"(?:还有|再过|还剩)\s*([\d一二两三四五六七八九十]{1,2})\s*天")
_TODAY = re.compile(r"^\W*(?:就)?(?:上午|中午|下午|傍晚|晚上|马上|现在|一会儿?|待会儿?|[\d一二三四五六七八九十]+点)")
_SPOKEN_FIGURES = str.maketrans("零〇幺一二三四五六七八九", "001123456789")
_GOODS_LEAD = re.compile(r"^(?:他们?)?(?:仿冒|仿造|假冒|抄袭|仿|抄)?了?(?:我们?|我家|我司|俺们?)\s*家?的?\s*(?=\S)")
_GOODS_END = re.compile(r"被(?:人家?|他们?|别人)?(?:给)?(?:仿冒|仿造|抄袭|仿|抄|盗).{0,4}$")
_CODE = re.compile(r"[<>{}=\\]|--|\$\(")
"""Signs of a program or a page, never of a name or a place."""
_LOCAL_PHONE = re.compile(r"^\D{0,8}([2-9]\d{7})\D{0,4}$")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer gives: ``values`` by fact key, or the code of what is wrong."""

    values: dict[str, str] = field(default_factory=dict)
    fault: str = ""


def check(asked: CaseField, text: str, entities: Sequence[Entity], facts: Facts, today: date) -> Answer:
    """Check ``text`` (folded, without what was said of other fields) as the answer to ``asked``."""
    if asked.type == "date":
        return _date(asked, text, entities, today)
    checks = {
        "event": _event, "booth": _booth, "company": _company, "right": _right, "number": _number,
        "name": _name, "phone": _phone, "text": _text, "consent": _consent,
        "choice": _choice, "link": _link, "place": _place,
    }  # fmt: skip
    return checks[asked.type](asked, text, entities, facts)


def _set(asked: CaseField, value: str) -> Answer:
    return Answer({asked.key: value})


def _first(asked: CaseField, text: str, entities: Sequence[Entity]) -> str | None:
    heard = next(iter(settled(hear(asked, text, entities, True), text)), None)
    return heard.value if heard else None


def _chosen(asked: CaseField, text: str) -> str | None:
    return next((c.value for c in asked.choices if text.strip(" 。.") in (c.value, c.label)), None)


def _cleaned(text: str) -> str:
    return _SAYING.sub("", text.strip(_ENDS)).strip(_ENDS)


def _is_short_name(said: str) -> bool:
    return len(_LETTER.findall(said)) >= 2 and len(said) <= _LONGEST_SHORT and not _CODE.search(said)


def _goods(text: str) -> str:
    """仿我的车灯 and 我的车灯被人仿了 are 车灯."""
    return _GOODS_END.sub("", _GOODS_LEAD.sub("", _cleaned(text)))


def _event(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    known = _first(asked, text, entities) or _chosen(asked, text)
    if known:
        return _set(asked, known_event(asked, known))
    name = _cleaned(re.split("[,。;]", _cleaned(text))[0])
    return _set(asked, name) if _is_short_name(name) else _fault(asked)


def _booth(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    place = _cleaned(text)
    if re.fullmatch(r"(?:[A-Za-z]\d{1,2} +)?[A-Za-z]{0,2}[- ]?\d{1,4}[A-Za-z]?号?", place):
        return _set(asked, place.upper().rstrip("号"))
    if known := _first(asked, text, entities):
        return _set(asked, known)
    fits = _is_short_name(place) and not re.search(r"\d{6}", place)
    return _set(asked, place.upper() if place.isascii() else place) if fits else _fault(asked)


def _company(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    if known := _first(asked, text, entities):
        return _set(asked, known)
    name = _cleaned(text)
    return _set(asked, name) if _is_short_name(name) else _fault(asked)


def _text(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    # Of goods the words before them go (他们展的是折叠凳); a story is kept as it is told (对方把合同取消了).
    thing = _first(asked, text, entities) or (_goods(text) if asked.listens == "goods" else text.strip(_ENDS))
    return _set(asked, thing) if len(_LETTER.findall(thing)) >= 1 and not thing.isdigit() else _fault(asked)


def _right(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    if known := _chosen(asked, text) or _first(asked, text, entities):
        return _set(asked, known)
    several = len({f.value for f in rights_in(asked, text, True)}) > 1
    return Answer(fault="several_rights" if several else "right_unclear")


def _choice(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    known = _chosen(asked, text) or _first(asked, text, entities)
    return _set(asked, known) if known else _fault(asked)


def _link(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    known = _first(asked, text, entities)
    return _set(asked, known) if known else _fault(asked)


def _place(asked: CaseField, text: str, _entities: Sequence[Entity], _facts: Facts) -> Answer:
    place = _cleaned(text)
    return _set(asked, place) if _is_short_name(place) else _fault(asked)


def _date(asked: CaseField, text: str, entities: Sequence[Entity], today: date) -> Answer:
    days = [e.value for e in entities if e.kind == "date"]
    if days:
        day = days[-1] if re.search(r"[到至]", text) else days[0]
        return _set(asked, day) if day >= today.isoformat() else Answer(fault="date_past")
    if left := _DAYS_LEFT.search(text):
        return _set(asked, (today + timedelta(days=chinese_number(left[1]) or 0)).isoformat())
    return _set(asked, today.isoformat()) if _TODAY.search(text) else _fault(asked)


def _name(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    if name := answered_name(text):
        return _set(asked, name)
    return Answer(fault="name_is_number" if re.search(r"\d", text) else "name_unclear")


def _phone(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    if known := _first(asked, text, entities):
        return _set(asked, known)
    spoken = re.sub(r"[\s,，、-]", "", text.translate(_SPOKEN_FIGURES))
    if mobile := re.fullmatch(r"\D*(1[3-9]\d{9})\D*", spoken):
        return _set(asked, mobile[1])
    local = _LOCAL_PHONE.match(text)
    return _set(asked, f"0431-{local[1]}") if local else _fault(asked)


def _consent(asked: CaseField, text: str, entities: Sequence[Entity], _facts: Facts) -> Answer:
    return _set(asked, "yes") if re.fullmatch(r"\W*(?:我)?同意\W*.{0,6}", text) else _fault(asked)


def _number(asked: CaseField, text: str, entities: Sequence[Entity], facts: Facts) -> Answer:
    doubt = facts.get(f"{asked.key}#doubt", "")
    if doubt and _CORRECTLY.search(text) and not re.search(r"\d{6}", text):
        return keep_number(asked, doubt)
    right = next((value for value in facts.values() if value in ("商标", "著作权", "其他")), "")
    known = next((e for e in entities if e.kind in ("patent_number", "trademark_number")), None)
    if known is not None and known.kind == "patent_number":
        return checked_patent(asked, known.value, facts)
    if known is not None:
        return _set(asked, known.value)
    if right == "商标" and (mark := _TRADEMARK.search(text)):
        return _set(asked, mark[0].upper())
    number = _cleaned(text)
    if right in ("著作权", "其他") and re.search(r"\d{3}", number) and len(number) <= 60:
        return _set(asked, number.upper())
    figures = re.sub(r"[^\dX.]", "", number.upper())
    if re.fullmatch(r"(?:\d{12}|\d{8})(?:\.?[\dX])?", figures) and right != "商标":
        return checked_patent(asked, figures if "." in figures else _with_point(figures), facts)
    return _fault(asked)


def checked_patent(asked: CaseField, number: str, facts: Facts) -> Answer:
    """A patent number: taken when its check digit is right; doubted the first time, kept with a mark the second."""
    if valid_check_digit(number):
        return Answer({asked.key: number, f"{asked.key}#doubt": "", f"{asked.key}#mark": ""})
    if facts.get(f"{asked.key}#doubt") == number:
        return keep_number(asked, number)
    code = "check_digit_wrong" if "." in number else "number_incomplete"
    return Answer({f"{asked.key}#doubt": number}, fault=code)


def keep_number(asked: CaseField, number: str) -> Answer:
    """The number on the person's word, marked as not checked."""
    return Answer({asked.key: number, f"{asked.key}#doubt": "", f"{asked.key}#mark": "unchecked"})


def _with_point(figures: str) -> str:
    return f"{figures[:-1]}.{figures[-1]}" if len(figures) in (9, 13) else figures


def _fault(asked: CaseField) -> Answer:
    codes = {
        "event": "event_unclear", "booth": "booth_unclear", "company": "company_unclear", "text": "text_unclear",
        "number": "number_wrong", "date": "date_unclear", "phone": "phone_wrong", "consent": "consent_unclear",
        "choice": "choice_unclear", "link": "link_wrong", "place": "place_unclear",
    }  # fmt: skip
    return Answer(fault=codes[asked.type])

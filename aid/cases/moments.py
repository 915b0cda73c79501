"""Days and hours in a story: until when goods are shown, when a call is welcome."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from aid.cases.found import Found, settled
from aid.cases.kinds import CaseField
from aid.language.entity import Entity
from aid.language.numerals import CHINESE_NUMERAL, chinese_number

_SENTENCE = re.compile(r"[。;!?\n]")
_PAST = re.compile(r"^.{0,3}(?:发现|看[见到]|来过|买的|拍的|去的|开展|开始|开幕|布展|摆出|就在)")
_DAYS_LEFT = re.compile(rf"(?:还有|再过|还剩|就剩|[再就]有)\s*(\d{{1,2}}|{CHINESE_NUMERAL}{{1,2}})\s*天")
_DAY_ONLY = re.compile(rf"(?<![\d月.A-Za-z年{CHINESE_NUMERAL[1:-1]}-])(\d{{1,2}}|{CHINESE_NUMERAL}{{1,3}})[号日](?![馆厅展楼摊位门店口])")
_SOON = re.compile(r"(?:上午|中午|下午|傍晚|晚上|马上|一会儿?|待会儿?|现在)(?:\d{1,2}点|[一二三四五六七八九十]点)?(?:就|就要|要)?")
_FARTHEST = 9


def find_last_day(field: CaseField, text: str, entities: Sequence[Entity], today: date | None) -> Iterator[Found]:
    """The day beside a word of ending (撤展, 闭馆, 展到 …), the nearest first; days that are over are not meant."""
    days = [Found(field.key, e.value, e.start, e.end) for e in entities if e.kind == "date"]
    days += _other_days(field.key, text, days, today)
    days = [f for f in settled(days, text) if not (today and f.value < today.isoformat()) and not _PAST.match(text[f.end :])]
    marks = [m.span() for word in field.near for m in re.finditer(re.escape(word), text)]
    near = [(gap, -day.end, day) for day in days for mark in marks if (gap := _gap(text, day, mark)) is not None]
    yield from (day for _, _, day in sorted(near, key=lambda one: one[:2]))
    if not near and today and not days and (soon := _soon(text, marks)):
        yield Found(field.key, today.isoformat(), *soon)


def _gap(text: str, day: Found, mark: tuple[int, int]) -> int | None:
    """How far the word of ending stands from the day; ``None`` when they do not belong together."""
    between = text[day.end : mark[0]] if day.end <= mark[0] else text[mark[1] : day.start]
    if _SENTENCE.search(between) or len(between) > _FARTHEST or between.count(",") > (0 if day.start >= mark[1] else 1):
        return None
    return len(between)


def _other_days(key: str, text: str, known: Sequence[Found], today: date | None) -> Iterator[Found]:
    """还有两天, and a day of the month alone (二号): the next such day."""
    if today is None:
        return
    for match in _DAYS_LEFT.finditer(text):
        yield Found(key, (today + timedelta(days=chinese_number(match[1]) or 0)).isoformat(), *match.span())
    for match in _DAY_ONLY.finditer(text):
        number = chinese_number(match[1]) or 0
        inside = any(f.start < match.end() and match.start() < f.end for f in known)
        if not inside and (day := _next_day(number, today)):
            yield Found(key, day.isoformat(), *match.span())


def _next_day(number: int, today: date) -> date | None:
    return next((day for n in range(31) if (day := today + timedelta(days=n)).day == number), None)


def _soon(text: str, marks: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """下午就撤, 马上撤展: today."""
    return next((m.span() for m in _SOON.finditer(text) if any(0 <= mark[0] - m.end() <= 2 for mark in marks)), None)


_DAY = (
    r"(?:今天|今晚|明天|明早|明晚|后天|大后天|工作日|周末|双休日|平时|每天|这两天|(?:这|本|下)?(?:周|星期|"
    r"礼拜)[一二三四五六日天1-7](?:到(?:周|星期)?[一二三四五六日天1-7])?|"
    r"\d{1,2}月\d{1,2}[日号])"
)
_NUMBER = r"(?:(?<!\d)\d{1,2}(?!\d)|[一二两三四五六七八九十]{1,3})"
_SURE_HOUR = rf"{_NUMBER}(?:点(?:半|钟|\d{{1,2}}分?)?|:\d{{2}})"
_HOUR = rf"(?:{_SURE_HOUR}|{_NUMBER})"
_HALF = r"(?:下班|早上|早晨|一早|上午|中午|午休|午后|下午|傍晚|晚上|夜里|白天|晚间)"
_EDGE = r"(?:以后|之后|过后|后|以前|之前|前|左右|之间|期间)?"
_SPAN = rf"{_HOUR}\s?(?:[到至-]\s?{_HALF}?\s?{_SURE_HOUR}){_EDGE}|{_SURE_HOUR}{_EDGE}"
_TIME = re.compile(rf"(?:{_DAY}(?:(?:或者?|和|、){_DAY})?的?\s?{_HALF}?|{_HALF})\s?(?:{_SPAN}|(?:或|或者|和){_HALF}|以?后|以前)?|{_SPAN}")
_ANY = re.compile(
    r"(?:什么时候|啥时候|任何时间|几点|全天|白天)(?:打|接|来电|联系)?都?(?:行|可以|方便|能接|在)|随便(?:啥|什么|哪个)?时候|随时(?:都)?(?:行|可以|方便|能接|在)?|"
    r"(?:时间)?都(?:行|可以|方便)"
)
_CALL = re.compile(r"打|回|回电|回个?电话|来电|联系|接|方便|有空|有时间|行|可以|在家|都在|得空|空闲|电话|找我")
_NO_CALL = re.compile(r"^[^,。;!?\d]{0,4}(?:不方便|不行|没空|没时间|别打|不要打|不在|上班|开会|不接|打过|打了|没人接)")


def find_call_time(text: str) -> tuple[str, int, int] | None:
    """When a call is welcome, as it is said; ``None`` when nothing of it is told."""
    for match in _TIME.finditer(text):
        clause_end = min((m.start() for m in re.finditer(r"[,。;!?\n]", text) if m.start() >= match.end()), default=len(text))
        clause_start = max((m.end() for m in re.finditer(r"[,。;!?\n]", text[: match.start()])), default=0)
        alone = text[clause_start:clause_end].strip() == match[0].strip()
        if (alone or _CALL.search(text[clause_start:clause_end])) and not _NO_CALL.match(text[match.end() :]):
            return match[0].strip(), match.start(), match.end()
    anytime = _ANY.search(text)
    return (anytime[0], *anytime.span()) if anytime else None

"""Dates as people say them: 明天, 上周五, 11月25日, 2026-11-25, 三天前."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from aid.language.entity import Entity
from aid.language.numerals import CHINESE_NUMERAL, chinese_number

_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今早": 0, "今晚": 0,
         "明天": 1, "明日": 1, "明早": 1, "后天": 2, "大后天": 3}  # fmt: skip
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6,
             "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5}  # fmt: skip
_NUMBER = rf"(?:\d{{1,2}}|{CHINESE_NUMERAL}{{1,3}})"

_FULL = re.compile(r"(?<!\d)(20\d{2})(?:\s?年\s?|[-/.])(\d{1,2})(?:\s?月\s?|[-/.])(\d{1,2})(?![\d.])\s?[日号]?")
_FULL_CHINESE = re.compile(rf"(二[零〇]{CHINESE_NUMERAL}{{2}})年({_NUMBER})月({_NUMBER})[日号]?")
_MONTH_DAY = re.compile(
    rf"(?:(今年|去年|明年)的?|(?<![\d年零〇一二三四五六七八九十]))({_NUMBER})\s?月份?\s?({_NUMBER})\s?[日号]"
)
_NAMED = re.compile("|".join(sorted(_DAYS, key=len, reverse=True)))
_WEEK = re.compile(r"(上上|上|这|本|下下|下)?个?(?:周|星期|礼拜)([一二三四五六日天1-6])(?!\d)")
_AGO = re.compile(rf"({_NUMBER})\s?个?(天|日|周|星期|礼拜)(?:以)?(前|后)")
_YEARS = {"今年": 0, "去年": -1, "明年": 1}
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}


def _day(year: int, month: int | None, day: int | None) -> date | None:
    try:
        return date(year, month or 0, day or 0)
    except ValueError:
        return None


def _nearest(month: int | None, day: int | None, today: date) -> date | None:
    """Of last, this and next year's such day, the one nearest to today."""
    days = [_day(today.year + step, month, day) for step in (-1, 0, 1)]
    return min((found for found in days if found), key=lambda found: abs(found - today), default=None)


def _weekday(match: re.Match[str], today: date) -> date:
    """周五 alone is the coming one (today counts); 上周五 and 这周五 go by calendar weeks from Monday."""
    wanted = _WEEKDAYS[match[2]]
    if match[1] is None:
        return today + timedelta(days=(wanted - today.weekday()) % 7)
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(weeks=_WEEKS[match[1]], days=wanted)


def _relative(match: re.Match[str], today: date) -> date | None:
    count = chinese_number(match[1])
    if count is None or count > 99:
        return None
    step = timedelta(days=count * (1 if match[2] in "天日" else 7))
    return today - step if match[3] == "前" else today + step


def _from_month_day(match: re.Match[str], today: date) -> date | None:
    month, day = chinese_number(match[2]), chinese_number(match[3])
    if match[1]:
        return _day(today.year + _YEARS[match[1]], month, day)
    return _nearest(month, day, today)


def find_dates(text: str, today: date | None) -> Iterator[Entity]:
    """Dates in ``text`` as ISO days; without ``today`` only those that name their year.

    Days that do not exist (2月30日) are left out.
    """
    for pattern in (_FULL, _FULL_CHINESE):
        for match in pattern.finditer(text):
            year, month, day = (chinese_number(part) for part in match.groups())
            yield from _entity(match, _day(year or 0, month, day))
    if today is None:
        return
    for match in _MONTH_DAY.finditer(text):
        yield from _entity(match, _from_month_day(match, today))
    for match in _NAMED.finditer(text):
        yield from _entity(match, today + timedelta(days=_DAYS[match[0]]))
    for match in _WEEK.finditer(text):
        yield from _entity(match, _weekday(match, today))
    for match in _AGO.finditer(text):
        yield from _entity(match, _relative(match, today))


def _entity(match: re.Match[str], day: date | None) -> Iterator[Entity]:
    if day is not None:
        yield Entity("date", day.isoformat(), match[0], match.start(), match.end())

"""The other side's booth: codes and halls in a sentence, one's own left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aid.cases.found import Found
from aid.language.entity import Entity
from aid.language.numerals import CHINESE_NUMERAL, chinese_number

_OURS = r"(?:我|我们|俺|俺们|咱们?|自己|本公司|我司|我家)(?:的|家的?|公司的?|这边的?)?"
_OUR_BOOTH = re.compile(rf"{_OURS}(?:参展|摆摊)?(?:展位|展台|摊位|摊)?号?(?:[是在为:]|就在)?\s*$")
_OUR_PLACE = re.compile(rf"{_OURS}(?:就?在|是)[^,。;]{{0,8}}$")
_OUR_DOING = re.compile(r"^\s*(?:号|展位|展台|摊位)*(?:摆摊|参展|布展|租了|有个展位|设展|参加)")
_PAIR = re.compile(r"(?<![A-Za-z0-9.-])[A-Za-z]{1,2}\d{0,2}-\d{1,4}(?![A-Za-z0-9-])")
_BARE = r"[A-Za-z]{1,2}\d{1,4}(?![A-Za-z0-9.-]|\s?号?[馆厅])"
_CODE = re.compile(rf"(?<![A-Za-z0-9.-])(?:[A-Za-z]\d{{1,2}} +)?{_BARE}")
_SAID = re.compile(rf"(?:(?<=投诉|举报|展会|[会展]上|对面)的?|(?<=[他家她位台在是区馆会号])(?:是|在)?)(?P<code>(?:[A-Za-z]\d{{1,2}} +)?{_BARE})")
_HALL = re.compile(
    rf"(?<![A-Za-z0-9])(?P<hall>[A-Za-z]{{1,2}}\d{{0,2}}|\d{{1,2}}|{CHINESE_NUMERAL}{{1,2}}|"
    rf"[东西南北中])\s?号?\s?(?:展)?[馆厅](?!长|员|内的?公司)"
)
_SPOT = re.compile(
    rf"{_HALL.pattern}[^,。;!?\s#]{{0,6}}?(?:门口|入口|出口|拐角|角落|左手|右手|左边|右边|中间|靠|紧挨|楼梯|厕所|对面|旁边|"
    rf"最里面)[^,。;!?\s#]{{0,8}}?"
    r"(?:第[一二三四五六七八九十\d]+(?:家|个|排)|展位|展台|那家|那个|$|(?=[,。;!?\s]))"
)
_IN_HALL = re.compile(rf"{_HALL.pattern}\s?(?P<number>\d{{2,4}})(?![\d年月元个家人.])")
_SEEN, _HERE = re.compile("发现|看[到见]"), re.compile(r"(?:我|俺|咱)[^。;!?]{0,20}在[^。;!?]{0,6}$")
_POINTED = re.compile(r"(?:对面|隔壁|旁边|投诉|举报|对方|他们|那家)[^,。;!?]{0,6}$")
_NOT = re.compile(r"(?:不是|不在)\s*$")


def find_booths(key: str, text: str, entities: Sequence[Entity], asked: bool) -> Iterator[Found]:
    """Booths that are not the speaker's own, the likeliest first; bare codes (A3-08, D15) where the words leave no doubt.

    A booth told without its hall gets the one hall that the sentence names.
    """
    found = [Found(key, e.value, e.start, e.end) for e in entities if e.kind == "booth"]
    for pattern in (_PAIR, _CODE if asked else _SAID):
        for match in pattern.finditer(text):
            start, end = match.span("code") if "code" in match.groupdict() else match.span()
            if not any(start < f.end and f.start < end for f in found) and not _within(start, end, entities):
                found.append(Found(key, text[start:end].upper(), start, end))
    for match in _IN_HALL.finditer(text):
        if not any(match.start() < f.end and f.start < match.end() for f in found):
            found.append(Found(key, f"{_hall(match['hall'])}馆{match['number']}", *match.span()))
    others = [f for f in found if not _is_ours(text, f)]
    if len(others) > 1 and _SEEN.search(text[others[0].end : others[1].start]) and _HERE.search(text[: others[0].start]):
        others = others[1:]  # 我们在A6馆B03，发现A6馆B30…
    others.sort(key=lambda f: not _POINTED.search(text[: f.start]))
    yield from (_in_hall(f, text, found) for f in others)
    if not found and not asked and (spot := _SPOT.search(text)):
        yield Found(key, spot[0], *spot.span())


def _within(start: int, end: int, entities: Sequence[Entity]) -> bool:
    return any(start < e.end and e.start < end for e in entities if e.kind in ("link", "patent_number", "ticket_number", "email", "lookup_code"))


def _is_ours(text: str, found: Found) -> bool:
    before, after = text[: found.start], text[found.end :]
    return bool(_OUR_BOOTH.search(before) or (_OUR_DOING.match(after) and _OUR_PLACE.search(before)))


def _in_hall(found: Found, text: str, all_found: Sequence[Found]) -> Found:
    """The booth with the hall that stands elsewhere in the sentence, when there is just one."""
    if not re.fullmatch(r"[A-Z]{0,2}\d+[A-Z]?", found.value):
        return found
    halls = [m for m in _HALL.finditer(text) if not any(m.start() < f.end and f.start < m.end() for f in all_found)]
    halls = [m for m in halls if not _NOT.search(text[: m.start()]) and not _OUR_PLACE.search(text[: m.start()])]
    if len({m["hall"] for m in halls}) != 1:
        return found
    return Found(found.key, f"{_hall(halls[0]['hall'])}馆{found.value}", found.start, found.end)


def _hall(said: str) -> str:
    number = chinese_number(said) if not said.isascii() else None
    return str(number) if number is not None else said.upper()

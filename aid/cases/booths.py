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
_OUR_STAND = re.compile(r"(?:我|俺|咱)[^。;!?]{0,20}有(?:个|一个)?(?:摊位|展位|展台|摊)号?(?:是|:)?\s*$")
_OUR_DOING = re.compile(r"^\s*(?:号|展位|展台|摊位)*(?:摆摊|参展|布展|租了|有个展位|设展|参加)")
_PAIR = re.compile(r"(?<![A-Za-z0-9.-])[A-Za-z]{1,2}\d{0,2}-\d{1,4}(?![A-Za-z0-9-])")
_BARE = r"[A-Za-z]{1,2}\d{1,4}(?![A-Za-z0-9.-]|\s?号?[馆厅])"
_CODE = re.compile(rf"(?<![A-Za-z0-9.-])(?:[A-Za-z]\d{{1,2}} +)?{_BARE}")
_SAID = re.compile(
    rf"(?:(?<=投诉|举报|展会|[会展]上|对面|对过|隔壁|旁边|发现|看到)的?|"
    rf"(?<=[他家她位台在是区馆会号])(?:是|在)?)"
    rf"(?P<code>(?:[A-Za-z]\d{{1,2}} +)?{_BARE})"
)
_HALL = re.compile(
    rf"(?<![A-Za-z0-9])(?P<hall>[A-Za-z]{{1,2}}\d{{0,2}}|\d{{1,2}}|{CHINESE_NUMERAL}{{1,2}}|"
    rf"[东西南北中])\s?号?\s?(?:展)?[馆厅](?!长|员|内的?公司)"
)
_NAMED_HALL = (
    r"(?:加工食品|食品|农业|农机|综合|主|序|文创|特产|整车|配件|零部件|光电|室外|中央|户外|新能源|餐饮|家居|家装)"
    r"(?:展)?(?:[馆厅]|展区|场馆)"
)
_SPOT = re.compile(
    rf"(?:{_HALL.pattern}|(?P<named>{_NAMED_HALL}))[^,。;!?\s#]{{0,6}}?(?:门口|入口|出口|拐角|角落|左手|右手|左边|右边|中间|靠|紧挨|楼梯|厕所|对面|旁边|"
    rf"最里面)[^,。;!?\s#]{{0,8}}?"
    r"(?:第[一二三四五六七八九十\d]+(?:家|个|排)|门口?(?=看|有|那|的|发现|,)|[边侧处](?=看|有|那|的|发现|是)|展位|展台|那家|那个|$|(?=[,。;!?\s]))"
)
_NUMBER = rf"(?:\d{{1,3}}|{CHINESE_NUMERAL}{{1,3}})"
_ZONE = re.compile(
    rf"(?:{_HALL.pattern}\s?|室外|户外|外场)?(?:[A-Za-z]|[\u4e00-\u9fff]{{2}}(?<![这那一在有个开发园工业城小社]区)(?=区))区\s?\d{{1,4}}(?![\d年月元个家人.区馆])号?"
    rf"|(?<![A-Za-z])[A-Za-z][排列]\s?第?{_NUMBER}(?:号|家|个|位)?"
    rf"|{_HALL.pattern.replace('P<hall>', 'P<row_hall>')}\s?第?{_NUMBER}[排列行]\s?第?{_NUMBER}(?:号|家|个|位)?"
)
"""A zone and a number within a hall (二号馆A区11号, 室外F区30), a row and a place in it (二馆三排五号)."""
_FIGURES = re.compile(
    rf"(?:{_HALL.pattern}\s?|(?:展位|展台|摊位)号?(?:是|在|为|:)?\s?|(?:转到|走到|逛到|对面|隔壁|旁边)的?)(?P<figures>\d{{1,2}}-\d{{1,3}})(?![\d-]|[年月日号]\S?[结闭撤])"
)
_AGAIN = re.compile(rf"(?:不对|不是|错了|写错|说错|记错|应该是|更正)[\s,]*(?:应该)?是?\s?(?P<code>{_BARE})")
_IN_HALL = re.compile(rf"{_HALL.pattern}\s?(?P<number>\d{{2,4}})(?![\d年月元个家人.])")
_SEEN, _HERE = re.compile("发现|看[到见]"), re.compile(r"(?:我|俺|咱)[^。;!?]{0,20}在[^。;!?]{0,6}$")
_POINTED = re.compile(r"(?:对面|对过|隔壁|旁边|投诉|举报|对方|他们|那家)[^,。;!?]{0,6}$")
_NOT = re.compile(r"(?:不是|不在)\s*$")


def find_booths(key: str, text: str, entities: Sequence[Entity], asked: bool) -> Iterator[Found]:
    """Booths that are not the speaker's own, the likeliest first; bare codes (A3-08, D15) where the words leave no doubt.

    A booth told without its hall gets the one hall that the sentence names.
    """
    found = [Found(key, e.value, e.start, e.end) for e in entities if e.kind == "booth"]
    for pattern in (_PAIR, _CODE if asked else _SAID, *(() if asked else (_AGAIN,))):
        for match in pattern.finditer(text):
            start, end = match.span("code") if "code" in match.groupdict() else match.span()
            if not any(start < f.end and f.start < end for f in found) and not _within(start, end, entities):
                found.append(Found(key, text[start:end].upper(), start, end))
    found = [*found, *(f for f in _zones(key, text) if not _within(f.start, f.end, entities))]
    found = [f for f in found if not any(o is not f and o.start < f.end and f.start < o.end and len(o.value) > len(f.value) for o in found)]
    for match in _IN_HALL.finditer(text):
        if not any(match.start() < f.end and f.start < match.end() for f in found):
            found.append(Found(key, f"{_hall(match['hall'])}馆{match['number']}", *match.span()))
    others = [f for f in found if not _is_ours(text, f)]
    if len(others) > 1 and _SEEN.search(text[others[0].end : others[1].start]) and _HERE.search(text[: others[0].start]):
        others = others[1:]  # 我们在A6馆B03，发现A6馆B30…
    others.sort(key=lambda f: not _POINTED.search(text[: f.start]))
    yield from (_in_hall(f, text, found) for f in others)
    if not others and not asked:
        yield from _spots(key, text)


def _zones(key: str, text: str) -> Iterator[Found]:
    """二号馆A区11号 and 5馆3排7号 as they are said; A馆1-16 and 展位5-08."""
    for match in _ZONE.finditer(text):
        yield Found(key, match[0], *match.span())
    for match in _FIGURES.finditer(text):
        hall = f"{_hall(match['hall'])}馆" if match["hall"] else ""
        yield Found(key, hall + match["figures"], *match.span())


def _spots(key: str, text: str) -> Iterator[Found]:
    """Where no number is told: the spot (3号馆靠门口), else the one hall that the sentence names."""
    if spot := _SPOT.search(text):
        yield Found(key, spot[0].strip(), *spot.span())
        return
    halls = [m for m in _HALL.finditer(text) if not _NOT.search(text[: m.start()]) and not _OUR_PLACE.search(text[: m.start()])]
    if not halls and (named := re.search(_NAMED_HALL, text)):
        yield Found(key, named[0], *named.span())
    if len({m["hall"] for m in halls}) == 1:
        yield Found(key, f"{_hall(halls[0]['hall'])}{halls[0][0][-1]}", *halls[0].span())


def _within(start: int, end: int, entities: Sequence[Entity]) -> bool:
    return any(start < e.end and e.start < end for e in entities if e.kind in ("link", "patent_number", "ticket_number", "email", "lookup_code"))


def _is_ours(text: str, found: Found) -> bool:
    before, after = text[: found.start], text[found.end :]
    if _OUR_BOOTH.search(before) or _OUR_STAND.search(text[: _code_begins(text, found)]):
        return True
    return bool(_OUR_DOING.match(after) and _OUR_PLACE.search(before))


def _code_begins(text: str, found: Found) -> int:
    """Where the code itself begins, behind 摊位 or 展位 that the find may hold."""
    lead = re.match(r"(?:展位|展台|摊位)号?(?:是|在|为|:)?\s?", text[found.start : found.end])
    return found.start + lead.end() if lead else found.start


def _in_hall(found: Found, text: str, all_found: Sequence[Found]) -> Found:
    """The booth with the hall that stands elsewhere in the sentence, when there is just one."""
    if not re.fullmatch(r"[A-Z]{0,2}\d+[A-Z]?", found.value):
        return found
    if named := re.search(rf"{_NAMED_HALL}$", text[: found.start]):
        return Found(found.key, named[0] + found.value, named.start(), found.end)
    halls = [m for m in _HALL.finditer(text) if not any(m.start() < f.end and f.start < m.end() for f in all_found)]
    halls = [m for m in halls if not _NOT.search(text[: m.start()]) and not _OUR_PLACE.search(text[: m.start()])]
    if len({m["hall"] for m in halls}) != 1:
        return found
    return Found(found.key, f"{_hall(halls[0]['hall'])}馆{found.value}", found.start, found.end)


def _hall(said: str) -> str:
    number = chinese_number(said) if not said.isascii() else None
    return str(number) if number is not None else said.upper()

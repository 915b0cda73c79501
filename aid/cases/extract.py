"""Facts of a case heard in a free sentence, before any is asked for and beside any that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from aid.cases.amounts import find_amount
from aid.cases.booths import find_booths
from aid.cases.choices import one_right
from aid.cases.firms import find_respondents, own_firm
from aid.cases.found import Found, settled
from aid.cases.goods import find_goods
from aid.cases.kinds import CaseField, CaseKind, Facts
from aid.cases.moments import find_call_time, find_last_day
from aid.cases.names import find_name
from aid.cases.numbers import find_numbers
from aid.cases.told_places import find_places, find_platform
from aid.cases.traders import traders
from aid.cases.wishes import find_wish
from aid.language.entity import Entity
from aid.language.normalise import normalise
from aid.language.numerals import valid_check_digit

_CHOSEN = ("right", "choice")
_KINDS_BY_DIGIT = {"1": "发明专利", "8": "发明专利", "2": "实用新型专利", "9": "实用新型专利", "3": "外观设计专利"}
_OTHERS_PHONE = re.compile(
    r"(?<![我俺咱])(?<![我俺咱]们)(?:对方|他们?家?|店家?|商家|厂家|卖家|老板|公示|宣传册上?|名片上?|摊主|上面)(?:里|上|留)?的?(?:联系)?(?:电话|手机|号码|"
    r"手机号|座机|联系方式)?(?:写的)?[是为:]?\s*$"
)
_LOCAL_PHONE = re.compile(r"(?:电话|座机|固话|手机|打|拨|联系|tel)[^\d,。;]{0,5}(?P<local>[2-9]\d{3}[- ]?\d{4})(?![\d.-])", re.IGNORECASE)
_OTHER_TICKET = re.compile(
    r"(?:(?:受理|登记|投诉|举报|查询|工单)?(?:编号|单号)|工单|受理号|登记号|工单号|回执号)(?:就?是|为|:)?\s?(?P<number>[A-Z]{0,4}-?\d[\d-]{4,18}\d)(?!\d)",
    re.IGNORECASE,
)
_STEM = r"(?:(?![在的个次场届这那来到去上下有是就])[\u4e00-\u9fff])"
_OTHER_EVENT = re.compile(
    rf"(?:(?<=[在来是次届,。;\s])|^)(?P<event>{_STEM}{{1,10}}?(?:博览会|展览会|交易会|展销会)|"
    rf"{_STEM}{{0,6}}?(?:[家茶文科建医婚服冰雪]博会|糖酒会|农机展|家具展|建材展|玩具展|食品展|家装展|动漫展|漫展|礼品展|服装展|婚纱展|医疗展|教育展|宠物展|茶叶展))"
)


def extract(kind: CaseKind, facts: Facts, text: str, entities: Sequence[Entity], asked: str | None = None, today: date | None = None) -> list[Found]:
    """Every fact of ``kind`` that the sentence says by itself; at most one a field.

    Args:
        kind: the case kind.
        facts: what is known already (a number tells the kind of right only where none is known).
        text: the sentence, folded to half-width.
        entities: its entities, offsets of ``text``.
        asked: the asked field, whose words need no further mark (a bare date is its answer).
        today: the day in Changchun; days before it are no end of a show.
    """
    found: list[Found] = []
    for field in kind.fields:
        if not _may_hold(field, facts):
            continue
        heard = settled(hear(field, text, entities, field.key == asked, today), text)
        heard = [one for one in heard if field.type != "company" or not _is_shop(kind, one, found)]
        fitting = (one for one in heard if not any(_overlap(one, f) and _excludes(field, kind.field(f.key)) for f in found))
        if (one := next(fitting, None)) is not None:
            found.append(one)
    found = [*found, *_implied_right(kind, facts, found, entities), *_implied_firm(kind, facts, found, text, entities)]
    return _consistent(kind, facts, found)


def _excludes(field: CaseField, other: CaseField) -> bool:
    """Whether the same words cannot tell both: choices share them with anything, a place with the firm that is named after it."""
    return not {field.type, other.type} & set(_CHOSEN) and (field.type, other.type) != ("place", "company")


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _may_hold(field: CaseField, facts: Facts) -> bool:
    """Whether the facts do not speak against the field's condition; what it hangs on may be unknown as yet."""
    return all(key not in facts or facts[key] in values for key, values in field.when.items())


def _consistent(kind: CaseKind, facts: Facts, found: list[Found]) -> list[Found]:
    """The facts with what they imply: a place on the ground is 线下, a telephone told is 留联系方式.

    Those whose condition does not hold are left out.
    """
    found = [f for f in found if not _is_aside(kind, f, found)]
    found = [f for f in found if kind.field(f.key).type != "company" or not _is_shop(kind, f, found)]
    known = {**facts, **{f.key: f.value for f in found}}
    for one in list(found):
        for key, values in kind.field(one.key).when.items():
            if key not in known and len(values) == 1 and kind.field(one.key).type != "name":
                found.append(Found(key, values[0], one.start, one.end))
                known[key] = values[0]
    return [f for f in found if all(known.get(key, values[0]) in values for key, values in kind.field(f.key).when.items())]


def _is_shop(kind: CaseKind, one: Found, found: Sequence[Found]) -> bool:
    """Whether the name is the shop's that stands with its platform already."""
    shop = next((f.value for f in found if kind.field(f.key).listens == "platform"), "")
    seller = shop.partition(" ")[2] or shop
    return bool(shop) and (one.value in shop or seller in one.value)


def _is_aside(kind: CaseKind, one: Found, found: Sequence[Found]) -> bool:
    """网上 in passing (他说网上随便下的), where a place on the ground is told and neither platform nor link."""
    told = [values for f in found if kind.field(f.key).type in ("place", "link") and (values := kind.field(f.key).when.get(one.key))]
    return bool(told) and all(one.value not in values for values in told)


def hear(field: CaseField, text: str, entities: Sequence[Entity], asked: bool, today: date | None = None) -> Iterator[Found]:
    """What the sentence says of one field, the likeliest first."""
    if field.type == "event":
        yield from _events(field, text, entities, asked)
    elif field.type == "booth":
        yield from find_booths(field.key, text, entities, asked)
    elif field.type == "company":
        yield from find_respondents(field.key, text, entities)
    elif field.type == "phone":
        yield from _phones(field, text, entities)
    elif field.type == "number":
        yield from find_numbers(field.key, text, entities)
    elif field.type in ("right", "choice"):
        yield from one_right(field, text, asked)
    elif field.type == "link":
        yield from (Found(field.key, e.value, e.start, e.end) for e in _of(entities, "link"))
    elif field.type == "place" and field.listens == "platform":
        yield from find_platform(field.key, text, entities)
    elif field.type == "place":
        yield from find_places(field.key, text, entities, platform_too=not field.when)
    elif field.type == "date" and asked:
        yield from (Found(field.key, e.value, e.start, e.end) for e in _of(entities, "date"))
    elif field.type == "date":
        yield from find_last_day(field, text, entities, today)
    else:
        yield from _by_words(field, text, entities, asked)


def _events(field: CaseField, text: str, entities: Sequence[Entity], asked: bool) -> Iterator[Found]:
    """The city's own expos by name; another one when its name ends as expos' do (家博会)."""
    known = [Found(field.key, known_event(field, e.value), e.start, e.end) for e in _of(entities, "event")]
    yield from known
    if not known and not asked and (other := _OTHER_EVENT.search(text)):
        yield Found(field.key, other["event"], *other.span("event"))


def _phones(field: CaseField, text: str, entities: Sequence[Entity]) -> Iterator[Found]:
    """Telephones that are not said to be the other side's; seven or eight digits beside 电话 are of Changchun."""
    found = [Found(field.key, e.value, e.start, e.end) for e in _of(entities, "phone") if not _OTHERS_PHONE.search(text[: e.start])]
    for match in _LOCAL_PHONE.finditer(text):
        start, end = match.span("local")
        if not any(start < e.end and e.start < end for e in entities) and not _OTHERS_PHONE.search(text[:start]):
            found.append(Found(field.key, "0431-" + re.sub(r"\D", "", match["local"]), start, end))
    yield from found


def known_event(field: CaseField, value: str) -> str:
    """The expo's name as the choices write it (entities carry it normalised)."""
    return next((c.value for c in field.choices if normalise(c.value) == normalise(value)), value)


def _of(entities: Sequence[Entity], *kinds: str) -> list[Entity]:
    return [e for e in entities if e.kind in kinds]


def _by_words(field: CaseField, text: str, entities: Sequence[Entity], asked: bool) -> Iterator[Found]:
    """Fields in free words; an asked one is answered in whole, so only names and goods are looked for in it."""
    if field.listens == "ticket":
        yield from (Found(field.key, e.value, e.start, e.end) for e in _of(entities, "ticket_number"))
        yield from (Found(field.key, m["number"].upper(), *m.span("number")) for m in _OTHER_TICKET.finditer(text))
        return
    finders: dict[str, Callable[[str], tuple[str, int, int] | None]] = {
        "name": find_name,
        "goods": lambda words: find_goods(words, [*entities, *_traders(words)]),
        **({} if asked else {"quantity": find_amount, "wish": find_wish, "time": find_call_time}),
    }
    finder = finders.get("name" if field.type == "name" else field.listens)
    if finder and (heard := finder(text)):
        yield Found(field.key, *heard)


def _traders(text: str) -> Iterator[Entity]:
    """Firms without a legal form, so that none is taken for goods."""
    return (Entity("company", name, name, start, end) for name, start, end in traders(text))


def _implied_right(kind: CaseKind, facts: Facts, found: Sequence[Found], entities: Sequence[Entity]) -> Iterator[Found]:
    """The kind of right that the fifth figure of a patent number tells (专利申请号标准 ZC 0006-2003)."""
    field = next((f for f in kind.fields if f.type == "right"), None)
    numbers = [f for f in found if kind.field(f.key).type == "number"]
    if not any(f.type == "number" for f in kind.fields):  # the form keeps no number, yet the number tells the right
        numbers = [Found("", e.value, e.start, e.end) for e in _of(entities, "patent_number") if valid_check_digit(e.value)]
    if field is None or not numbers or facts.get(field.key) or any(f.key == field.key for f in found):
        return
    digits = re.sub(r"^(?:ZL|CN)", "", numbers[0].value).split(".")[0]
    told = _KINDS_BY_DIGIT.get(digits[4]) if len(digits) == 12 else None
    if told in [c.value for c in field.choices]:
        yield Found(field.key, str(told), numbers[0].start, numbers[0].end)


def _implied_firm(kind: CaseKind, facts: Facts, found: Sequence[Found], text: str, entities: Sequence[Entity]) -> Iterator[Found]:
    """Who speaks for a firm (我是…公司的) applies as an enterprise."""
    field = next((f for f in kind.fields if f.key == "applicant"), None)
    if field is None or facts.get(field.key) or any(f.key == field.key for f in found):
        return
    if firm := own_firm(text, entities):
        yield Found(field.key, "企业", firm.start, firm.end)

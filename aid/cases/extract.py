"""Facts of a case heard in a free sentence, before any is asked for and beside any that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aid.cases.goods import find_goods
from aid.cases.kinds import CaseField, CaseKind, Facts
from aid.cases.names import find_name
from aid.language.entity import Entity
from aid.language.normalise import normalise

_OUR_BOOTH = re.compile(
    r"(?:我|我们|俺|俺们|咱们?|自己|本公司|我司|我家)(?:的|家的?|公司的?)?(?:展位|展台|摊位|摊)?号?[是在]?\s*$"
)
_OUR_FIRM = re.compile(r"(?:我们?|本人|我司|我公司|我方|我们公司|代表|受|咱们?)(?:是|叫|来自|在|公司是|代表)?\s*$")
_BOOTH_PAIR = re.compile(r"(?<![A-Za-z0-9.-])[A-Za-z]{1,2}\d{0,2}-\d{1,4}(?![A-Za-z0-9-])")
_BARE = r"[A-Za-z]{1,2}\d{1,4}(?![A-Za-z0-9.-]|\s?号?[馆厅])"
_BOOTH_CODE = re.compile(rf"(?<![A-Za-z0-9.-])(?:[A-Za-z]\d{{1,2}} +)?{_BARE}")
_BOOTH_SAID = re.compile(rf"(?<=投诉|举报){_BARE}")
_PLACE_BEFORE = re.compile(r"^.*(?:会上|展上|现场|[馆展]位?里|投诉|举报|那家|对面的?)(?=.{4})")
PLACES = ("district", "market", "platform", "city")
_NUMBER_KINDS = ("patent_number", "trademark_number")
_KINDS_BY_DIGIT = {"1": "发明专利", "8": "发明专利", "2": "实用新型专利", "9": "实用新型专利", "3": "外观设计专利"}


@dataclass(frozen=True, slots=True)
class Found:
    """A fact heard: which field, its value, and where in the text it stands."""

    key: str
    value: str
    start: int
    end: int


def extract(
    kind: CaseKind, facts: Facts, text: str, entities: Sequence[Entity], asked: str | None = None
) -> list[Found]:
    """Every fact of ``kind`` that the sentence says by itself; at most one a field.

    Args:
        kind: the case kind.
        facts: what is known already (a number tells the kind of right only where none is known).
        text: the sentence, folded to half-width.
        entities: its entities, offsets of ``text``.
        asked: the asked field, whose words need no further mark (a bare date is its answer).
    """
    found: list[Found] = []
    for field in kind.asked(facts):
        heard = next(iter(hear(field, text, entities, field.key == asked)), None)
        if heard and not any(heard.start < f.end and f.start < heard.end for f in found):
            found.append(heard)
    return [*found, *_implied_right(kind, facts, found)]


def hear(field: CaseField, text: str, entities: Sequence[Entity], asked: bool) -> Iterator[Found]:
    """What the sentence says of one field, the likeliest first."""
    if field.type == "event":
        yield from (Found(field.key, known_event(field, e.value), e.start, e.end) for e in _of(entities, "event"))
    elif field.type == "booth":
        yield from _booths(field, text, entities, asked)
    elif field.type == "company":
        firms = [e for e in _of(entities, "company") if not _OUR_FIRM.search(text[: e.start])]
        yield from (Found(field.key, _PLACE_BEFORE.sub("", e.value), e.start, e.end) for e in firms)
    elif field.type == "phone":
        yield from (Found(field.key, e.value, e.start, e.end) for e in _of(entities, "phone"))
    elif field.type == "number":
        yield from (Found(field.key, e.value, e.start, e.end) for e in _of(entities, *_NUMBER_KINDS))
    elif field.type in ("right", "choice"):
        yield from one_right(field, text, asked)
    elif field.type == "link":
        yield from (Found(field.key, e.value, e.start, e.end) for e in _of(entities, "link"))
    elif field.type == "place":
        yield from _places(field, text, entities)
    elif field.type == "date":
        near = asked or any(word in text for word in field.near)
        yield from (Found(field.key, e.value, e.start, e.end) for e in _of(entities, "date") if near)
    else:
        yield from _by_words(field, text)


def _places(field: CaseField, text: str, entities: Sequence[Entity]) -> Iterator[Found]:
    """Districts, markets and platforms that stand side by side, as one place: 二道区远东批发市场."""
    named = sorted(_of(entities, *PLACES), key=lambda e: e.start)
    if not named:
        return
    last = named[0]
    for entity in named[1:]:
        if len(text[last.end : entity.start].strip(" 的,，、市")) > 0:
            break
        last = entity
    yield Found(field.key, text[named[0].start : last.end].strip(), named[0].start, last.end)


def _booths(field: CaseField, text: str, entities: Sequence[Entity], asked: bool) -> Iterator[Found]:
    """Booths that are not the speaker's own; bare codes (A3-08, D15) where the words leave no doubt."""
    found = [Found(field.key, e.value, e.start, e.end) for e in _of(entities, "booth")]
    for pattern in (_BOOTH_PAIR, _BOOTH_CODE if asked else _BOOTH_SAID):
        for match in pattern.finditer(text):
            if not any(match.start() < f.end and f.start < match.end() for f in found):
                found.append(Found(field.key, match[0].upper(), *match.span()))
    yield from (f for f in found if not _OUR_BOOTH.search(text[: f.start]))


def rights_in(field: CaseField, text: str, asked: bool) -> list[Found]:
    """The choices whose words stand in the sentence, longest word first, none inside another."""
    words = [(w, c.value) for c in field.choices for w in (c.value, *c.also, *(c.when_asked if asked else ()))]
    if asked:
        words += [(c.label, c.value) for c in field.choices if c.label]
    found: list[Found] = []
    for word, value in sorted(words, key=lambda pair: -len(pair[0])):
        for match in re.finditer(re.escape(word), text):
            if not any(match.start() < f.end and f.start < match.end() for f in found):
                found.append(Found(field.key, value, *match.span()))
    return sorted(found, key=lambda f: f.start)


def one_right(field: CaseField, text: str, asked: bool) -> Iterator[Found]:
    """The kind of right, when the sentence names exactly one that it does not deny."""
    rights = [f for f in rights_in(field, text, asked) if not re.search(r"(?:不是|没有|并非)\s*$", text[: f.start])]
    if len({f.value for f in rights}) == 1:
        yield rights[0]


def known_event(field: CaseField, value: str) -> str:
    """The expo's name as the choices write it (entities carry it normalised)."""
    return next((c.value for c in field.choices if normalise(c.value) == normalise(value)), value)


def _of(entities: Sequence[Entity], *kinds: str) -> list[Entity]:
    return [e for e in entities if e.kind in kinds]


def _by_words(field: CaseField, text: str) -> Iterator[Found]:
    finders: dict[bool, Callable[[str], tuple[str, int, int] | None]] = {
        field.type == "name": find_name,
        field.listens == "goods": find_goods,
    }
    if (finder := finders.get(True)) and (heard := finder(text)):
        yield Found(field.key, *heard)


def _implied_right(kind: CaseKind, facts: Facts, found: Sequence[Found]) -> Iterator[Found]:
    """The kind of right that the fifth figure of a patent number tells (专利申请号标准 ZC 0006-2003)."""
    field = next((f for f in kind.fields if f.type == "right"), None)
    number = next((f for f in found if kind.field(f.key).type == "number"), None)
    if field is None or number is None or facts.get(field.key) or any(f.key == field.key for f in found):
        return
    digits = re.sub(r"^(?:ZL|CN)", "", number.value).split(".")[0]
    told = _KINDS_BY_DIGIT.get(digits[4]) if len(digits) == 12 else None
    if told in [c.value for c in field.choices]:
        yield Found(field.key, str(told), number.start, number.end)

"""Where a case lies: from what a person says of the place to markets, districts, partner cities, or another part of the country."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aid.cases.tables import PartnerCity, PlaceNames, Where
from aid.language.normalise import normalise
from aid.language.words import ProjectWords


@dataclass(frozen=True, slots=True)
class Place:
    """What was named. ``city``: the partner city, where it lies in one. Nothing named counts as Changchun."""

    where: Where = "changchun"
    city: PartnerCity | None = None
    market: str = ""
    districts: frozenset[str] = frozenset()
    online: bool = False


class Places:
    """Knows places by the project's words and by ``knowledge/places.yml``. Pure."""

    def __init__(self, names: PlaceNames, words: ProjectWords) -> None:
        self._names, self._words = names, words
        self._when_asked = {normalise(district): also for district, also in names.when_asked.items()}
        self._not_before = f"(?!{'|'.join(map(re.escape, sorted(names.not_before, key=len, reverse=True)))})"
        self._never = re.compile("|".join(map(re.escape, sorted(names.never, key=len, reverse=True)))) if names.never else None
        self._outside: list[tuple[Where, PartnerCity | None, tuple[str, ...]]] = [
            *(("partner", city, tuple(city.names)) for city in names.partners),
            ("province", None, tuple(names.province)),
            ("elsewhere", None, tuple(names.elsewhere)),
        ]

    def of_answer(self, said: str) -> Place:
        """The place in an answer to the question where it is (``二道区远东批发三楼``, ``吉林市船营区``)."""
        text = self._bare(said)
        market = self._longest("market", text)
        districts = self._districts(text, asked=True)
        outside = next(((where, city) for where, city, names in self._outside if self._any(names, text)), None)
        local = bool(market) or self._any(self._names.local, text) or any(name not in self._names.shared for name in districts.values())
        online = bool(self._longest("platform", text)) or any(word in text for word in self._names.online)
        if outside is None or local:
            return Place(market=market, districts=frozenset(districts), online=online)
        return Place(outside[0], outside[1], online=online)

    def of_story(self, said: str) -> Place:
        """A place outside Changchun that a story plainly speaks of (``在四平买的``); the origin of goods (``四平的酱菜``) is none."""
        text = self._bare(said)
        if self._any(self._names.local, text) or self._longest("market", text) or self._districts(text, asked=False):
            return Place()
        at = f"(?:{'|'.join(map(re.escape, self._names.at))})"
        there = f"(?:{'|'.join(map(re.escape, self._names.there))})"
        for where, city, names in self._outside:
            named = f"(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))}){self._not_before}"
            if re.search(f"{at}{named}|{named}{there}", text):
                return Place(where, city)
        return Place()

    def _bare(self, said: str) -> str:
        """Without the longer words in which a place's name stands by chance (吉林市场)."""
        text = normalise(said)
        return self._never.sub("＿", text) if self._never else text

    def _any(self, names: Iterable[str], text: str) -> bool:
        return any(re.search(re.escape(name) + self._not_before, text) for name in names)

    def _districts(self, text: str, asked: bool) -> dict[str, str]:
        """Each district named, with the name that was used; a name inside a longer one (高新区 in 净月高新区) does not count."""
        words = self._words.of_kind("district")
        meant = {name: word.value for word in words for name in word.names}
        if asked:
            meant.update({name: word.value for word in words for name in self._when_asked.get(word.value, [])})
        names = "|".join(map(re.escape, sorted(meant, key=len, reverse=True)))
        return {meant[found[1]]: found[1] for found in re.finditer(f"({names}){self._not_before}", text)} if names else {}

    def _longest(self, kind: str, text: str) -> str:
        lower = text.lower()
        found = [(len(name), word.value) for word in self._words.of_kind(kind) for name in word.names if name.lower() in lower]
        return max(found, default=(0, ""))[1]

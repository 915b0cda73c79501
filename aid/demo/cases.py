"""Invented cases: when, of what kind, at which door, with which facts. Pure: the same seed gives the same cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from aid.cases.calendar import WorkingDays
from aid.cases.kinds import CaseKind, Facts
from aid.cases.tables import Expo
from aid.clock import CHANGCHUN
from aid.demo.words import DemoWords

YEAR = timedelta(days=365)
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Invented:
    """A case before it is filed: ``at`` is when it was confirmed; ``event`` the expo's code of a kiosk."""

    at: datetime
    kind: str
    door: str
    event: str | None
    facts: Facts


def pick(random: Random, weights: Mapping[str, int]) -> str:
    """One of them, by weight."""
    return random.choices(list(weights), list(weights.values()))[0]


class Inventor:
    """Invents cases that are filed between ``now`` minus a year and ``now``."""

    def __init__(
        self, words: DemoWords, kinds: dict[str, CaseKind], expos: list[Expo], calendar: WorkingDays, now: datetime, random: Random
    ) -> None:
        """``expos``: with the days of the invented year."""
        self._words, self._kinds, self._calendar, self._random = words, kinds, calendar, random
        self._now, self._first = now, (now - YEAR).date() + timedelta(days=1)
        self._expos = {expo.code: expo for expo in expos}
        days = [self._first + timedelta(days=n) for n in range(365)]
        self._days = {day: 10 if calendar.is_working_day(day) else 3 for day in days}
        self._shows = {code: [day for day in days if expo.dates and expo.dates.hold(day)] for code, expo in self._expos.items()}

    def cases(self, many: int) -> list[Invented]:
        """So many cases, the oldest first."""
        days = self._random.choices(list(self._days), list(self._days.values()), k=many)
        return sorted((self._case(day) for day in days), key=lambda case: case.at)

    def moment(self, day: date) -> datetime:
        """A moment of the day at which people write; never one to come."""
        hour = self._random.choices(range(7, 23), [1, 3, 8, 10, 9, 4, 5, 9, 10, 9, 6, 3, 3, 3, 2, 1])[0]
        at = datetime.combine(day, time(hour, self._random.randrange(60), self._random.randrange(60)), CHANGCHUN)
        return at if at < self._now else self._now - timedelta(minutes=self._random.randrange(5, 300))

    def _case(self, day: date) -> Invented:
        kind = pick(self._random, self._words.kinds)
        door, event = pick(self._random, self._words.doors), ""
        if kind == "expo_complaint" or door == "kiosk":
            shows = {code: len(days) for code, days in self._shows.items() if days}
            event = pick(self._random, shows) if shows else next(iter(self._expos))
            day = self._random.choice(self._shows[event]) if shows and self._random.random() < 0.9 else day
        at = self.moment(day)
        return Invented(at, kind, door, event if door == "kiosk" else None, self._facts(self._kinds[kind], event, at.date()))

    def _facts(self, kind: CaseKind, event: str, day: date) -> Facts:
        """An answer to each question that the form asks, in its order; now and then one that may be skipped is."""
        facts: Facts = {}
        goods = self._goods(kind.kind, event)
        firm = self._firm()
        while (field := kind.next_field(facts)) is not None:
            skipped = field.optional and self._random.random() < 0.4
            facts[field.key] = "" if skipped else self._value(kind, field.key, field.type, [c.value for c in field.choices], goods, firm, event, day)
        if facts.get("right_number"):
            facts["right_number#mark"] = "unchecked"
        return facts

    def _value(
        self, kind: CaseKind, key: str, type_: str, choices: list[str], goods: str, firm: str, event: str, day: date
    ) -> str:
        random, words = self._random, self._words
        if key == "right_kind":
            weights = words.patents if kind.kind == "adjudication_request" else words.matters
            return pick(random, {name: many for name, many in weights.items() if name in choices})
        match type_:
            case "event":
                return self._expos[event].name if event in self._expos else next(iter(self._expos.values())).name
            case "booth":
                return f"{random.choice(words.halls)}{random.choice('ABCD')}{random.randrange(1, 80):02}"
            case "company":
                return firm
            case "number":
                return f"2023{random.randrange(1, 4)}{random.randrange(10**7):07}"
            case "date":
                return (day + timedelta(days=random.randrange(3))).isoformat()
            case "consent":
                return "yes"
            case "name":
                return f"{random.choice(words.surnames)}例{random.choice('一二三四五六七八九')}"
            case "phone":
                return self.phone()
            case "choice":
                return random.choice(choices[:2] if random.random() < 0.8 else choices)
            case "link":
                return f"https://shop.example/{random.randrange(10**6)}"
            case "place":
                return self._place(key)
        return self._words_for(key, goods, firm)

    def _words_for(self, key: str, goods: str, firm: str) -> str:
        random, words = self._random, self._words
        if key == "exhibit":
            return goods
        if key == "story":
            return random.choice(words.stories).format(goods=goods, firm=firm)
        if key == "question":
            return random.choice(words.questions)
        if key == "sought":
            return random.choice(words.sought)
        if key == "call_time":
            return random.choice(("上午", "下午", "都方便"))
        return f"{random.randrange(2, 90)}件" if key == "quantity" else ""

    def _place(self, key: str) -> str:
        words, random = self._words, self._random
        if key == "platform":
            return f"{random.choice(words.platforms)}，演示{random.choice(words.firm_parts)}店"
        district = random.choice(words.districts)
        return f"{district}{random.choice(words.markets)}" if random.random() < 0.3 else district

    def _goods(self, kind: str, event: str) -> str:
        lists = self._words.goods
        if event:
            return self._random.choice(lists[event])
        names = ["market"] if kind == "infringement_report" and self._random.random() < 0.7 else [*lists]
        return self._random.choice(lists[self._random.choice(names)])

    def _firm(self) -> str:
        return f"演示{self._random.choice(self._words.firm_parts)}{self._random.choice(self._words.firm_kinds)}"

    def phone(self) -> str:
        """One of the telephones that the tests use: nobody's."""
        return f"13900007{self._random.randrange(1000):03}" if self._random.random() < 0.5 else f"0431-5550{self._random.randrange(10**4):04}"

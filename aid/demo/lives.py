"""Invented lives of cases: what staff and the person did, when, up to the present. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from aid.cases.calendar import ONE_DAY, WorkingDays
from aid.cases.life import PERSON, SYSTEM, Actor, EventKind
from aid.cases.routing import Route
from aid.clock import CHANGCHUN
from aid.demo.cases import Invented
from aid.demo.words import DemoWords


class Event(NamedTuple):
    """A line of a log."""

    kind: EventKind
    at: datetime
    actor: Actor
    detail: dict[str, str]


class Lives:
    """Tells a case's life. ``label`` names a center; ``centers`` are those to which a case may be handed, ``on_site`` the expos' stations."""

    def __init__(
        self, words: DemoWords, calendar: WorkingDays, centers: list[str], on_site: Collection[str], label: Callable[[str], str], now: datetime,
        random: Random,
    ) -> None:  # fmt: skip
        self._on_site = frozenset(on_site)
        self._words, self._calendar, self._centers, self._label = words, calendar, centers, label
        self._now, self._random = now, random

    def life(self, case: Invented, route: Route, inbound_id: str) -> list[Event]:
        """The whole log up to the present; a case of the last days is still open."""
        routed = {"rule": route.rule, "receiver": route.receiver, **({"referral": route.referral} if route.referral else {})}
        log = [Event("received", case.at, SYSTEM, {"inbound": inbound_id}), Event("routed", case.at, SYSTEM, routed)]
        if route.receiver in self._on_site and self._random.random() < 0.8:
            self._at_the_expo(log, case)
        else:
            self._begin(log, case, route)
        return [event for event in log if event.at <= self._now]

    def _at_the_expo(self, log: list[Event], case: Invented) -> None:
        """The station goes to the booth within the hour, on any day; most cases are settled before the hall closes."""
        random, handler, at = self._random, self._staff("handler"), case.at
        for kind in ("contacted", "accepted", "started"):
            at += timedelta(minutes=random.uniform(4, 25))
            log.append(Event(kind, at, handler, {}))
        if random.random() < 0.7:
            outcome = random.choice(self._words.log.on_site)
            log.append(Event("concluded", at + timedelta(minutes=random.uniform(20, 150)), handler, {"outcome": outcome}))
        else:
            self._end(log, case, handler)

    def _begin(self, log: list[Event], case: Invented, route: Route) -> None:
        random, say = self._random, self._words.log
        if random.random() < 0.03:
            log.append(Event("withdrawn", case.at + timedelta(hours=random.uniform(1, 40)), PERSON, {}))
            return
        desk, handler = self._staff("intake"), self._staff("handler")
        late = random.random() < 0.05
        # What comes in the evening or on a day off is taken up on the next working day, which is the last day in time.
        in_hours = self._calendar.is_working_day(case.at.date()) and case.at.hour < 16
        at = self._work(case.at, random.randrange(2, 6) if late else random.randrange(2) if in_hours else 0)
        if random.random() < 0.06:
            to = random.choice([center for center in self._centers if center != route.receiver])
            log.append(Event("transferred", self._work(case.at, 0), desk, {"receiver": to, "reason": say.transferred.format(center=self._label(to))}))
            at = max(at, log[-1].at + timedelta(hours=1))
        log.append(Event("contacted", at, desk, {}))
        if random.random() < 0.04:
            log.append(Event("not_accepted", self._work(at, 1), handler, {"reason": say.not_accepted}))
            return
        if random.random() < 0.08:
            log.append(Event("returned", self._work(at, 1), desk, {"missing": say.returned}))
            log.append(Event("supplemented", self._work(log[-1].at, random.randrange(1, 7)), PERSON, {"text": say.supplemented}))
        wait = random.randrange(16, 24) if case.kind == "aid_application" and late else random.randrange(1, 4)
        log.append(Event("accepted", self._work(log[-1].at, wait), desk, {}))
        self._handle(log, case, handler)

    def _handle(self, log: list[Event], case: Invented, handler: Actor) -> None:
        random, say = self._random, self._words.log
        if case.kind == "infringement_report" and random.random() < 0.35:
            log.append(Event("referred", self._work(log[-1].at, 1), handler, {"to": say.referred_to, "reason": say.referred}))
        log.append(Event("started", self._work(log[-1].at, 1), handler, {}))
        if random.random() < 0.4:
            log.append(Event("noted", self._work(log[-1].at, 0), handler, {"text": say.noted}))
        self._end(log, case, handler)
        if random.random() < 0.35:
            score = random.choices(("satisfied", "fair", "unsatisfied"), (78, 16, 6))[0]
            log.append(Event("rated", log[-1].at + timedelta(hours=random.uniform(1, 70)), PERSON, {"score": score}))
        if random.random() < 0.01:
            log.append(Event("reopened", log[-1].at + timedelta(days=random.uniform(2, 20)), PERSON, {"reason": say.reopened}))
            self._end(log, case, handler)

    def _end(self, log: list[Event], case: Invented, handler: Actor) -> None:
        random, say = self._random, self._words.log
        if case.kind == "mediation_request" and random.random() < 0.8:
            log.append(Event("mediated", self._work(log[-1].at, random.randrange(4, 28)), handler, {"outcome": random.choice(say.mediated)}))
            return
        quick = case.kind in ("consultation_callback", "service_complaint")
        days = random.randrange(3) if quick else random.randrange(3, 40)
        log.append(Event("concluded", self._work(log[-1].at, days), handler, {"outcome": random.choice(say.concluded)}))

    def _work(self, after: datetime, working_days: int) -> datetime:
        """A moment in working hours, so many working days later, after ``after``."""
        day: date = after.date()
        while not self._calendar.is_working_day(day):
            day += ONE_DAY
        for _ in range(working_days):
            day = self._calendar.after(day, 1).day
        opens, closes = (datetime.combine(day, time(hour), CHANGCHUN) for hour in (9, 17))
        first = max(opens, after + timedelta(minutes=5))
        if first >= closes:
            return self._work(datetime.combine(day + ONE_DAY, time(8), CHANGCHUN), 0)
        return (first + (closes - first) * self._random.random()).replace(microsecond=0) + timedelta(seconds=1)

    def _staff(self, role: str) -> Actor:
        if role == "intake":
            return Actor("intake", f"{self._words.staff.intake}{self._random.randrange(1, 4)}")
        return Actor("handler", f"{self._words.staff.handler}{self._random.randrange(1, 9)}")

"""What the pages of reports share: what an address asks for, whose figures a person may have, and which cases stand behind one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Self, get_args

from aid.clock import today
from aid.people.errors import NotAllowed
from aid.people.rights import Action, reached
from aid.reports.errors import UnknownPeriod
from aid.reports.periods import Drill, Narrow, Period, read_period, spanning
from aid.reports.report import BEHIND, Report, Reports
from aid.reports.words import PeriodKind
from console.gate import Visit

UNKNOWN = "-"
"""Stands in an address for what is not known: cases without a matter, say."""
MOST_SAID = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """The form of the page, as it stands in the address; empty where nothing is said. ``expo`` narrows, or with ``what=event`` gives the days."""

    what: str = "month"
    day: str = ""
    month: str = ""
    year: str = ""
    since: str = ""
    until: str = ""
    center: str = ""
    matter: str = ""
    kind: str = ""
    door: str = ""
    expo: str = ""

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """From the address; what is no field of the form counts for nothing."""
        said = {name: parameters.get(name, "").strip()[:MOST_SAID] for name in cls.__dataclass_fields__}
        return cls(**{name: value for name, value in said.items() if value})

    def query(self, **changes: str) -> dict[str, str]:
        """The parameters of its address, without what is empty and what the kind of period does not ask for."""
        told = asdict(replace(self, **changes))
        unused = {"day", "month", "year", "since", "until"} - ({"since", "until"} if told["what"] == "span" else {told["what"]})
        return {name: value for name, value in told.items() if value and name not in unused}

    def period(self, reports: Reports, now: date) -> Period:
        """The days that are meant.

        Raises:
            UnknownPeriod: there are none such.
        """
        if self.what == "event":
            return reports.event_period(self.expo)
        kind: PeriodKind | None = next((kind for kind in get_args(PeriodKind) if kind == self.what), None)
        if kind is None:
            raise UnknownPeriod(f"{self.what} is no kind of period")
        said = {"day": self.day, "month": self.month, "year": self.year, "span": f"{self.since}..{self.until or now}"}
        return read_period(kind, said[kind], now)

    def settled(self, made: Report) -> Self:
        """The same with what was left open filled in by the report that was made of it."""
        return replace(self, **days_of(made.period), center=said(made.narrow.center))

    def narrow(self, center: str | None) -> Narrow:
        """What the report is narrowed to, with the center that was decided upon."""
        said = {"matter": self.matter, "kind": self.kind, "door": self.door, "event": self.expo}
        return Narrow(center=center, **{name: "" if value == UNKNOWN else value for name, value in said.items() if value})


def days_of(period: Period) -> dict[str, str]:
    """The days of a period as they stand in an address; none of an expo's, which are known by its code."""
    if period.kind == "span":
        return {"since": f"{period.first}", "until": f"{period.last}"}
    known = {"day": f"{period.first}", "month": f"{period.first:%Y-%m}", "year": f"{period.first.year}"}
    return {period.kind: known[period.kind]} if period.kind in known else {}


def said(center: str | None) -> str:
    """A center as it stands in an address."""
    return UNKNOWN if center == "" else center or ""


def center_of(visit: Visit, action: Action, asked: str) -> str | None:
    """The center whose figures are given: the one that is asked for, where he may have it; ``None`` is all of them together.

    Who is bound to centers gets the first of his when he asks for none.

    Raises:
        NotAllowed: it is none of his.
    """
    centers = reached(visit.person, action).receivers
    if centers is None:
        return None if not asked else "" if asked == UNKNOWN else asked
    mine = [center.id for center in visit.desk.centers.centers if center.id in centers]
    if not mine or (asked and asked not in mine):
        raise NotAllowed(f"{action} is not allowed here")
    return asked or mine[0]


def made_of(visit: Visit, action: Action, asked: Asked) -> Report:
    """The report that is asked for.

    Raises:
        NotAllowed: it is another center's.
        UnknownPeriod, UnknownFilter: there is no such period, center, kind or expo.
        StoreUnavailable
    """
    reports, center = visit.desk.reports, center_of(visit, action, asked.center)
    return reports.make(asked.period(reports, today(visit.desk.clock)), asked.narrow(center))


@dataclass(frozen=True, slots=True)
class Behind:
    """The cases behind a figure of a report, and in words which figure it is. ``back``: parameters of the report's address."""

    drill: Drill
    label: str
    means: str
    period: str
    narrowed: str
    numbers: list[str]
    back: dict[str, str]


def behind(visit: Visit, parameters: Mapping[str, str]) -> Behind | None:
    """What an address of the queue asks for with ``figure``; ``None`` where it does not.

    Raises:
        NotAllowed: he may not have the figures of this center.
        UnknownPeriod, UnknownFilter: there is no such figure, day, center, kind or expo.
        StoreUnavailable
    """
    if not parameters.get("figure"):
        return None
    reports, center = visit.desk.reports, center_of(visit, "report.see", parameters.get("center", ""))
    drill = Drill.read(parameters)
    if center is not None:
        drill = replace(drill, narrow=drill.narrow.also("center", center))
    numbers, words = reports.numbers(drill), reports.words
    period = spanning(drill.first, drill.last)
    told = {name: value for name, value in drill.parameters().items() if name not in ("figure", "since", "until")}
    columns = {str(name): label for name, label in words.columns.items()}
    figure = next((told for name, told in words.figures.items() if name == drill.figure), None)
    return Behind(
        drill=drill,
        label=columns.get(BEHIND[drill.figure]) or (figure.label if figure else drill.figure),
        means=figure.means if figure else "",
        period=period.named(words),
        narrowed=reports.narrowed(drill.narrow),
        numbers=numbers,
        back={"what": period.kind, **days_of(period), **told},
    )

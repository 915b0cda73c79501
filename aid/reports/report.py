"""The report: figures and tables of a period, each with the way to the cases behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aid.cases.calendar import WorkingDays
from aid.cases.deadlines import FIRST_CONTACT, Deadlines, load_deadlines
from aid.cases.kinds import CaseKind, load_kinds
from aid.cases.routing import Router, load_router
from aid.cases.tables import Center, Expo, load_tables
from aid.clock import Clock, today
from aid.demo.mark import is_demo
from aid.privacy.vault import Vault
from aid.reports.cases import OTHER_EVENT, CaseLines
from aid.reports.count import DIMENSIONS, Counting, Counts
from aid.reports.errors import UnknownFilter, UnknownPeriod
from aid.reports.on_time import Judge
from aid.reports.periods import Drill, Narrow, Period, year
from aid.reports.talks import TalkTally
from aid.reports.words import Column, Dimension, FigureId, ReportWords, load_report_words
from aid.settings import Settings
from aid.store.engine import Store

CASE_COLUMNS: tuple[Column, ...] = ("received", "cases", "aid", "mediation", "concluded", "judged", "on_time", "rated", "satisfied")
TALK_COLUMNS: tuple[Column, ...] = ("answered", "reached")
RATES: dict[FigureId, tuple[str, str]] = {
    "on_time": ("on_time", "judged"), "satisfaction": ("satisfied", "rated"), "solved": ("solved", "answers_rated"),
}  # fmt: skip
"""Figures that are a share: the mark that is counted, and the one that it is a share of."""
COUNTED: tuple[FigureId, ...] = ("received", "cases", "aid", "mediation", "concluded", "late")
BEHIND: dict[str, str] = {**{name: name for name in (*CASE_COLUMNS, "late")}, "satisfaction": "satisfied"}
"""Figures and columns behind which there are cases: the mark under which these count."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure; of a share ``whole`` is what it is a share of. ``drill``: the cases behind it; ``None``: there are none (talks)."""

    id: FigureId
    label: str
    unit: str
    means: str
    value: int
    whole: int | None
    drill: Drill | None

    @property
    def shown(self) -> str:
        """``1316``; of a share ``93.5%``, and ``-`` of nothing."""
        if self.whole is None:
            return str(self.value)
        return f"{100 * self.value / self.whole:.1f}%" if self.whole else "-"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: of one center, matter, kind, door, event, day or month. ``key`` is empty where none is known."""

    key: str
    label: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A table; the sum of a column is the report's figure."""

    dimension: Dimension
    label: str
    columns: Sequence[Column]
    lines: Sequence[Line]

    def total(self, column: str) -> int:
        """The sum of a column."""
        return sum(line.counts.get(column, 0) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of a period. ``entries``: ids of the entries that answered most, with how often."""

    period: Period
    narrow: Narrow
    name: str
    narrowed: str
    made_at: datetime
    is_demo: bool
    sentence: str
    figures: Mapping[FigureId, Figure]
    tables: Mapping[Dimension, Breakdown]
    entries: Sequence[tuple[str, int]]

    def drill(self, column: str, dimension: Dimension, key: str) -> Drill | None:
        """The cases behind a cell; ``None`` where there are none."""
        if column not in BEHIND:
            return None
        if dimension not in ("day", "month"):
            return Drill(column, self.period.first, self.period.last, self.narrow.also(dimension, key))
        first, last = span_of(key)
        return Drill(column, max(first, self.period.first), min(last, self.period.last), self.narrow)


class Reports:
    """Makes reports; every method may raise ``StoreUnavailable``. ``answers``: kinds of event that are a first contact; ``expos``: all known."""

    def __init__(
        self, store: Store, vault: Vault, clock: Clock, words: ReportWords, kinds: dict[str, CaseKind], router: Router,
        deadlines: Deadlines, centers: Sequence[Center], expos: Sequence[Expo],
    ) -> None:  # fmt: skip
        self._store, self._clock, self.words, self._kinds, self.expos = store, clock, words, kinds, expos
        self._deadlines, self._expos, self._centers = deadlines, {expo.code: expo for expo in expos}, _center_labels(centers, words)
        rules = [rule for kind in kinds.values() for rule in deadlines.rules_of(kind)]
        self.answers = frozenset(event for rule in rules if rule.id == FIRST_CONTACT for event in rule.met_by)
        self._lines, self._tally = CaseLines(store, vault, router, self.answers), TalkTally(store, vault)

    def refresh(self) -> None:
        """Read what happened since the last report. ``make`` does so; whoever deletes talks should before."""
        self._lines.refresh()
        self._tally.refresh()

    def make(self, period: Period, narrow: Narrow | None = None) -> Report:
        """The report of a period. Raises ``UnknownFilter``."""
        narrow = narrow or Narrow()
        self._check(narrow)
        self.refresh()
        counts = Counts()
        with self._store.reading() as session:
            counting = Counting(session, period, narrow, self._judge(), self.words.case_kinds)
            counting.cases(counts)
            counting.talks(counts)
            demo = is_demo(session)
        name, figures = period.named(self.words), self._figures(counts, period, narrow)
        tables = {d: self._table(d, counts, period) for d in (*DIMENSIONS, period.step) if d not in narrow.given()}
        return Report(
            period, narrow, name, self.narrowed(narrow), self._clock.now(), demo, self._sentence(name, figures, narrow), figures, tables,
            sorted(counts.entries.items(), key=lambda pair: (-pair[1], pair[0])),
        )  # fmt: skip

    def numbers(self, drill: Drill) -> list[str]:
        """Numbers of the tickets behind a figure or a cell.

        Raises:
            UnknownFilter: there is no such figure, or no cases are behind it.
        """
        if drill.figure not in BEHIND:
            raise UnknownFilter(f"there are no cases behind {drill.figure}; there are behind {', '.join(BEHIND)}")
        self._check(drill.narrow)
        self.refresh()
        with self._store.reading() as session:
            period = Period("span", drill.first, drill.last)
            return Counting(session, period, drill.narrow, self._judge(), self.words.case_kinds).numbers(BEHIND[drill.figure])

    def event_period(self, code: str, day: date | None = None) -> Period:
        """The days of an expo, or one of them; while its days are not known, the present year.

        Raises:
            UnknownPeriod: there is no such expo.
        """
        expo = self._expos.get(code)
        if expo is None:
            raise UnknownPeriod(f"there is no expo {code}; there are {', '.join(self._expos)}")
        if day is not None:
            return Period("day", day, day)
        if expo.dates is None:
            whole = year(today(self._clock).year)
            return Period("event", whole.first, whole.last, expo.name)
        return Period("event", expo.dates.from_, expo.dates.until, expo.name)

    def label(self, dimension: str, key: str) -> str:
        """How a row or a filter is called."""
        if not key:
            return self.words.unknown
        if dimension == "event":
            return self._expos[key].name if key in self._expos else self.words.other_event if key == OTHER_EVENT else key
        if dimension == "kind" and key in self._kinds:
            return self._kinds[key].label
        return {"center": self._centers, "door": self.words.doors}.get(dimension, {}).get(key, key)

    def narrowed(self, narrow: Narrow) -> str:
        """What a report is narrowed to, as people read it; empty when it is not."""
        told = [self.label(dimension, key) for dimension, key in narrow.given().items()]
        return self.words.narrowed.format(what="、".join(told)) if told else ""

    def _judge(self) -> Judge:
        return Judge(self._kinds, self._deadlines, self.words.clocks, today(self._clock))

    def _check(self, narrow: Narrow) -> None:
        known: dict[str, list[str]] = {"center": [*self._centers], "kind": [*self._kinds], "event": [*self._expos, OTHER_EVENT]}
        for dimension, value in narrow.given().items():
            if value and dimension in known and value not in known[dimension]:
                raise UnknownFilter(f"there is no {dimension} {value}; there are {', '.join(known[dimension])}")

    def _figures(self, counts: Counts, period: Period, narrow: Narrow) -> dict[FigureId, Figure]:
        found: dict[FigureId, Figure] = {}
        with_talks = not {*narrow.given()} - {"door", "event"}
        for name, words in self.words.figures.items():
            if name in (*TALK_COLUMNS, "solved") and not with_talks:
                continue
            part, whole = RATES.get(name, (name, ""))
            drill = Drill(name, period.first, period.last, narrow) if name in BEHIND else None
            found[name] = Figure(
                name, words.label, words.unit, words.means, counts.total[part], counts.total[whole] if whole else None, drill
            )
        return found

    def _table(self, dimension: Dimension, counts: Counts, period: Period) -> Breakdown:
        by = counts.by[dimension]
        in_order = list(self._kinds) if dimension == "kind" else list(self._centers) if dimension == "center" else []
        if dimension == period.step:
            keys = period.steps()
        else:
            keys = [*(key for key in in_order if key in by), *sorted({*by} - {*in_order}, key=lambda key: (not key, -by[key]["received"], key))]
        talks = dimension in ("door", "event", period.step)
        lines = [Line(key, self.label(dimension, key), dict(by.get(key, Counter()))) for key in keys]
        return Breakdown(dimension, self.words.dimensions[dimension], [*CASE_COLUMNS, *(TALK_COLUMNS if talks else ())], lines)

    def _sentence(self, name: str, figures: Mapping[FigureId, Figure], narrow: Narrow) -> str:
        values: dict[str, str | int] = {"period": name}
        values.update((key, figure.value) for key, figure in figures.items())
        frame = self.words.outreach_at_expo if narrow.event else self.words.outreach
        return self.words.sentence.format(**values) + (frame.format(**values) if "reached" in figures else "")


def open_reports(settings: Settings, store: Store, vault: Vault, clock: Clock) -> Reports:
    """The reports over the tables of ``settings.knowledge_dir``. Raises ``KnowledgeError``."""
    folder = settings.knowledge_dir
    tables, deadlines = load_tables(folder), load_deadlines(folder, WorkingDays.load(folder))
    words, kinds, router = load_report_words(folder), load_kinds(folder), load_router(folder)
    return Reports(store, vault, clock, words, kinds, router, deadlines, tables.centers.centers, tables.expos.events)


def span_of(key: str) -> tuple[date, date]:
    """First and last day of a table's day (``2026-11-30``) or month (``2026-11``)."""
    if len(key) == len("2026-11-30"):
        return date.fromisoformat(key), date.fromisoformat(key)
    first = date.fromisoformat(f"{key}-01")
    later = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, date.fromordinal(later.toordinal() - 1)


def _center_labels(centers: Sequence[Center], words: ReportWords) -> dict[str, str]:
    """What staff call each center: its name, else what it does; with the figure of its id (demonstration-2) where two do the same."""
    called = {center.id: center.name or words.centers[center.role].format(task=center.task) for center in centers}
    twice = {label for label, many in Counter(called.values()).items() if many > 1}
    return {id_: f"{label}{id_.rpartition('-')[2]}" if label in twice else label for id_, label in called.items()}

"""Which charts a report has."""

from __future__ import annotations

from collections.abc import Iterator

from aid.clock import CHANGCHUN
from aid.reports.bulletin import Bulletin
from aid.reports.charts import Chart
from aid.reports.report import Breakdown, Report
from aid.reports.words import Column, ReportWords

MOST_BARS = 15
SERIES: dict[str, tuple[Column, ...]] = {
    "kind": ("received",), "matter": ("received",), "center": ("received", "concluded"), "door": ("received",), "event": ("received",),
}  # fmt: skip
"""The columns that are drawn, by dimension; the course of time shows what came and what was concluded."""


def charts_of(report: Report, words: ReportWords) -> list[Chart]:
    """The charts: the course first. One of which every value is zero is left out; its table is there."""
    now = report.made_at.astimezone(CHANGCHUN).date().isoformat()
    return [chart for table in _in_order(report) if (chart := _chart(table, words, now)) is not None]


def bulletin_charts_of(bulletin: Bulletin, words: ReportWords) -> list[Chart]:
    """The charts of an expo's day: what came by matter and by hall; none of a day on which nothing came."""
    tables = [(name, table[:MOST_BARS]) for name, table in (("matters", bulletin.matters), ("halls", bulletin.halls)) if table]
    return [
        drawn(name, "bars", words.charts[name], [words.bulletin.received], [(label, [counts[0]]) for label, counts in table], words)
        for name, table in tables
    ]


def _in_order(report: Report) -> Iterator[Breakdown]:
    yield report.tables[report.period.step]
    yield from (table for dimension, table in report.tables.items() if dimension in SERIES)


def _chart(table: Breakdown, words: ReportWords, now: str) -> Chart | None:
    """The chart of a table; of a course only what is not still to come: a line that falls to nothing there would mislead."""
    course = table.dimension in ("day", "month")
    columns = ("received", "concluded") if course else SERIES[table.dimension]
    rows = [(line.label, [line.counts.get(column, 0) for column in columns]) for line in table.lines if not course or line.key <= now]
    rows = rows if course else rows[:MOST_BARS]
    if not any(value for _label, values in rows for value in values) or (course and len(rows) < 2):
        return None
    title = words.charts["time" if course else table.dimension]
    return drawn(table.dimension, "course" if course else "bars", title, [words.columns[column] for column in columns], rows, words)


def drawn(name: str, form: str, title: str, series: list[str], rows: list[tuple[str, list[int]]], words: ReportWords) -> Chart:
    """A chart with its description: which row is highest."""
    label, values = max(rows, key=lambda row: row[1][0])
    described = words.charts["described"].format(title=title, most=label, value=values[0])
    return Chart(f"chart-{name}", "course" if form == "course" else "bars", title, described, series, rows)

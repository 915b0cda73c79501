"""`aid report`: figures of a day, month, year, span of days or expo, and an expo's daily bulletin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from aid.clock import today
from aid.privacy.vault import Vault, open_vault
from aid.reports.bulletin import Bulletins
from aid.reports.charts import svg_of
from aid.reports.docx_file import bulletin_docx_of, docx_of
from aid.reports.errors import ReportInTheWay, UnknownPeriod
from aid.reports.periods import Drill, Narrow, Period, read_period
from aid.reports.pictures import charts_of
from aid.reports.plain import bulletin_lines, lines_of
from aid.reports.report import Reports, open_reports
from aid.reports.xlsx_file import xlsx_of
from aid.settings import Settings
from aid.store.engine import Store, open_store

What = Literal["day", "month", "year", "span", "event", "bulletin"]
Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: ``said`` is the day, month, year, span, or code of the expo; ``day`` one day of the expo."""

    what: str
    said: str = ""
    day: str = ""
    narrow: Narrow = field(default_factory=Narrow)
    xlsx: Path | None = None
    docx: Path | None = None
    svg: Path | None = None
    listed: str = ""


def report(settings: Settings, wanted: Wanted, show: Show) -> None:
    """Show the report, or with ``listed`` the numbers of the tickets behind one figure; write the files that are asked for.

    Raises:
        UnknownPeriod, UnknownFilter: there is no such period, center, kind, expo or figure.
        ReportInTheWay: a file is there already or cannot be written.
        StoreUnavailable: the database cannot be reached.
    """
    if wanted.what not in get_args(What):
        raise UnknownPeriod(f"say one of {', '.join(get_args(What))}, not {wanted.what}")
    with _opened(settings) as (reports, store, vault):
        if wanted.what == "bulletin":
            _bulletin(settings, reports, store, vault, wanted, show)
            return
        narrow, period = wanted.narrow, _period(settings, reports, wanted)
        if wanted.what == "event":
            narrow = narrow.also("event", wanted.said)
        if wanted.listed:
            for number in reports.numbers(Drill(wanted.listed, period.first, period.last, narrow)):
                show(number)
            return
        made = reports.make(period, narrow)
        for line in lines_of(made, reports.words):
            show(line)
        if wanted.xlsx:
            _write(wanted.xlsx, xlsx_of(made, reports.words))
        if wanted.docx:
            _write(wanted.docx, docx_of(made, reports.words))
        for chart in charts_of(made, reports.words) if wanted.svg else ():
            assert wanted.svg
            _write(wanted.svg / f"{chart.name}.svg", svg_of(chart, alone=True).encode())


def _bulletin(settings: Settings, reports: Reports, store: Store, vault: Vault, wanted: Wanted, show: Show) -> None:
    day = read_period("day", wanted.day, today(settings.clock())).first
    made = Bulletins(store, vault, settings.clock(), reports, settings.knowledge_dir).make(wanted.said, day, wanted.narrow.center)
    for line in bulletin_lines(made, reports.words):
        show(line)
    if wanted.docx:
        _write(wanted.docx, bulletin_docx_of(made, reports.words))


def _period(settings: Settings, reports: Reports, wanted: Wanted) -> Period:
    now = today(settings.clock())
    if wanted.what == "event":
        day: date | None = read_period("day", wanted.day, now).first if wanted.day else None
        return reports.event_period(wanted.said, day)
    return read_period(wanted.what, wanted.said, now)  # type: ignore[arg-type]


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Reports, Store, Vault]]:
    store = open_store(settings)
    try:
        store.migrate()
        vault = open_vault(settings)
        yield open_reports(settings, store, vault, settings.clock()), store, vault
    finally:
        store.close()


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as fault:
        raise ReportInTheWay(f"{path} is there already; name another file") from fault
    except OSError as fault:
        raise ReportInTheWay(f"{path} cannot be written: {fault.strerror}") from fault

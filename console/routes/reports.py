"""Reports: figures of a period with charts, tables and the way to the cases behind them; the same as files; an expo's daily bulletin."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aid.clock import today
from aid.people.rights import Action, Where, reached
from aid.reports.bulletin import Bulletin, most_asked
from aid.reports.charts import Chart, svg_of
from aid.reports.docx_file import bulletin_docx_of, docx_of
from aid.reports.errors import UnknownFilter, UnknownPeriod
from aid.reports.periods import Drill, read_period
from aid.reports.pictures import bulletin_charts_of, charts_of
from aid.reports.report import BEHIND, Report
from aid.reports.words import Dimension
from aid.reports.xlsx_file import xlsx_of
from console.gate import Visit, staff
from console.rendering import DOCX, XLSX, download, link_of, pages_of
from console.reports import UNKNOWN, Asked, center_of, made_of, said
from console.routes.cases import matters

router = APIRouter(prefix="/reports")
Reader = Annotated[Visit, Depends(staff("report.see"))]
Exporter = Annotated[Visit, Depends(staff("report.export"))]


@router.get("")
def report(request: Request, visit: Reader) -> Response:
    """The figures; what is asked for stands in the address."""
    asked, status = Asked.read(request.query_params), 200
    try:
        made = made_of(visit, "report.see", asked)
    except (UnknownPeriod, UnknownFilter):
        asked, status = Asked(), 422
        made = made_of(visit, "report.see", asked)
    asked = asked.settled(made)
    words, link = visit.desk.reports.words, link_of(request)

    def cases(drill: Drill | None) -> str:
        return link("cases", **drill.parameters()) if drill else ""

    def cell(column: str, dimension: Dimension, key: str) -> str:
        return cases(made.drill(column, dimension, key))

    def total(column: str) -> str:
        return cases(Drill(column, made.period.first, made.period.last, made.narrow) if column in BEHIND else None)

    more = {
        "made": made, "asked": asked, "fault": status == 422, "say": words, "charts": drawn(charts_of(made, words)), "cases": cases, "cell": cell,
        "total": total, "most_asked": most_asked(made, visit.desk.settings.knowledge_dir), "presets": presets(visit, asked),
        "may_export": may_export(visit, made.narrow.center), "today": today(visit.desk.clock),
    }  # fmt: skip
    return show(request, "reports", visit, status, **choices(visit), **more)


@router.get("/xlsx")
def workbook(request: Request, visit: Exporter) -> Response:
    """The figures as a workbook."""
    made = exported(request, visit)
    return download(xlsx_of(made, visit.desk.reports.words), f"{file_name(visit, made)}.xlsx", XLSX)


@router.get("/docx")
def paper(request: Request, visit: Exporter) -> Response:
    """The figures as a paper."""
    made = exported(request, visit)
    return download(docx_of(made, visit.desk.reports.words), f"{file_name(visit, made)}.docx", DOCX)


@router.get("/bulletin")
def bulletin(request: Request, visit: Reader) -> Response:
    """An expo's day; without further words that of today."""
    status, asked = 200, dict(request.query_params)
    try:
        made, code = bulletin_of(visit, "report.see", asked)
    except (UnknownPeriod, UnknownFilter):
        status, asked = 422, {}
        made, code = bulletin_of(visit, "report.see", asked)
    center = center_of(visit, "report.see", asked.get("center", ""))
    words = visit.desk.reports.words
    say = words.bulletin
    more = {
        "made": made, "say": words, "columns": [say.received, say.contacted, say.handled, say.open], "fault": status == 422,
        "charts": drawn(bulletin_charts_of(made, words)), "may_export": may_export(visit, center),
        "query": {"expo": code, "day": f"{made.day}", "center": said(center)},
    }  # fmt: skip
    return show(request, "bulletin", visit, status, **choices(visit), **more)


@router.get("/bulletin/docx")
def bulletin_paper(request: Request, visit: Exporter) -> Response:
    """An expo's day as a paper."""
    try:
        made, _code = bulletin_of(visit, "report.export", dict(request.query_params))
    except (UnknownPeriod, UnknownFilter) as fault:
        raise HTTPException(422) from fault
    return download(bulletin_docx_of(made, visit.desk.reports.words), f"{named(made.title, made.narrowed)}.docx", DOCX)


def show(request: Request, template: str, visit: Visit, status: int, **more: Any) -> Response:
    """A page of the reports."""
    return pages_of(request).page(request, template, visit, here="reports", status=status, **more)


def exported(request: Request, visit: Visit) -> Report:
    """The report to be taken along. Raises ``HTTPException`` 422, ``NotAllowed``."""
    try:
        return made_of(visit, "report.export", Asked.read(request.query_params))
    except (UnknownPeriod, UnknownFilter) as fault:
        raise HTTPException(422) from fault


def bulletin_of(visit: Visit, action: Action, asked: dict[str, str]) -> tuple[Bulletin, str]:
    """The bulletin that is asked for, and the code of its expo: the one that is on when none is named, else the first.

    Raises:
        NotAllowed, UnknownPeriod, UnknownFilter, StoreUnavailable
    """
    desk, now = visit.desk, today(visit.desk.clock)
    expos, center = desk.reports.expos, center_of(visit, action, asked.get("center", ""))
    day = read_period("day", asked.get("day", ""), now).first
    on = [expo.code for expo in expos if expo.dates and expo.dates.from_ <= day <= expo.dates.until]
    code = asked.get("expo") or next(iter([*on, *(expo.code for expo in expos)]), "")
    return desk.bulletins.make(code, day, center), code


def may_export(visit: Visit, center: str | None) -> bool:
    """Whether he may take along the figures of this center, or of all."""
    return reached(visit.person, "report.export").receivers is None if center is None else visit.may("report.export", Where(center))


def file_name(visit: Visit, made: Report) -> str:
    """How the file of a report is called: as its title, with what it is narrowed to."""
    return named(f"{made.name}{visit.desk.reports.words.title}", made.narrowed)


def named(title: str, narrowed: str) -> str:
    """A name that every system takes."""
    name = f"{title}（{narrowed}）" if narrowed else title
    return "".join("_" if sign in '\\/:*?"<>|' or ord(sign) < 32 else sign for sign in name)[:80]


def drawn(charts: list[Chart]) -> dict[str, Markup]:
    """The charts by name; ``svg_of`` has escaped every word in them."""
    return {chart.name.removeprefix("chart-"): Markup(svg_of(chart)) for chart in charts}


def choices(visit: Visit) -> dict[str, Any]:
    """What the form offers beside everything: value and label. Who is bound to centers (``bound``) is offered his and must choose one."""
    desk, reports = visit.desk, visit.desk.reports
    mine = reached(visit.person, "report.see").receivers
    centers = [(center.id, reports.label("center", center.id)) for center in desk.centers.centers if mine is None or center.id in mine]
    return {
        "bound": mine is not None,
        "centers": centers,
        "kinds": [(kind.kind, kind.label) for kind in desk.office.kinds.values()],
        "matters": [*matters(desk), (UNKNOWN, reports.words.unknown)],
        "doors": [*reports.words.doors.items()],
        "expos": [(expo.code, expo.name) for expo in reports.expos],
    }


def presets(visit: Visit, asked: Asked) -> dict[str, dict[str, str]]:
    """Periods that are often wanted: the parameters of each."""
    now = today(visit.desk.clock)
    before = now.replace(day=1) - timedelta(days=1)
    return {
        "today": asked.query(what="day", day=f"{now}"),
        "this_month": asked.query(what="month", month=f"{now:%Y-%m}"),
        "last_month": asked.query(what="month", month=f"{before:%Y-%m}"),
        "this_year": asked.query(what="year", year=f"{now.year}"),
        "last_year": asked.query(what="year", year=f"{now.year - 1}"),
    }

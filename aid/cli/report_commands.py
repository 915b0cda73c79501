"""The commands `aid report` and `aid demo`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from aid.cli.saying import say
from aid.settings import read_settings

ClearErrors = Callable[[], AbstractContextManager[None]]


def add_commands(app: typer.Typer, clear_errors: ClearErrors) -> None:
    """Add them to ``app``."""
    _add_report(app, clear_errors)
    _add_demo(app, clear_errors)


def _add_report(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("report")
    def report(
        what: Annotated[str, typer.Argument(help="day, month, year, span, event or bulletin.")],
        which: Annotated[str, typer.Argument(help="2026-11-30, 2026-11, 2026, 2026-07-01..2026-07-10, an expo's code; else the present one.")] = "",
        day: Annotated[str, typer.Option(help="One day of the expo.")] = "",
        center: Annotated[str | None, typer.Option(help="Only cases that this center has, by its id.")] = None,
        matter: Annotated[str | None, typer.Option(help="Only cases of this right, as in the form.")] = None,
        kind: Annotated[str | None, typer.Option(help="Only this kind of case: a file's name in knowledge/cases.")] = None,
        door: Annotated[str | None, typer.Option(help="Only what came through this door: web, kiosk, wechat.")] = None,
        event: Annotated[str | None, typer.Option(help="Only what is about this expo, by its code.")] = None,
        xlsx: Annotated[Path | None, typer.Option(help="Also write a workbook there.")] = None,
        docx: Annotated[Path | None, typer.Option(help="Also write a paper there.")] = None,
        svg: Annotated[Path | None, typer.Option(help="Also write the charts into this folder.")] = None,
        listed: Annotated[str, typer.Option("--list", help="List the numbers of the tickets behind this figure instead.")] = "",
    ) -> None:
        """Figures of a day, month, year, span of days or expo; an expo's daily bulletin. See docs/reports.md."""
        from aid.cli.report import Wanted
        from aid.cli.report import report as command
        from aid.reports.periods import Narrow

        with clear_errors():
            command(read_settings(), Wanted(what, which, day, Narrow(center, matter, kind, door, event), xlsx, docx, svg, listed), print)


def _add_demo(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("demo")
    def demo(
        cases: Annotated[int, typer.Option(min=1, max=50_000, help="How many cases.")] = 2_000,
        seed: Annotated[int, typer.Option(help="Of the chance: the same one on the same day gives the same cases.")] = 1,
        folder: Annotated[Path | None, typer.Option("--var", help="Its var folder, with keys of its own; demo in the var folder otherwise.")] = None,
        database: Annotated[str, typer.Option(help="Address of an empty PostgreSQL for it; a SQLite file in its folder otherwise.")] = "",
    ) -> None:
        """Fill a separate, empty database with a year of invented cases, for training and for looking at reports."""
        from aid.cli.demo import demo as command

        with clear_errors():
            command(read_settings(), folder, database, cases, seed, print, say)

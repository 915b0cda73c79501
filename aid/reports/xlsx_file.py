"""A report as .xlsx: figures are numbers, sums and shares are formulas, words are words whatever they begin with."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from aid.clock import CHANGCHUN
from aid.reports.report import Breakdown, Report
from aid.reports.words import ReportWords

_BOLD, _HEAD, _WRAPPED = Font(bold=True), PatternFill("solid", fgColor="E3EAF5"), Alignment(vertical="top", wrap_text=True)
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
AUTHOR = "小援"


def xlsx_of(report: Report, words: ReportWords) -> bytes:
    """The workbook: a sheet of the figures with sentence and definitions, and one for each table. Nothing of a person is in it."""
    book = Workbook()
    moment = report.made_at.astimezone(CHANGCHUN).replace(tzinfo=None, microsecond=0)
    book.properties.creator, book.properties.title = AUTHOR, f"{report.name} {words.title}"
    book.properties.created = book.properties.modified = moment
    first = book.active
    assert isinstance(first, Worksheet)
    _figures(first, report, words)
    for table in report.tables.values():
        _table(book.create_sheet(_sheet_name(table.label)), table, words)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _figures(sheet: Worksheet, report: Report, words: ReportWords) -> None:
    sheet.title = _sheet_name(words.title)
    made = words.made.format(moment=f"{report.made_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M}")
    for line in (f"{report.name} {words.title}", words.demo if report.is_demo else "", report.narrowed, made, report.sentence):
        if line:
            _words(sheet.cell(sheet.max_row + (sheet.max_row > 1 or sheet["A1"].value is not None), 1), line)
    sheet["A1"].font = Font(bold=True, size=14)
    row = sheet.max_row + 2
    _head(sheet, row, [words.figure, words.value, words.explained])
    for figure in report.figures.values():
        row += 1
        _words(sheet.cell(row, 1), f"{figure.label}（{figure.unit}）")
        value = sheet.cell(row, 2)
        if figure.whole is None:
            value.value, value.number_format = figure.value, "#,##0"
        elif figure.whole:
            value.value, value.number_format = f"={figure.value}/{figure.whole}", "0.0%"
        else:
            _words(value, figure.shown)
        _words(sheet.cell(row, 3), figure.means).alignment = _WRAPPED
    for column, width in (("A", 24), ("B", 14), ("C", 80)):
        sheet.column_dimensions[column].width = width
    _printed(sheet, landscape=False)


def _table(sheet: Worksheet, table: Breakdown, words: ReportWords) -> None:
    _head(sheet, 1, [table.label, *(words.columns[column] for column in table.columns)])
    for row, line in enumerate(table.lines, 2):
        _words(sheet.cell(row, 1), line.label)
        for place, column in enumerate(table.columns, 2):
            cell = sheet.cell(row, place)
            cell.value, cell.number_format = line.counts.get(column, 0), "#,##0"
    last = len(table.lines) + 1
    _words(sheet.cell(last + 1, 1), words.total).font = _BOLD
    for place in range(2, len(table.columns) + 2):
        letter, cell = get_column_letter(place), sheet.cell(last + 1, place)
        cell.value, cell.number_format, cell.font = (f"=SUM({letter}2:{letter}{last})" if table.lines else 0), "#,##0", _BOLD
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = min(60, max([12, *(2.1 * len(line.label) for line in table.lines)]))
    for place in range(2, len(table.columns) + 2):
        sheet.column_dimensions[get_column_letter(place)].width = 11
    sheet.print_title_rows = "1:1"
    _printed(sheet, landscape=True)


def _head(sheet: Worksheet, row: int, labels: Sequence[str]) -> None:
    for place, label in enumerate(labels, 1):
        cell = _words(sheet.cell(row, place), label)
        cell.font, cell.fill = _BOLD, _HEAD


def _words(cell: Any, text: str) -> Cell:
    """Words as words: never a formula, whatever they begin with, and marked so for who edits them later."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    if text.startswith(_STARTS_A_FORMULA):
        cell.quotePrefix = True
    found: Cell = cell
    return found


def _printed(sheet: Worksheet, landscape: bool) -> None:
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 9, 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _sheet_name(label: str) -> str:
    """A name that a sheet may have: none of ``[]:*?/\\``, at most 31 signs."""
    return "".join(sign for sign in label if sign not in "[]:*?/\\")[:31]

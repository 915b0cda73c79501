"""The workbook and the paper, opened again and held against the report; hostile words in them stay words."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import docx
import openpyxl
import pytest

from aid.reports.docx_file import docx_of
from aid.reports.periods import Narrow, year
from aid.reports.report import Report
from aid.reports.xlsx_file import xlsx_of
from tests.reports.conftest import DESK, FACTS, PERSON, Desk


@pytest.fixture
def report(desk: Desk) -> Report:
    for number, kind in enumerate([*FACTS, "mediation_request"]):
        ticket = desk.filed(kind, f"2026-09-0{number % 7 + 1}T10:00", door=("web", "kiosk")[number % 2])
        if number % 2:
            desk.concluded(ticket, f"2026-10-0{number % 7 + 1}T10:00")
            desk.does(ticket, ("2026-10-20T10:00", "rated", PERSON, {"score": "satisfied"}))
        else:
            desk.does(ticket, ("2026-10-20T11:00", "contacted", DESK, {}))
    desk.asked("2026-10-21T10:00", "trademark.squatted")
    return desk.reports.make(year(2026))


def value_of(sheet: Any, cell: Any) -> float:
    """The value of a cell; the two forms of formula that we write are reckoned."""
    if not isinstance(cell.value, str):
        return float(cell.value)
    if found := re.fullmatch(r"=SUM\(([A-Z]+)(\d+):\1(\d+)\)", cell.value):
        return sum(value_of(sheet, sheet[f"{found[1]}{row}"]) for row in range(int(found[2]), int(found[3]) + 1))
    found = re.fullmatch(r"=(\d+)/(\d+)", cell.value)
    assert found, cell.value
    return int(found[1]) / int(found[2])


def test_the_workbooks_figures_and_sums_are_the_databases(desk: Desk, report: Report) -> None:
    book = openpyxl.load_workbook(BytesIO(xlsx_of(report, desk.reports.words)))
    first = book.worksheets[0]
    shown = {row[0].value: row[1] for row in first.iter_rows() if row[0].value and row[1].value is not None}
    for figure in report.figures.values():
        cell = shown[f"{figure.label}（{figure.unit}）"]
        if figure.whole == 0:
            assert cell.value == "-"
        else:
            assert value_of(first, cell) == pytest.approx(figure.value / figure.whole if figure.whole else figure.value)
    assert [sheet.title for sheet in book.worksheets[1:]] == [table.label for table in report.tables.values()]
    for sheet, table in zip(book.worksheets[1:], report.tables.values(), strict=True):
        for row, line in enumerate(table.lines, 2):
            assert sheet.cell(row, 1).value == line.label
            for place, column in enumerate(table.columns, 2):
                assert sheet.cell(row, place).value == line.counts.get(column, 0)
                assert sheet.cell(row, place).data_type == "n"
        for place, column in enumerate(table.columns, 2):
            total = sheet.cell(len(table.lines) + 2, place)
            assert total.data_type == "f"
            assert value_of(sheet, total) == table.total(column)
        assert sheet.freeze_panes == "B2"
        assert sheet.column_dimensions["A"].width > 10
    received = book[report.tables["kind"].label]
    assert value_of(received, received.cell(received.max_row, 2)) == 8 == len(desk.reports.numbers(report.figures["received"].drill))  # type: ignore[arg-type]


@pytest.mark.parametrize("said", ["=HYPERLINK(\"http://x\")", "+1+1", "-2", "@SUM(A1)", "\t=1", "=1\x00\x07"])
def test_no_word_becomes_a_formula(desk: Desk, report: Report, said: str) -> None:
    table = report.tables["matter"]
    hostile = replace(table, lines=[replace(table.lines[0], label=said), *table.lines[1:]])
    tables: Mapping[Any, Any] = {**report.tables, "matter": hostile}
    book = openpyxl.load_workbook(BytesIO(xlsx_of(replace(report, tables=tables, sentence=said), desk.reports.words)))
    cell = book[table.label]["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix or not said.startswith(("=", "+", "-", "@", "\t"))
    assert cell.value.strip("\t") == re.sub("[\x00\x07]", "", said).strip("\t")
    formulas = [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert all(re.fullmatch(r"=SUM\([A-Z]+\d+:[A-Z]+\d+\)|=\d+/\d+", formula) for formula in formulas)


def test_the_paper_says_title_sentence_figures_tables_and_definitions(desk: Desk, report: Report) -> None:
    paper = docx.Document(BytesIO(docx_of(report, desk.reports.words)))
    said = [paragraph.text for paragraph in paper.paragraphs]
    assert said[0] == "2026年知识产权维权援助工作统计"
    assert report.sentence in said
    assert not any("演示数据" in line for line in said)
    first, *others = paper.tables
    shown = {row.cells[0].text: row.cells[1].text for row in first.rows[1:]}
    assert {figure.label: figure.shown + ("" if figure.unit == "%" else figure.unit) for figure in report.figures.values()} == shown
    for drawn, table in zip(others, report.tables.values(), strict=True):
        rows = [[cell.text for cell in row.cells] for row in drawn.rows]
        assert rows[0] == [table.label, *(desk.reports.words.columns[column] for column in table.columns)]
        assert rows[1:-1] == [[line.label, *(str(line.counts.get(column, 0)) for column in table.columns)] for line in table.lines]
        assert rows[-1] == ["合计", *(str(table.total(column)) for column in table.columns)]
    for figure in report.figures.values():
        assert f"{figure.label}：{figure.means}" in said


def test_of_invented_cases_both_say_so_at_the_top(desk: Desk, report: Report) -> None:
    words = desk.reports.words
    invented = replace(report, is_demo=True)
    assert words.demo in [paragraph.text for paragraph in docx.Document(BytesIO(docx_of(invented, words))).paragraphs][:4]
    assert openpyxl.load_workbook(BytesIO(xlsx_of(invented, words))).worksheets[0]["A2"].value == words.demo


def test_no_name_and_no_telephone_stands_in_either(desk: Desk, report: Report) -> None:
    for content in (xlsx_of(report, desk.reports.words), docx_of(report, desk.reports.words)):
        whole = b"".join(zipfile.ZipFile(BytesIO(content)).read(name) for name in zipfile.ZipFile(BytesIO(content)).namelist()).decode("utf-8", "ignore")
        assert "李例一" not in whole
        assert "13900007001" not in whole


def test_a_narrowed_and_empty_report_can_be_written_too(desk: Desk, report: Report) -> None:
    empty = desk.reports.make(year(2024), Narrow(center="subcenter-3"))
    assert openpyxl.load_workbook(BytesIO(xlsx_of(empty, desk.reports.words))).worksheets[1].max_row == 2
    assert any("只统计" in paragraph.text for paragraph in docx.Document(BytesIO(docx_of(empty, desk.reports.words))).paragraphs)

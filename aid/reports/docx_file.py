"""A report as .docx: title, sentence, figures, a table for each breakdown (which is what its chart shows), definitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm

from aid.clock import CHANGCHUN
from aid.documents.docx_file import HEAD, TITLE, packed, page_numbers, set_up, shade, shape, write
from aid.reports.bulletin import Bulletin
from aid.reports.report import Report
from aid.reports.words import ReportWords

_WIDE = 15.6
"""Centimetres between the margins."""
Rows = Sequence[Sequence[str]]


def docx_of(report: Report, words: ReportWords) -> bytes:
    """The paper. The same report gives the same bytes; nothing of a person is in it."""
    title = f"{report.name}{words.title}"
    document = _begun(title, report.made_at, words, [words.demo if report.is_demo else "", report.narrowed])
    _write_line(document, report.sentence)
    figures = [[figure.label, figure.shown if figure.unit == "%" else f"{figure.shown}{figure.unit}"] for figure in report.figures.values()]
    _table(document, "", [[words.figure, words.value], *figures], (7.8, 7.8))
    for table in report.tables.values():
        head = [table.label, *(words.columns[column] for column in table.columns)]
        lines = [[line.label, *(str(line.counts.get(column, 0)) for column in table.columns)] for line in table.lines]
        total = [words.total, *(str(table.total(column)) for column in table.columns)]
        first = 3.6
        widths = (first, *[(_WIDE - first) / len(table.columns)] * len(table.columns))
        _table(document, table.label, [head, *lines, total] if lines else [head], widths, size=9)
    _heading(document, words.definitions)
    for figure in report.figures.values():
        _write_line(document, f"{figure.label}：{figure.means}", 10.5)
    return packed(document)


def bulletin_docx_of(bulletin: Bulletin, words: ReportWords) -> bytes:
    """The paper of an expo's day."""
    say = words.bulletin
    document = _begun(bulletin.title, bulletin.made_at, words, [words.demo if bulletin.is_demo else "", bulletin.narrowed])
    _write_line(document, bulletin.told)
    columns = [say.received, say.contacted, say.handled, say.open]
    for label, dimension, table in ((say.matters, "matter", bulletin.matters), (say.halls, "hall", bulletin.halls)):
        lines = [[name, *map(str, counts)] for name, counts in table]
        _table(document, label, [[words.dimensions[dimension], *columns], *lines], (5.6, 2.5, 2.5, 2.5, 2.5))
    if bulletin.asked:
        asked = [[label, str(many)] for label, many in bulletin.asked]
        _table(document, say.asked, [[words.dimensions["entry"], say.times], *asked], (12.6, 3.0))
    elif bulletin.asked is not None:
        _heading(document, say.asked)
        _write_line(document, say.none_asked)
    if bulletin.open_numbers:
        _write_line(document, say.open_cases.format(numbers="、".join(bulletin.open_numbers)))
    return packed(document)


def _begun(title: str, made_at: datetime, words: ReportWords, notes: Sequence[str]) -> Document:
    """The paper with its head; ``notes`` are said under it, empty ones not."""
    document, moment = docx.Document(), made_at.astimezone(CHANGCHUN)
    set_up(document, title, moment)
    page_numbers(document, words.page)
    head = shape(document.add_paragraph(), after=8, next_to=True)
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(head, title, 20, TITLE, bold=True)
    under = shape(document.add_paragraph(), after=8)
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(under, words.made.format(moment=f"{moment:%Y-%m-%d %H:%M}"), 10.5)
    for note in notes:
        if note:
            write(shape(document.add_paragraph(), after=6), note, 12, HEAD, bold=True)
    return document


def _heading(document: Document, text: str) -> None:
    write(shape(document.add_paragraph(), before=10, after=4, next_to=True), text, 14, HEAD)


def _write_line(document: Document, text: str, size: float = 12) -> None:
    write(shape(document.add_paragraph(), after=6), text, size)


def _table(document: Document, label: str, rows: Rows, widths: Sequence[float], size: float = 11) -> None:
    """A table whose first row is its head and comes again on each page; no row breaks."""
    if label:
        _heading(document, label)
    table = document.add_table(rows=len(rows), cols=len(widths), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for number, (row, values) in enumerate(zip(table.rows, rows, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for place, (cell, value, width) in enumerate(zip(row.cells, values, widths, strict=True)):
            cell.width = Cm(width)
            paragraph = shape(cell.paragraphs[0], spacing=1.1)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if place == 0 else WD_ALIGN_PARAGRAPH.RIGHT
            write(paragraph, value, size, HEAD if number == 0 else TITLE)
            if number == 0:
                shade(cell)
    if label:
        caption = OxmlElement("w:tblCaption")  # what the table is, for ears
        caption.set(qn("w:val"), label)
        table._tbl.tblPr.append(caption)

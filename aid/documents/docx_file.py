"""A paper as a .docx file: A4, Chinese fonts by name with others to fall back on, page numbers, tables that do not break."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table as DrawnTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from aid.documents.content import Paper, Row, Table
from aid.documents.forms import FormWording

TITLE, HEAD, BODY, LATIN = "宋体", "黑体", "仿宋", "Times New Roman"
FALLBACKS = {
    TITLE: "SimSun,Songti SC,Source Han Serif SC,Noto Serif CJK SC",
    HEAD: "SimHei,Heiti SC,Source Han Sans SC,Noto Sans CJK SC",
    BODY: "FangSong,仿宋_GB2312,FangSong_GB2312,STFangsong,宋体,SimSun,Noto Serif CJK SC",
}
"""What a program takes where a font is not installed (``w:altName`` of the font table)."""
AUTHOR = "小援"
_UNPRINTABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LABEL, _VALUE = Cm(4.0), Cm(11.6)
_MATERIALS = (Cm(1.5), Cm(8.3), Cm(5.8))
_LINE = 0.85
"""Centimetres that a line written by hand needs."""


def docx_of(paper: Paper, wording: FormWording, moment: datetime) -> bytes:
    """Draw the paper; ``moment`` is the time written into the file. The same input gives the same bytes."""
    document = docx.Document()
    set_up(document, paper.title, moment)
    page_numbers(document, wording.page)
    _head(document, paper)
    for table in paper.tables:
        _facts(document, table)
    _listed(document, wording.unsure_title, [wording.unsure_intro, *paper.unsure])
    _listed(document, wording.declaration_title, paper.declaration, last_kept=True)
    _signature(document, paper.signature, wording.date_line)
    _annex(document, paper, wording)
    return packed(document)


def set_up(document: Document, title: str, moment: datetime) -> None:
    """A4, margins, fonts, and what the file says of itself."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.top_margin, section.bottom_margin, section.footer_distance = Cm(2.6), Cm(2.4), Cm(1.4)
    normal = document.styles["Normal"]
    _set_fonts(normal.element.get_or_add_rPr(), BODY)
    properties = document.core_properties
    at = moment.replace(microsecond=0, tzinfo=None)
    properties.title, properties.author, properties.last_modified_by = title, AUTHOR, AUTHOR
    properties.comments, properties.language, properties.revision = "", "zh-CN", 1
    properties.created = properties.modified = properties.last_printed = at
    package = document.part.package
    for key in [key for key, relation in package.rels.items() if relation.reltype.endswith("/thumbnail")]:
        del package.rels[key]


def _set_fonts(properties: Any, font: str) -> None:
    """Name the font for Chinese and Latin signs; a theme's font would win over it, so none stays."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is not None:
        properties.remove(fonts)
    fonts = OxmlElement("w:rFonts")
    for place, name in (("w:ascii", LATIN), ("w:hAnsi", LATIN), ("w:eastAsia", font), ("w:cs", LATIN)):
        fonts.set(qn(place), name)
    fonts.set(qn("w:hint"), "eastAsia")
    properties.insert(0, fonts)


def write(paragraph: Paragraph, text: str, size: float = 12, font: str = BODY, bold: bool = False) -> Any:
    """Add words, ``size`` in points; signs that cannot be printed are left out."""
    run = paragraph.add_run(_UNPRINTABLE.sub("", text))
    run.font.size, run.font.bold = Pt(size), bold
    _set_fonts(run._r.get_or_add_rPr(), font)
    return run


def shape(paragraph: Paragraph, before: float = 0, after: float = 0, spacing: float = 1.25, next_to: bool = False) -> Paragraph:
    """Distances in points; ``next_to``: it stays on the page of what follows. Lines of a paragraph stay together."""
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.MULTIPLE, spacing
    form.keep_together, form.keep_with_next, form.widow_control = True, next_to, True
    return paragraph


def page_numbers(document: Document, frame: str) -> None:
    """第 x 页 共 y 页, counted by the program that prints."""
    paragraph = shape(document.sections[0].footer.paragraphs[0])
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in frame.replace("{pages}", "\0NUMPAGES\0").replace("{page}", "\0PAGE\0").split("\0"):
        if part in ("PAGE", "NUMPAGES"):
            _field(paragraph, part)
        elif part:
            write(paragraph, part, 10.5, TITLE)


def _field(paragraph: Paragraph, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", "1"), ("end", "")):
        run = write(paragraph, text if kind == "shown" else "", 10.5, TITLE)
        if kind in ("begin", "separate", "end"):
            sign = OxmlElement("w:fldChar")
            sign.set(qn("w:fldCharType"), kind)
            run._r.append(sign)
        elif not kind:
            instruction = OxmlElement("w:instrText")
            instruction.text = f" {code} "
            run._r.append(instruction)


def _head(document: Document, paper: Paper) -> None:
    title = shape(document.add_paragraph(), after=6, next_to=True)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(title, paper.title, 22, TITLE, bold=True)
    number = shape(document.add_paragraph(), after=6, next_to=True)
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(number, paper.number, 11)
    filled_in = shape(document.add_paragraph(), after=6, next_to=True)
    filled_in.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(filled_in, paper.filled_in, 10.5)
    if paper.warning:
        write(shape(document.add_paragraph(), after=6), paper.warning, 12, HEAD, bold=True)
    write(shape(document.add_paragraph(), after=2, next_to=True), paper.addressee, 14)
    opening = shape(document.add_paragraph(), after=6, next_to=True)
    opening.paragraph_format.first_line_indent = Pt(28)
    write(opening, paper.opening, 14)


def _facts(document: Document, table: Table) -> None:
    drawn = _table(document, 1 + len(table.rows), (_LABEL, _VALUE))
    head = drawn.rows[0].cells[0].merge(drawn.rows[0].cells[1])
    _cell(head, [table.title], 12, HEAD, next_to=True)
    shade(head)
    for number, row in enumerate(table.rows, 1):
        cells = drawn.rows[number].cells
        last = number == len(table.rows)
        _label(cells[0], row, not last)
        _cell(cells[1], row.value.split("\n") if row.value else [""], 12, next_to=not last)
        if row.blank:
            drawn.rows[number].height = Cm(_LINE * row.blank)
    shape(document.add_paragraph(), spacing=0.5)


def _table(document: Document, rows: int, widths: Sequence[Any]) -> DrawnTable:
    """A table with lines; its first row comes again on each page, and no row breaks."""
    drawn: DrawnTable = document.add_table(rows=rows, cols=len(widths))
    drawn.style, drawn.autofit, drawn.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    for number, row in enumerate(drawn.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
    return drawn


def _cell(cell: _Cell, lines: Sequence[str], size: float, font: str = BODY, next_to: bool = False) -> None:
    for number, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        write(shape(paragraph, before=1.5, after=1.5, spacing=1.15, next_to=next_to), line, size, font)


def shade(cell: _Cell) -> None:
    """Grey, as a head is."""
    grey = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", "EDEDED")):
        grey.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(grey)


def _label(cell: _Cell, row: Row, next_to: bool) -> None:
    _cell(cell, [row.label], 12, next_to=next_to)
    if row.hint:
        write(shape(cell.add_paragraph(), after=1.5, spacing=1.0, next_to=next_to), row.hint, 9)


def _listed(document: Document, title: str, lines: Sequence[str], size: float = 12, last_kept: bool = False) -> None:
    """A title and its lines on one page; ``last_kept``: with what follows."""
    write(shape(document.add_paragraph(), before=4, after=2, next_to=True), title, 12, HEAD)
    for number, line in enumerate(lines, 1):
        paragraph = shape(document.add_paragraph(), after=2, next_to=last_kept or number < len(lines), spacing=1.2)
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
        write(paragraph, line, size)


def _signature(document: Document, lines: Sequence[str], date_line: str) -> None:
    for number, line in enumerate([*lines, date_line]):
        paragraph = shape(document.add_paragraph(), before=14, after=2, next_to=number < len(lines))
        paragraph.paragraph_format.left_indent = Cm(4.5)
        write(paragraph, line, 14)


def _annex(document: Document, paper: Paper, wording: FormWording) -> None:
    title = shape(document.add_paragraph(), after=6, next_to=True)
    title.paragraph_format.page_break_before = True
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write(title, wording.annex, 16, TITLE, bold=True)
    write(shape(document.add_paragraph(), before=4, after=4, next_to=True), wording.materials_title, 12, HEAD)
    drawn = _table(document, 1 + len(paper.materials), _MATERIALS)
    lines = [tuple(wording.materials_head), *((str(n), *pair) for n, pair in enumerate(paper.materials, 1))]
    for row, texts in zip(drawn.rows, lines, strict=True):
        head = texts is lines[0]
        for cell, text in zip(row.cells, texts, strict=True):
            _cell(cell, text.split("\n"), 12, HEAD if head else BODY, next_to=texts is not lines[-1])
            if head:
                shade(cell)
    write(shape(document.add_paragraph(), before=4, after=4), wording.missing_intro, 12)
    _listed(document, wording.hand_in_title, paper.hand_in)
    if paper.notes:
        _listed(document, wording.notes_title, paper.notes)
    _listed(document, wording.basis_title, paper.basis, 10.5)


def _font_table() -> bytes:
    names = {**FALLBACKS, LATIN: "Liberation Serif,Tinos"}
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="{"00" if name == LATIN else "86"}"/>'
        f'<w:family w:val="{"modern" if name == HEAD else "roman"}"/><w:pitch w:val="variable"/></w:font>'
        for name, others in names.items()
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts xmlns:w="{space}">{rows}</w:fonts>'.encode()


def packed(document: Document) -> bytes:
    """The file with fixed times of its members, and with the font table that names what to fall back on."""
    drawn, whole = BytesIO(), BytesIO()
    document.save(drawn)
    with zipfile.ZipFile(drawn) as source, zipfile.ZipFile(whole, "w") as target:
        for name in source.namelist():
            content = _font_table() if name == "word/fontTable.xml" else source.read(name)
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, content)
    return whole.getvalue()

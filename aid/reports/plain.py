"""A report as plain text for a terminal; a Chinese sign is two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from aid.clock import CHANGCHUN
from aid.reports.bulletin import Bulletin
from aid.reports.report import Report
from aid.reports.words import ReportWords


def lines_of(report: Report, words: ReportWords) -> Iterator[str]:
    """The report, line by line."""
    yield f"{report.name} {words.title}"
    yield from (line for line in (words.demo if report.is_demo else "", report.narrowed) if line)
    yield words.made.format(moment=f"{report.made_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M}")
    yield report.sentence
    yield ""
    for figure in report.figures.values():
        share = "" if figure.whole is None else f"  {words.share.format(part=figure.value, whole=figure.whole)}"
        yield f"{padded(figure.label, 16)}{figure.shown:>8}{'' if figure.unit == '%' else ' ' + figure.unit}{share}"
    for table in report.tables.values():
        yield ""
        if not table.lines:
            yield f"{table.label}：{words.nothing}"
            continue
        rows = [[line.label, *(str(line.counts.get(column, 0)) for column in table.columns)] for line in table.lines]
        rows.append([words.total, *(str(table.total(column)) for column in table.columns)])
        yield from drawn([table.label, *(words.columns[column] for column in table.columns)], rows)


def bulletin_lines(bulletin: Bulletin, words: ReportWords) -> Iterator[str]:
    """The bulletin, line by line."""
    say = words.bulletin
    yield bulletin.title
    yield from (line for line in (words.demo if bulletin.is_demo else "", bulletin.narrowed) if line)
    yield words.made.format(moment=f"{bulletin.made_at.astimezone(CHANGCHUN):%Y-%m-%d %H:%M}")
    yield bulletin.told
    for label, dimension, table in ((say.matters, "matter", bulletin.matters), (say.halls, "hall", bulletin.halls)):
        yield from ("", label)
        yield from drawn(
            [words.dimensions[dimension], say.received, say.contacted, say.handled, say.open],
            [[name, *map(str, counts)] for name, counts in table],
        )
    if bulletin.asked is not None:
        yield from ("", say.asked)
        yield from (f"{many:>4}  {label}" for label, many in bulletin.asked)
        if not bulletin.asked:
            yield say.none_asked
    if bulletin.open_numbers:
        yield ""
        yield say.open_cases.format(numbers="、".join(bulletin.open_numbers))


def drawn(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table: the first column to the left, figures to the right."""
    widths = [max(wide(row[place]) for row in (head, *rows)) for place in range(len(head))]
    for row in (head, *rows):
        yield "  ".join([padded(row[0], widths[0]), *(" " * (width - wide(cell)) + cell for cell, width in zip(row[1:], widths[1:], strict=True))])


def padded(text: str, width: int) -> str:
    """The text, with blanks up to this many columns."""
    return text + " " * (width - wide(text))


def wide(text: str) -> int:
    """Columns that the text takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)

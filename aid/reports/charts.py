"""Charts as SVG, drawn by hand: bars for what is compared, a course for what goes by in time.

Each has a title and a description for ears, colours of at least 3:1 on white and on the dark page, and a second series that differs by
hatching, by dashes and by the form of its marks, not by colour alone. All styling is by attributes, which a strict content policy allows; words
take the colour of the page around (``currentColor``). Every chart stands beside the table that it is drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

WIDTH = 720
FIRST, SECOND = "#3b7dd8", "#b8651b"
"""The two series; a test holds their contrast."""
FONT = "font-family=\"system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif\""
_ROW, _BAR, _TOP, _GUTTER, _END = 30, 18, 56, 190, 64
_LONGEST = 13
"""Characters of a label beside a bar; a longer one goes on in a second line."""
_HEIGHT, _LEFT, _RIGHT, _BOTTOM = 320, 52, 28, 44
_OWN_STYLE = (
    "<style>svg{color:#1b1f24;background:#fff}@media (prefers-color-scheme: dark){svg{color:#e8eaed;background:#121212}}"
    "@media print{svg{color:#000;background:#fff}}</style>"
)


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: rows of a label and one value for each of one or two series. ``name`` makes ids on a page distinct."""

    name: str
    form: Literal["bars", "course"]
    title: str
    described: str
    series: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]


def svg_of(chart: Chart, alone: bool = False) -> str:
    """The chart. ``alone``: as a file of its own, with colours for light, dark and paper; in a page it takes the page's."""
    body, height = _bars(chart) if chart.form == "bars" else _course(chart)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" role="img" '
        f'aria-labelledby="{chart.name}-title {chart.name}-desc" {FONT} font-size="14">'
        f'<title id="{chart.name}-title">{escape(chart.title)}</title><desc id="{chart.name}-desc">{escape(chart.described)}</desc>'
    )
    hatch = (
        f'<defs><pattern id="{chart.name}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="7" height="7" fill="{SECOND}"/><rect width="2" height="7" fill="#ffffff" fill-opacity=".75"/></pattern></defs>'
    )
    heading = f'<text x="0" y="20" fill="currentColor" font-size="17" font-weight="600">{escape(chart.title)}</text>'
    return "".join((head, _OWN_STYLE if alone else "", hatch, heading, _legend(chart), body, "</svg>"))


def _legend(chart: Chart) -> str:
    if len(chart.series) < 2:
        return ""
    parts, x = [], 0
    for number, label in enumerate(chart.series):
        mark = _mark(number, x + 8, 38) if chart.form == "course" else f'<rect x="{x}" y="31" width="16" height="14" {_paint(chart, number)}/>'
        parts.append(f'{mark}<text x="{x + 22}" y="43" fill="currentColor">{escape(label)}</text>')
        x += 50 + 15 * len(label)
    return "".join(parts)


def _paint(chart: Chart, number: int) -> str:
    if number == 0:
        return f'fill="{FIRST}"'
    return f'fill="url(#{chart.name}-hatch)" stroke="{SECOND}"'


def _bars(chart: Chart) -> tuple[str, int]:
    """Lying bars, one below another; the value stands at the end of each."""
    series, most = len(chart.series), max([value for _label, values in chart.rows for value in values] or [0])
    step = _ROW + (series - 1) * _BAR
    room, top, parts = WIDTH - _GUTTER - _END, _TOP if series > 1 else _TOP - 16, []
    for place, (label, values) in enumerate(chart.rows):
        y = top + place * step
        parts.append(_side_label(label, y + (step - _ROW + _BAR) / 2 + 5))
        for number, value in enumerate(values):
            width, at = room * value / most if most else 0, y + number * _BAR
            told = escape(f"{label} {chart.series[number]} {value}", quote=True)
            parts.append(
                f'<rect class="bar" data-row="{place}" data-series="{number}" data-value="{value}" x="{_GUTTER}" y="{at}" '
                f'width="{width:.2f}" height="{_BAR - 3}" {_paint(chart, number)}><title>{told}</title></rect>'
                f'<text x="{_GUTTER + width + 6:.2f}" y="{at + 13}" fill="currentColor">{value}</text>'
            )
    height = top + len(chart.rows) * step + 6
    axis = f'<line x1="{_GUTTER}" y1="{top - 4}" x2="{_GUTTER}" y2="{height - 8}" stroke="currentColor" stroke-opacity=".6"/>'
    return axis + "".join(parts), height


def _side_label(label: str, y: float) -> str:
    """A label left of its bar, in two lines where it is long."""
    rest = label[_LONGEST:]
    lines = [label[:_LONGEST], *([rest if len(rest) < _LONGEST else f"{rest[: _LONGEST - 1]}…"] if rest else [])]
    size, first = (12, y - 7) if rest else (14, y)
    return "".join(
        f'<text x="{_GUTTER - 8}" y="{first + 14 * n:.1f}" text-anchor="end" font-size="{size}" fill="currentColor">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )


def _course(chart: Chart) -> tuple[str, int]:
    """Lines from left to right, with a mark at each value and a scale of round figures."""
    most = scale([value for _label, values in chart.rows for value in values])
    floor, room, high = _HEIGHT - _BOTTOM, WIDTH - _LEFT - _RIGHT, _HEIGHT - _BOTTOM - _TOP - 8
    between = room / max(1, len(chart.rows) - 1)
    parts = [_scale_line(value, floor - high * value / most) for value in range(0, most + 1, most // 4)]
    every = -(-len(chart.rows) // 12)
    for place, (label, _values) in enumerate(chart.rows):
        if place % every == 0:
            x = _LEFT + place * between
            parts.append(f'<text x="{x:.1f}" y="{floor + 22}" text-anchor="middle" font-size="12" fill="currentColor">{escape(_brief(label))}</text>')
    for number, name in enumerate(chart.series):
        points = [(_LEFT + n * between, floor - high * values[number] / most) for n, (_label, values) in enumerate(chart.rows)]
        way = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        dashes = ' stroke-dasharray="7 4"' if number else ""
        parts.append(f'<polyline points="{way}" fill="none" stroke="{(FIRST, SECOND)[number]}" stroke-width="2.5"{dashes}/>')
        for place, ((x, y), (label, values)) in enumerate(zip(points, chart.rows, strict=True)):
            told = f"<title>{escape(f'{label} {name} {values[number]}')}</title>"
            parts.append(_mark(number, x, y, f'class="point" data-row="{place}" data-series="{number}" data-value="{values[number]}"', told))
    return "".join(parts), _HEIGHT


def scale(values: Sequence[int]) -> int:
    """A round figure, of four whole parts, that no value exceeds."""
    most, unit = max([*values, 1]), 1
    while True:
        for step in (1, 2, 3, 5):
            if 4 * step * unit >= most:
                return 4 * step * unit
        unit *= 10


def _scale_line(value: int, y: float) -> str:
    return (
        f'<line x1="{_LEFT}" y1="{y:.2f}" x2="{WIDTH - _RIGHT}" y2="{y:.2f}" stroke="currentColor" stroke-opacity="{".6" if value == 0 else ".18"}"/>'
        f'<text x="{_LEFT - 8}" y="{y + 4:.2f}" text-anchor="end" font-size="12" fill="currentColor">{value}</text>'
    )


def _mark(number: int, x: float, y: float, more: str = "", inside: str = "") -> str:
    """A disc for the first series, a square for the second; with a rim of the page's light so that they part where they meet."""
    if number == 0:
        return f'<circle {more} cx="{x:.2f}" cy="{y:.2f}" r="4.5" fill="{FIRST}" stroke="#ffffff">{inside}</circle>'
    return f'<rect {more} x="{x - 4.5:.2f}" y="{y - 4.5:.2f}" width="9" height="9" fill="{SECOND}" stroke="#ffffff">{inside}</rect>'


def _brief(label: str) -> str:
    """A day or month without its year: ``07-11``, ``7月``."""
    parts = label.split("-")
    return f"{int(parts[1])}月" if len(parts) == 2 else "-".join(parts[1:]) if len(parts) == 3 else label

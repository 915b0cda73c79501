"""The charts: what is drawn is what the table says; seen without colours, heard without eyes, and on paper."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid.reports.charts import FIRST, SECOND, Chart, scale, svg_of
from aid.reports.periods import month, year
from aid.reports.pictures import charts_of
from tests.reports.conftest import Desk

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script>&\"]]>"


def chart(form: str, rows: list[tuple[str, list[int]]], title: str = "标题") -> Chart:
    return Chart("c", form, title, "说明", ["收到", "办结"][: len(rows[0][1])], rows)  # type: ignore[arg-type]


def marks(svg: str, name: str) -> list[ElementTree.Element]:
    return [element for element in ElementTree.fromstring(svg).iter() if element.get("class") == name]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text("甲乙丙丁<&\"'", min_size=1, max_size=30), st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))), min_size=1, max_size=15))
def test_every_bar_is_as_long_as_its_figure_and_says_it(rows: list[tuple[str, tuple[int, int]]]) -> None:
    bars = marks(svg_of(chart("bars", [(label, [*values]) for label, values in rows])), "bar")
    assert [(int(b.get("data-row", "")), int(b.get("data-series", "")), int(b.get("data-value", ""))) for b in bars] == [
        (place, number, value) for place, (_label, values) in enumerate(rows) for number, value in enumerate(values)
    ]
    most = max(value for _label, values in rows for value in values)
    for bar in bars:
        width, value = float(bar.get("width", "")), int(bar.get("data-value", ""))
        assert width == pytest.approx(466 * value / most if most else 0, abs=0.01)
        assert (bar.findtext(f"{SVG}title") or "").endswith(f" {value}")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=2, max_size=62))
def test_every_point_lies_as_high_as_its_figure_and_the_lines_go_through_them(values: list[tuple[int, int]]) -> None:
    svg = svg_of(chart("course", [(f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}", [*pair]) for n, pair in enumerate(values)]))
    most = scale([value for pair in values for value in pair])
    points = marks(svg, "point")
    assert len(points) == 2 * len(values)
    lines = [element.get("points", "").split() for element in ElementTree.fromstring(svg).iter(f"{SVG}polyline")]
    for point in points:
        series, row, value = (int(point.get(f"data-{name}", "")) for name in ("series", "row", "value"))
        y = float(point.get("cy") or float(point.get("y", "")) + 4.5)
        assert y == pytest.approx(276 - 212 * value / most, abs=0.02)
        assert value == values[row][series]
        assert float(lines[series][row].split(",")[1]) == pytest.approx(y, abs=0.02)


@pytest.mark.parametrize(("values", "most"), [([], 4), ([3], 4), ([5], 8), ([12], 12), ([13], 20), ([170], 200), ([341], 400), ([5001], 8000)])
def test_the_scale_ends_at_a_round_figure_of_four_parts(values: list[int], most: int) -> None:
    assert scale(values) == most


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [FIRST, SECOND])
@pytest.mark.parametrize("page", ["#ffffff", "#121212", "#1b1f24"])
def test_each_colour_stands_out_from_a_light_and_from_a_dark_page(colour: str, page: str) -> None:
    light, dark = sorted((luminance(colour), luminance(page)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_two_series_differ_without_colour() -> None:
    bars = marks(svg_of(chart("bars", [("甲", [3, 2])])), "bar")
    assert "url(#c-hatch)" in bars[1].get("fill", "")
    assert "url" not in bars[0].get("fill", "")
    root = ElementTree.fromstring(svg_of(chart("course", [("2026-01", [3, 2]), ("2026-02", [1, 4])])))
    first, second = root.iter(f"{SVG}polyline")
    assert (first.get("stroke-dasharray"), second.get("stroke-dasharray")) == (None, "7 4")
    assert {point.tag for point in root.iter() if point.get("class") == "point"} == {f"{SVG}circle", f"{SVG}rect"}
    assert {"收到", "办结"} <= {text.text for text in root.iter(f"{SVG}text")}


def test_it_is_named_and_described_for_ears() -> None:
    root = ElementTree.fromstring(svg_of(chart("bars", [("甲", [3])])))
    assert root.get("role") == "img"
    ids = {element.get("id"): element.text for element in root if element.get("id")}
    assert [ids[name] for name in root.get("aria-labelledby", "").split()] == ["标题", "说明"]


@pytest.mark.parametrize("form", ["bars", "course"])
def test_words_stay_words(form: str) -> None:
    svg = svg_of(Chart("c", form, HOSTILE, HOSTILE, [HOSTILE, "办结"], [(HOSTILE, [1, 2]), ("乙", [2, 1])]))  # type: ignore[arg-type]
    root = ElementTree.fromstring(svg)
    assert "script" not in {element.tag.removeprefix(SVG) for element in root.iter()}
    assert "<script" not in svg


def test_in_a_page_it_needs_no_style_that_a_strict_policy_forbids() -> None:
    svg = svg_of(chart("bars", [("甲", [3, 1])]))
    assert "<style" not in svg
    assert not re.search(r"\sstyle=|\son\w+=|https?://(?!www\.w3\.org/2000/svg)", svg)
    assert "prefers-color-scheme: dark" in svg_of(chart("bars", [("甲", [3, 1])]), alone=True)


def test_a_reports_charts_show_its_tables(desk: Desk) -> None:
    desk.filed("mediation_request", "2026-10-05T10:00")
    desk.filed("expo_complaint", "2026-11-05T10:00", door="kiosk", expo="automobile")
    report = desk.reports.make(year(2026))
    charts = {drawn.name: drawn for drawn in charts_of(report, desk.reports.words)}
    assert [*charts] == ["chart-month", "chart-center", "chart-matter", "chart-kind", "chart-door", "chart-event"]
    assert [row for row in charts["chart-month"].rows if row[1][0]] == [("2026-10", [1, 0]), ("2026-11", [1, 0])]
    for drawn in charts.values():
        table = report.tables[drawn.name.removeprefix("chart-")]  # type: ignore[index]
        assert [label for label, _values in drawn.rows] == [line.label for line in table.lines if line.key <= "2026-11" or table.dimension != "month"]
        ElementTree.fromstring(svg_of(drawn))
    assert "最多的是" in charts["chart-kind"].described


def test_where_nothing_came_nothing_is_drawn(desk: Desk) -> None:
    assert charts_of(desk.reports.make(month(3, 2026)), desk.reports.words) == []


def test_centers_that_do_the_same_are_told_apart_within_the_signs_that_a_chart_shows(desk: Desk) -> None:
    labels = [desk.reports.label("center", f"demonstration-{number}") for number in range(1, 5)]
    assert labels == [f"工作站（示范工作站）{number}" for number in range(1, 5)]
    assert all(len(label) <= 13 for label in labels)


def test_no_sign_of_a_course_stands_outside_the_picture() -> None:
    svg = svg_of(chart("course", [(f"2026-07-{day:02}", [day, 1]) for day in range(1, 32)]))
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        if text.get("text-anchor") == "middle":
            assert float(text.get("x", "")) + 3.5 * len(text.text or "") <= 720

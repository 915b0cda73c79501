"""An expo's daily bulletin: the day's cases by matter and hall, as they stood in the evening, and what was asked most."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import docx
import pytest

from aid.reports.bulletin import Bulletins
from aid.reports.docx_file import bulletin_docx_of
from aid.reports.errors import UnknownPeriod
from aid.reports.plain import bulletin_lines
from tests.reports.conftest import DESK, KNOWLEDGE, PERSON, Desk

DAY = date(2026, 11, 23)


@pytest.fixture
def bulletins(desk: Desk) -> Bulletins:
    return Bulletins(desk.store, desk.vault, desk.clock, desk.reports, KNOWLEDGE)


def test_it_counts_the_day_by_matter_and_hall_and_names_what_is_open(desk: Desk, bulletins: Bulletins) -> None:
    desk.filed("expo_complaint", "2026-11-22T10:00")  # the day before
    done = desk.concluded(desk.filed("expo_complaint", "2026-11-23T09:00", booth="A3馆B12"), "2026-11-23T12:00")
    later = desk.filed("expo_complaint", "2026-11-23T10:00", booth="2号馆A07", right_kind="商标")
    untouched = desk.filed("expo_complaint", "2026-11-23T11:00", booth="东门口第三家", right_kind="商标")
    desk.filed("expo_complaint", "2026-11-23T11:30", event="长春国际光电博览会")  # another expo
    gone = desk.filed("expo_complaint", "2026-11-23T11:40")
    desk.does(gone, ("2026-11-23T11:50", "withdrawn", PERSON, {}))
    desk.does(later, ("2026-11-23T16:00", "contacted", DESK, {}))
    desk.concluded(later, "2026-11-24T09:00")  # the next day: in the evening it was open
    made = bulletins.make("automobile", DAY)
    assert made.matters == [("商标", [2, 1, 0, 2]), ("外观设计专利", [1, 1, 1, 0])]
    assert dict(made.halls) == {"A3馆": [1, 1, 1, 0], "2号馆": [1, 1, 0, 1], "没说展馆": [1, 0, 0, 1]}
    assert made.open_numbers == [later.number, untouched.number]
    assert done.number not in made.open_numbers
    assert made.told.startswith("今天收到3件，当天办结1件，闭馆时还在办2件；")
    assert made.title == "长春国际汽车博览会 2026年11月23日日报"


def test_what_was_asked_most_is_told_by_the_entries_labels(desk: Desk, bulletins: Bulletins) -> None:
    desk.asked("2026-11-23T10:00", "expo.design-copied", "expo.design-copied", door="kiosk", event="automobile")
    desk.asked("2026-11-23T11:00", "expo.design-copied", door="web")  # not at the expo
    desk.asked("2026-11-24T11:00", "expo.design-copied", door="kiosk", event="automobile")
    made = bulletins.make("automobile", DAY)
    assert made.asked == [("展会上外观专利被仿冒", 2)]
    assert "解答咨询2次，服务1人次" in made.told


def test_nothing_of_a_person_is_in_it(desk: Desk, bulletins: Bulletins) -> None:
    desk.filed("expo_complaint", "2026-11-23T09:00", respondent="演示商贸有限公司")
    made = bulletins.make("automobile", DAY)
    paper = docx.Document(BytesIO(bulletin_docx_of(made, desk.reports.words)))
    said = "\n".join([*bulletin_lines(made, desk.reports.words), *(p.text for p in paper.paragraphs)])
    said += "".join(cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    assert "A3馆" in said
    for personal in ("李例一", "13900007001", "演示商贸", "B12", "车灯"):
        assert personal not in said


def test_a_day_on_which_nobody_came_is_said_so(desk: Desk, bulletins: Bulletins) -> None:
    made = bulletins.make("automobile", date(2026, 3, 1))
    lines = [*bulletin_lines(made, desk.reports.words)]
    assert "今天没有人咨询。" in lines
    assert made.told.startswith("今天收到0件")
    assert docx.Document(BytesIO(bulletin_docx_of(made, desk.reports.words))).paragraphs[0].text == made.title


def test_an_expo_that_does_not_exist_has_none(bulletins: Bulletins) -> None:
    with pytest.raises(UnknownPeriod):
        bulletins.make("furniture", DAY)


def test_of_one_center_it_tells_that_centers_cases_and_no_talks(desk: Desk, bulletins: Bulletins) -> None:
    here = desk.filed("expo_complaint", "2026-11-23T09:00")
    gone = desk.filed("expo_complaint", "2026-11-23T10:00")
    desk.does(gone, ("2026-11-23T11:00", "transferred", DESK, {"receiver": "subcenter-2", "reason": "是光电产品"}))
    desk.asked("2026-11-23T10:00", "expo.design-copied", door="kiosk", event="automobile")
    made = bulletins.make("automobile", DAY, here.receiver)
    assert made.open_numbers == [here.number]
    assert made.told == "今天收到1件，当天办结0件，闭馆时还在办1件。"
    assert (made.narrowed, made.asked) == ("只统计：分中心（汽车产业）", None)
    lines = [*bulletin_lines(made, desk.reports.words)]
    assert made.narrowed in lines
    assert "大家问得最多的" not in lines
    assert not any(p.text == "大家问得最多的" for p in docx.Document(BytesIO(bulletin_docx_of(made, desk.reports.words))).paragraphs)
    assert bulletins.make("automobile", DAY, "subcenter-2").open_numbers == [gone.number]

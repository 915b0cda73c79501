"""The report pages, through HTTP: figures against the database, the way to the cases, files, centers, the bulletin, the word for invented data."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import docx
import pytest
from httpx import Response
from openpyxl import load_workbook
from sqlalchemy import func, select

from aid.cases.life import Actor
from aid.cases.ticket import Ticket
from aid.demo.mark import DEMO
from aid.desk import queue as queue_module
from aid.reports.periods import Drill, month
from aid.settings import Settings
from aid.store.engine import open_store
from aid.store.models import DatabaseMarkRow, ReportCaseRow, TicketRow
from tests.console.cases import house_of
from tests.console.desk import MORNING, Bench, Browser, workbench
from tests.desk.house import House

NOVEMBER = month(11, 2026)
SECRETS = ("王小强", "13900007101", "李梅", "13900007102", "吉林亮车灯", "朝阳区")
CARS, OPTICS = "subcenter-1", "subcenter-2"
ADDRESSES = ("reports", "reports/xlsx", "reports/docx", "reports/bulletin?expo=automobile", "reports/bulletin/docx?expo=automobile")


@pytest.fixture
def house(bench: Bench) -> House:
    for name, grants in {
        "chief": ["supervisor@*"], "audit": ["auditor@*"], "cars": ["handler@subcenter-1"], "carchief": ["supervisor@subcenter-1"],
        "both": ["handler@subcenter-1", "supervisor@subcenter-2"], "clerk": ["intake@*"],
    }.items():  # fmt: skip
        bench.staff(name, *grants)
    return house_of(bench)


@pytest.fixture
def filed(house: House) -> dict[str, Ticket]:
    """Cases of two centers in every state that counts apart: open, concluded and rated, late, withdrawn, transferred."""
    open_, done, late = house.filed(), house.filed(), house.filed("aid_application")
    gone, moved, optics = house.filed(), house.filed(), house.filed(event="长春国际光电博览会")
    house.does(done, "accepted", "started", "contacted", "concluded")
    house.office.log.add(done, "rated", Actor("person"), {"score": "satisfied"})
    house.does(gone, "withdrawn")
    house.does(moved, "transferred")
    house.later(days=4)
    house.does(late, "contacted")
    return {"open": open_, "done": done, "late": late, "gone": gone, "moved": moved, "optics": optics}


def figures(page: str) -> dict[str, str]:
    """What stands at each figure, without tags."""
    rows = re.findall(r'<tr id="figure-(\w+)">.*?<td class="number">(.*?)</td>', page, re.S)
    return {name: " ".join(re.sub(r"<[^>]+>", "", cell).split()) for name, cell in rows}


def links(page: str) -> list[tuple[str, str]]:
    """Every link to cases behind a figure: its address and what stands in it."""
    return [(unescape(address), told) for address, told in re.findall(r'href="/console/(cases\?figure=[^"]+)"[^>]*>([^<]+)<', page)]


def numbers(page: str) -> list[str]:
    return re.findall(r'class="open" href="/console/cases/(CC-\d{4}-\d{6})"', page)


def name_of(response: Response) -> str:
    return unquote(response.headers["content-disposition"].partition("UTF-8''")[2])


def received(bench: Bench, *conditions: Any) -> int:
    with bench.desk.store.reading() as session:
        return session.scalar(select(func.count()).select_from(TicketRow).where(*conditions)) or 0


def test_the_figures_on_the_page_are_those_of_the_database(bench: Bench, filed: dict[str, Ticket]) -> None:
    page = bench.browser("chief").get("reports").text
    counted = received(bench, TicketRow.id != filed["gone"].id)
    aid = received(bench, TicketRow.kind == "aid_application")
    shown = figures(page)
    assert (shown["received"], shown["cases"], shown["aid"]) == (f"{counted} 件", f"{counted} 件", f"{aid} 件")
    assert (shown["concluded"], shown["satisfaction"], shown["reached"]) == ("1 件", "100.0%（1/1）", "6 人次")
    assert "2026年11月，共受理知识产权保护维权案件5件，其中维权援助1件，纠纷调解0件。" in page
    made = bench.desk.reports.make(NOVEMBER)
    assert int(shown["late"].split()[0]) == made.figures["late"].value > 0
    assert shown["on_time"].startswith(made.figures["on_time"].shown)
    for figure in made.figures.values():
        assert figure.means in page


def test_every_linked_number_leads_to_exactly_so_many_cases(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("chief")
    found = links(browser.get("reports").text)
    assert {dict(parse_qsl(address.partition("?")[2]))["figure"] for address, _told in found} >= {
        "received", "late", "concluded", "on_time", "aid", "satisfaction", "rated",
    }  # fmt: skip
    for address in dict(found):
        page = browser.get(address)
        wanted = bench.desk.reports.numbers(Drill.read(dict(parse_qsl(address.partition("?")[2]))))
        assert page.status_code == 200
        assert sorted(numbers(page.text)) == wanted, address
        assert f"一共 {len(wanted)} 件" in page.text
    for address, told in found:
        if told.split()[0].isdigit():
            wanted = bench.desk.reports.numbers(Drill.read(dict(parse_qsl(address.partition("?")[2]))))
            assert len(wanted) == int(told.split()[0]), address


def test_the_queue_says_which_figure_it_shows_and_leads_back_and_out(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("chief")
    page = browser.get("cases", figure="late", since="2026-11-01", until="2026-11-30", center=CARS).text
    assert "报表数字“超期”背后的案件" in page
    assert "2026年11月，只统计：分中心（汽车产业）" in page
    assert '<a class="button" href="/console/cases">' in page
    back = re.search(r'href="/console/(reports\?[^"]+)"', page)
    assert back
    assert unescape(back[1]) == f"reports?what=month&month=2026-11&center={CARS}"
    assert 'aria-current="page">本月' in browser.get(unescape(back[1])).text
    assert 'name="words"' not in page


def test_pages_of_the_queue_stay_with_the_figure(bench: Bench, filed: dict[str, Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "PAGE", 2)
    browser, seen, address = bench.browser("chief"), [], "cases?figure=received&since=2026-11-01&until=2026-11-30"
    while address:
        page = browser.get(address).text
        seen += numbers(page)
        following = re.search(r'rel="next" href="/console/([^"]+)"', page)
        address = unescape(following[1]) if following else ""
    assert sorted(seen) == sorted(ticket.number for name, ticket in filed.items() if name != "gone")


def test_every_chart_stands_beside_the_table_that_it_is_drawn_from(bench: Bench, filed: dict[str, Ticket]) -> None:
    page = bench.browser("chief").get("reports").text
    sections = re.findall(r'<section aria-labelledby="by-(\w+)">(.*?)</section>', page, re.S)
    drawn = {name: body for name, body in sections if "<svg" in body}
    assert {"day", "center", "kind", "matter", "door", "event"} <= {*drawn}
    for name, body in drawn.items():
        table = body[body.index("<table>") :]
        told = [int(value) for value in re.findall(r'data-series="0" data-value="(\d+)"', body)]
        cells = re.findall(r'<tr><th scope="row">[^<]*</th><td class="number">\s*(?:<a [^>]*>)?(\d+)', table[: table.index("</tbody>")])
        assert told == [int(cell) for cell in cells][: len(told)], name
        assert sum(told) == 5
    assert "<style" not in page
    assert ' style="' not in page


def test_the_workbook_has_the_figures_and_sums_of_the_database(bench: Bench, filed: dict[str, Ticket]) -> None:
    answer = bench.browser("audit").get("reports/xlsx", what="month", month="2026-11")
    assert (answer.status_code, name_of(answer)) == (200, "2026年11月知识产权维权援助工作统计.xlsx")
    book = load_workbook(BytesIO(answer.content))
    first = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
    counted = received(bench, TicketRow.id != filed["gone"].id)
    assert first["收到（件）"] == counted
    sheet = book["承办中心"]
    column = next(cell.column_letter for cell in sheet[1] if cell.value == "收到")
    *lines, total = [cell.value for cell in sheet[column]][1:]
    assert total == f"=SUM({column}2:{column}{len(lines) + 1})"
    with bench.desk.store.reading() as session:
        by_center = dict(
            session.execute(select(ReportCaseRow.center, func.count()).where(ReportCaseRow.state != "withdrawn").group_by(ReportCaseRow.center)).all()
        )
    label = bench.desk.reports.label
    assert dict(zip([cell.value for cell in sheet["A"]][1:-1], lines, strict=True)) == {label("center", key): many for key, many in by_center.items()}
    assert sum(lines) == counted


def test_the_paper_tells_the_same_and_neither_holds_anything_of_a_person(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("chief")
    answer = browser.get("reports/docx", what="span", since="2026-11-01", until="2026-11-30", center=CARS)
    assert name_of(answer) == "2026-11-01至2026-11-30知识产权维权援助工作统计（只统计：分中心（汽车产业））.docx"
    paper = docx.Document(BytesIO(answer.content))
    said = "\n".join(p.text for p in paper.paragraphs) + "".join(cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    sentence = re.search(r'<p class="sentence">(.*?)</p>', browser.get("reports", center=CARS, what="span", since="2026-11-01", until="2026-11-30").text)
    assert sentence
    assert sentence[1] in said
    book = load_workbook(BytesIO(browser.get("reports/xlsx").content))
    said += "".join(str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value)
    said += browser.get("reports").text + browser.get("reports/bulletin", expo="automobile").text
    assert not any(secret in said for secret in SECRETS)


def test_who_is_bound_to_a_center_gets_its_figures_only(bench: Bench, filed: dict[str, Ticket]) -> None:
    page = bench.browser("cars").get("reports", what="month", month="2026-11").text
    assert "只统计：分中心（汽车产业）" in page
    assert figures(page)["received"] == "2 件"
    assert figures(page) == figures(bench.browser("chief").get("reports", center=CARS).text)
    assert "reached" not in figures(page)
    assert "光电信息产业" not in page
    assert re.findall(r'<select name="center">\s*<option value="([^"]*)"', page) == [CARS]
    assert 'reports/xlsx' not in page, "handlers take nothing along"


@pytest.mark.parametrize("center", [OPTICS, "main", "-", "subcenter-9"])
@pytest.mark.parametrize("address", [*ADDRESSES, "cases?figure=received&since=2026-11-01&until=2026-11-30"])
def test_no_address_gives_another_centers_figures(bench: Bench, house: House, address: str, center: str) -> None:
    browser = bench.browser("carchief")
    sign = "&" if "?" in address else "?"
    assert browser.get(f"{address}{sign}center={center}").status_code == 403
    assert browser.get(f"{address}{sign}center={CARS}").status_code == 200
    assert browser.get(address).status_code == 200


def test_an_address_without_a_center_is_about_ones_own(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("carchief")
    page = browser.get("cases?figure=received&since=2026-11-01&until=2026-11-30").text
    assert sorted(numbers(page)) == [filed["open"].number, filed["done"].number]
    assert filed["optics"].number not in page
    book = load_workbook(BytesIO(browser.get("reports/xlsx").content))
    assert "只统计：分中心（汽车产业）" in [cell.value for cell in book.worksheets[0]["A"]]
    bulletin = browser.get("reports/bulletin?expo=optoelectronics&day=2026-11-23").text
    assert filed["optics"].number not in bulletin
    assert "今天收到0件" in bulletin


def test_who_has_two_centers_chooses_and_takes_along_where_he_may(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("both")
    cars, optics = browser.get("reports").text, browser.get("reports", center=OPTICS).text
    assert re.findall(r'<option value="(subcenter-\d)"( selected)?', cars) == [(CARS, " selected"), (OPTICS, "")]
    assert (figures(cars)["received"], figures(optics)["received"]) == ("2 件", "2 件")
    assert ("reports/xlsx" in cars, "reports/xlsx" in optics) == (False, True)
    assert browser.get("reports/xlsx", center=CARS).status_code == 403
    assert browser.get("reports/xlsx", center=OPTICS).status_code == 200


def test_who_may_not_see_reports_finds_no_way_by_the_queue(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("clerk")
    assert browser.get("reports").status_code == 403
    assert browser.get("cases?figure=late&since=2026-11-01&until=2026-11-30").status_code == 403
    assert '"/console/reports"' not in browser.get("cases").text
    assert '"/console/reports"' in bench.browser("cars").get("cases").text


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({}, "2026年11月"), ({"what": "day", "day": "2026-11-23"}, "2026年11月23日"), ({"what": "month", "month": "2026-7"}, "2026年7月"),
        ({"what": "year"}, "2026年"), ({"what": "span", "since": "2026-07-01"}, "2026-07-01至2026-11-23"),
        ({"what": "event", "expo": "automobile"}, "长春国际汽车博览会（2026-01-01至2026-12-31）"),
    ],
)  # fmt: skip
def test_each_kind_of_period_stands_in_the_address_and_comes_back_in_the_form(bench: Bench, house: House, query: dict[str, str], name: str) -> None:
    page = bench.browser("chief").get("reports", **query).text
    assert f"<h1>{name}知识产权维权援助工作统计</h1>" in page
    assert re.search(rf'<option value="{query.get("what", "month")}" selected', page)
    export = re.search(r'href="/console/(reports/xlsx[^"]*)"', page)
    assert export
    assert name_of(bench.browser("chief").get(unescape(export[1]))).startswith(name)


def test_narrowing_holds_for_page_links_and_files(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("chief")
    page = browser.get("reports", kind="aid_application", door="web", matter="商标").text
    assert figures(page)["received"] == "1 件"
    [address] = [address for address, told in links(page) if told == "1 件" and "figure=received" in address]
    assert {"kind": "aid_application", "door": "web", "matter": "商标"}.items() <= dict(parse_qsl(address.partition("?")[2])).items()
    assert numbers(browser.get(address).text) == [filed["late"].number]
    assert figures(browser.get("reports", matter="-").text)["received"] == "0 件"
    assert "kind=aid_application" in unescape(page.split("reports/xlsx")[1][:200])


def test_what_the_form_does_not_offer_stays_chosen_in_it(bench: Bench, filed: dict[str, Ticket]) -> None:
    page = bench.browser("chief").get("reports", matter="没有这样的权利", expo="-", door="-").text
    for name, value, told in (("matter", "没有这样的权利", "没有这样的权利"), ("expo", "-", "未注明"), ("door", "-", "未注明")):
        assert re.search(rf'<select name="{name}">[^/]*</option>\s*<option value="{value}" selected>{told}</option>', page), name
    page = bench.browser("chief").get("reports", expo="other").text
    assert '<option value="other" selected>其他展会</option>' in page
    assert "只统计：其他展会" in page


@pytest.mark.parametrize(
    "query",
    [
        "what=day&day=9999-12-31", "what=day&day=0001-01-01", "what=month&month=2026-13", "what=year&year=99999999999", "what=tax", "what=event",
        "what=span&since=2026-12-01&until=2026-01-01", "what=span&since=2000-01-01&until=2999-12-31", "center=subcenter-9", "kind=tax",
        "expo=furniture", "what=event&expo=furniture", "what=span", "what=day&day=%00x",
    ],
)  # fmt: skip
def test_what_has_no_sense_is_said_and_never_breaks(bench: Bench, house: House, query: str) -> None:
    browser = bench.browser("chief")
    page = browser.get(f"reports?{query}")
    if "%00" in query:
        assert page.status_code == 400
        return
    assert page.status_code == 422
    assert "没有这样的时间或者条件" in page.text
    assert browser.get(f"reports/xlsx?{query}").status_code == 422
    assert browser.get(f"reports/docx?{query}").status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "figure=received", "figure=tax&since=2026-11-01&until=2026-11-30", "figure=answered&since=2026-11-01&until=2026-11-30",
        "figure=late&since=x&until=y", "figure=late&since=2026-11-30&until=2026-11-01", "figure=late&since=2026-11-01&until=2026-11-30&kind=tax",
    ],
)  # fmt: skip
def test_a_figure_that_is_none_is_said_in_the_queue(bench: Bench, house: House, query: str) -> None:
    page = bench.browser("chief").get(f"cases?{query}")
    assert page.status_code == 422
    assert "筛选条件看不懂" in page.text


def test_days_far_away_break_nothing_either(bench: Bench, house: House) -> None:
    page = bench.browser("chief").get("cases?figure=received&since=0001-01-01&until=9999-12-31")
    assert page.status_code == 200
    assert "一共 0 件" in page.text


def test_hostile_words_come_back_harmless_from_reports_too(bench: Bench, house: House) -> None:
    hostile = '"><script>alert(1)</script>'
    browser = bench.browser("chief")
    for page in (
        browser.get("reports", matter=hostile),
        browser.get("cases", figure="late", since="2026-11-01", until="2026-11-30", matter=hostile),
        browser.get("reports/bulletin", expo=hostile),
    ):
        assert "<script>alert" not in page.text
    name = name_of(browser.get("reports/xlsx", matter=f"a/b\n{hostile}"))
    assert name.endswith(".xlsx")
    assert not {*'/\n"<>'} & {*name}


def test_the_bulletin_tells_the_day_and_names_the_cases_behind_it(bench: Bench, filed: dict[str, Ticket]) -> None:
    browser = bench.browser("chief")
    page = browser.get("reports/bulletin", expo="automobile", day="2026-11-23").text
    assert "<h1>长春国际汽车博览会 2026年11月23日日报</h1>" in page
    assert "今天收到3件，当天办结1件，闭馆时还在办2件；" in page
    assert {*re.findall(r"cases/(CC-\d{4}-\d{6})", page)} == {filed[name].number for name in ("open", "done", "moved")}
    assert page.count("<svg") == 2
    answer = browser.get("reports/bulletin/docx", expo="automobile", day="2026-11-23")
    assert name_of(answer) == "长春国际汽车博览会 2026年11月23日日报.docx"
    paper = docx.Document(BytesIO(answer.content))
    assert any(p.text.startswith("今天收到3件") for p in paper.paragraphs)
    assert browser.get("reports/bulletin", expo="furniture").status_code == 422
    assert browser.get("reports/bulletin/docx", day="soon").status_code == 422
    assert browser.get("reports/bulletin").status_code == 200


def pages(bench: Bench, browser: Browser) -> list[str]:
    stranger = bench.browser()
    seen = [browser.get(path).text for path in ("cases", "reports", "reports/bulletin", "talks", "knowledge", "log", "account", "nothing")]
    return [*seen, stranger.get("sign-in").text]


def test_every_page_says_when_everything_is_invented(tmp_path: Path) -> None:
    store = open_store(Settings(var_dir=tmp_path))
    store.migrate()
    with store.session() as session:
        session.add(DatabaseMarkRow(name=DEMO, at=MORNING))
    store.close()
    with workbench(tmp_path) as bench:
        bench.staff("chief", "supervisor@*")
        for page in pages(bench, bench.browser("chief")):
            assert '<p class="demo">演示数据：' in page


def test_no_page_says_so_of_a_real_record(bench: Bench, house: House) -> None:
    for page in pages(bench, bench.browser("chief")):
        assert "演示数据" not in page

"""A year's report downloaded in a real browser and opened: its figures and sums are what plain SQL counts in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from console_site import ConsoleSite, demonstration
from playwright.sync_api import Browser, expect
from sqlalchemy import bindparam, text

from aid.clock import CHANGCHUN

pytestmark = pytest.mark.browser
CASES = 150
YEAR = 2026
ENDED = "('concluded', 'mediated', 'withdrawn', 'not_accepted', 'merged', 'reopened')"
LAST = f"(SELECT e.kind FROM ticket_event e WHERE e.ticket_id = t.id AND e.kind IN {ENDED} ORDER BY e.seq DESC LIMIT 1)"
WITHIN = "t.created_at >= :first AND t.created_at < :after"
COUNTS_AS_RECEIVED = f"{WITHIN} AND coalesce({LAST}, '') NOT IN ('withdrawn', 'merged')"
RIGHTS_CASES = ("expo_complaint", "infringement_report", "aid_application", "mediation_request", "adjudication_request")
"""The kinds that docs/reports.md counts as cases of rights protection."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ConsoleSite]:
    site = demonstration(tmp_path / "var", CASES)
    site.staff("chief", "supervisor@*")
    yield site
    site.close()


def counted(site: ConsoleSite, query: str) -> dict[str, int]:
    """The rows of a query of a name and a count, with the year's first moment and that of the next one."""
    first, after = (datetime(year, 1, 1, tzinfo=CHANGCHUN).astimezone(UTC).replace(tzinfo=None) for year in (YEAR, YEAR + 1))
    with site.desk.store.reading() as session:
        asked = text(query).bindparams(first=first, after=after)
        if ":cases" in query:
            asked = asked.bindparams(bindparam("cases", RIGHTS_CASES, expanding=True))
        return {str(name): int(many) for name, many in session.execute(asked)}


def one(site: ConsoleSite, query: str) -> int:
    """What a query counts."""
    return counted(site, f"SELECT 'all', ({query})")["all"]


def value(sheet: Any, cell: Any) -> float:
    """The value of a cell; sums are reckoned from the cells that they name."""
    if isinstance(cell.value, str):
        found = re.fullmatch(r"=SUM\(([A-Z]+)(\d+):\1(\d+)\)", cell.value)
        assert found, cell.value
        return sum(value(sheet, sheet[f"{found[1]}{row}"]) for row in range(int(found[2]), int(found[3]) + 1))
    return float(cell.value)


def column(sheet: Any, label: str) -> dict[str, float]:
    """A column of a table by the label of each row, its sum too."""
    [place] = [cell.column for cell in sheet[1] if cell.value == label]
    return {str(row[0].value): value(sheet, row[place - 1]) for row in sheet.iter_rows(min_row=2)}


def test_the_workbooks_sums_are_what_the_database_counts(site: ConsoleSite, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", accept_downloads=True)
    page = site.signed_in(context, "chief")
    page.get_by_role("link", name="报表", exact=True).click()
    page.get_by_role("link", name="今年", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{YEAR}年")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载表格（xlsx）").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    path = tmp_path / "report.xlsx"
    download.value.save_as(path)
    on_page = {row: page.locator(f"#figure-{row} td").first.inner_text().split()[0] for row in ("received", "cases", "aid", "mediation", "concluded", "reached")}
    context.close()

    book = openpyxl.load_workbook(path)
    shown = {str(row[0].value).partition("（")[0]: row[1].value for row in book.worksheets[0].iter_rows() if row[0].value}
    kinds = counted(site, f"SELECT t.kind, count(*) FROM ticket t WHERE {COUNTS_AS_RECEIVED} GROUP BY t.kind")
    accepted = f"{COUNTS_AS_RECEIVED} AND coalesce({LAST}, '') <> 'not_accepted'"
    rights = counted(site, f"SELECT t.kind, count(*) FROM ticket t WHERE {accepted} AND t.kind IN :cases GROUP BY t.kind")
    concluded = one(
        site,
        f"SELECT count(*) FROM ticket t WHERE {LAST} IN ('concluded', 'mediated') AND (SELECT max(e.at) FROM ticket_event e WHERE e.ticket_id = t.id"
        " AND e.kind IN ('concluded', 'mediated')) BETWEEN :first AND :after",
    )
    reached = one(site, "SELECT count(DISTINCT i.conversation_id) FROM inbound i WHERE i.received_at >= :first AND i.received_at < :after")
    expected = {
        "收到": sum(kinds.values()), "受理维权案件": sum(rights.values()), "其中维权援助": rights["aid_application"],
        "其中纠纷调解": rights["mediation_request"], "办结": concluded, "惠及": reached,
    }  # fmt: skip
    assert {label: shown[label] for label in expected} == expected
    assert list(on_page.values()) == [str(many) for many in expected.values()]
    assert min(expected.values()) > 0

    labels = {kind.kind: kind.label for kind in site.desk.office.kinds.values()}
    assert column(book["事项"], "收到") == {**{labels[kind]: many for kind, many in kinds.items()}, "合计": sum(kinds.values())}
    doors = counted(
        site, f"SELECT c.door, count(*) FROM ticket t JOIN conversation c ON c.id = t.conversation_id WHERE {COUNTS_AS_RECEIVED} GROUP BY c.door"
    )
    told = {"web": "网页", "kiosk": "展会自助机", "wechat": "微信", "api": "其他系统"}
    assert column(book["来源"], "收到") == {**{told[door]: many for door, many in doors.items()}, "合计": sum(kinds.values())}
    for name in ("承办中心", "权利类型", "展会", "月份"):
        assert column(book[name], "收到")["合计"] == sum(kinds.values()), name
    assert column(book["月份"], "办结")["合计"] == concluded

"""`aid report` and `aid demo`, as typed."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import docx
import openpyxl
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from aid.cli.main import app
from aid.clock import FixedClock
from aid.privacy.vault import open_vault
from aid.replies import Reply
from aid.settings import read_settings
from aid.store import open_store
from aid.store.messages import Messages
from aid.store.models import ConversationRow, TicketRow
from tests.reports.conftest import answer

START = "2026-11-30T16:30:00"


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_database):  # type: ignore[no-untyped-def]
    """Types a command at a fixed moment, over a database of its own."""
    monkeypatch.setenv("AID_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("AID_CLOCK_START", START)
    if address := own_database():
        monkeypatch.setenv("AID_DATABASE_URL", address)

    def run(*arguments: str, fails: bool = False) -> Result:
        result = CliRunner().invoke(app, [*arguments])
        assert result.exit_code == (1 if fails else 0), result.output
        return result

    return run


@pytest.fixture
def filled(typed, tmp_path: Path):  # type: ignore[no-untyped-def]
    """The same, with sixty invented cases in it."""
    address = os.environ.get("AID_DATABASE_URL", "")
    typed("demo", "--cases", "60", "--var", str(tmp_path / "var"), *(["--database", address] if address else []))
    return typed


def test_a_year_is_shown_with_its_sentence_tables_and_the_word_that_it_is_invented(filled) -> None:  # type: ignore[no-untyped-def]
    said = filled("report", "year").stdout
    assert "2026年，共受理知识产权保护维权案件" in said
    assert "演示数据" in said
    assert "承办中心" in said
    assert said.count("合计") == 6


def test_files_and_charts_are_written_once_and_never_over_others(filled, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    files = ["--xlsx", str(tmp_path / "a.xlsx"), "--docx", str(tmp_path / "a.docx"), "--svg", str(tmp_path / "charts")]
    filled("report", "year", "2026", *files)
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A1"].value == "2026年 知识产权维权援助工作统计"
    assert docx.Document(str(tmp_path / "a.docx")).paragraphs[0].text == "2026年知识产权维权援助工作统计"
    for chart in (tmp_path / "charts").glob("*.svg"):
        ElementTree.parse(chart)
    assert (tmp_path / "charts" / "chart-month.svg").exists()
    assert "is there already" in filled("report", "year", "2026", *files[:2], fails=True).output


def test_the_numbers_behind_a_figure_are_listed_and_are_as_many_as_it_says(filled) -> None:  # type: ignore[no-untyped-def]
    listed = filled("report", "year", "2026", "--kind", "mediation_request", "--list", "received").stdout.split()
    said = filled("report", "year", "2026", "--kind", "mediation_request").stdout
    assert all(number.startswith("CC-2026-") for number in listed)
    assert f"收到{len(listed):>20} 件" in said


def test_an_expos_year_and_its_daily_bulletin_can_be_had(filled, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "只统计：长春国际汽车博览会" in filled("report", "event", "automobile").stdout
    said = filled("report", "bulletin", "automobile", "--day", "2026-07-12", "--docx", str(tmp_path / "b.docx")).stdout
    assert said.startswith("长春国际汽车博览会 2026年7月12日日报")
    assert docx.Document(str(tmp_path / "b.docx")).paragraphs[0].text.endswith("日报")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["decade"], "say one of"),
        (["year", "twenty"], "is no year"),
        (["month", "2026-13"], "is no month"),
        (["day", "2026-02-30"], "is no day"),
        (["span", "2026-03-02..2026-03-01"], "lies before"),
        (["event", "furniture"], "there is no expo furniture"),
        (["year", "2026", "--center", "subcenter-9"], "there is no center"),
        (["year", "2026", "--list", "answered"], "no cases behind"),
    ],
)
def test_what_does_not_exist_is_refused_in_one_sentence(typed, arguments: list[str], says: str) -> None:  # type: ignore[no-untyped-def]
    said = typed("report", *arguments, fails=True).output
    assert says in said
    assert "Traceback" not in said


def test_a_demonstration_leaves_the_database_in_force_alone(typed, tmp_path: Path, own_database) -> None:  # type: ignore[no-untyped-def]
    other = own_database()
    typed("demo", "--cases", "5", "--var", str(tmp_path / "demo"), *(["--database", other] if other else []))
    store = open_store(read_settings())
    store.migrate()
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(TicketRow)) == 0
    store.close()
    assert "holds a demonstration" in typed("demo", "--cases", "5", "--var", str(tmp_path / "demo"), *(["--database", other] if other else []), fails=True).output


def test_talks_that_are_purged_have_been_counted(typed) -> None:  # type: ignore[no-untyped-def]
    settings = read_settings()
    store = open_store(settings)
    store.migrate()
    messages = Messages(store, open_vault(settings), FixedClock(datetime(2026, 2, 3, 10, 0)))
    inbound = messages.add_inbound(messages.open_conversation("web").id, "first-1234", "商标被抢注")[0].id
    messages.finish_turn(inbound, [Reply(text="答", card=answer("trademark.squatted"))])
    typed("privacy", "purge", "--yes", "--unconfirmed")
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(ConversationRow)) == 0
    store.close()
    said = typed("report", "month", "2026-02").stdout
    assert "咨询1次，惠及各类群体1人次" in said

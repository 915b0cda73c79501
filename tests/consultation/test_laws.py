"""The documents that answers cite."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid.consultation.laws import Laws, article_name, chinese_numeral, is_article, load_laws
from aid.language.numerals import chinese_number
from aid.settings import PROJECT
from tests.consultation.conftest import LAWS


@pytest.fixture
def laws(tmp_path: Path) -> Laws:
    (tmp_path / "laws.yml").write_text(LAWS, encoding="utf-8")
    found, faults = load_laws(tmp_path / "laws.yml")
    assert faults == []
    return found


@pytest.mark.parametrize(
    ("article", "name"),
    [("8", "第八条"), ("10", "第十条"), ("65", "第六十五条"), ("110", "第一百一十条"), ("219-1", "第二百一十九条之一"),
     ("1008", "第一千零八条"), ("1260", "第一千二百六十条"), ("300", "第三百条")],
)  # fmt: skip
def test_articles_are_written_as_in_a_statute(article: str, name: str) -> None:
    assert article_name(article) == name


@given(st.integers(1, 9999))
def test_a_chinese_numeral_reads_back_as_its_number(number: int) -> None:
    assert chinese_number(chinese_numeral(number)) == number


@pytest.mark.parametrize("text", ["0", "065", "65条", "219-", "-1", "", "六十五"])
def test_other_writings_are_no_articles(text: str) -> None:
    assert not is_article(text)


def test_the_version_in_force_depends_on_the_day(laws: Laws) -> None:
    law = laws.laws["商标法"]
    versions = [law.on(day) for day in (date(2019, 10, 31), date(2026, 12, 31), date(2027, 1, 1))]
    assert [version.version if version else None for version in versions] == [None, "2019修正", "2026修订"]


def test_only_articles_that_exist_and_were_at_hand_may_be_cited(laws: Laws) -> None:
    def may(key: str, article: str) -> bool:
        return laws.laws[key].versions[0].may_cite(article)

    assert [may("刑法", article) for article in ("452", "453", "219-1", "219-2")] == [True, False, True, False]
    assert [may("部分可引", article) for article in ("6", "7")] == [True, False]
    assert not may("展会指引", "1")


def test_the_short_key_is_shown_only_where_it_is_the_laws_own_name(laws: Laws) -> None:
    patent, guide = laws.laws["专利法"], laws.laws["展会指引"]
    assert patent.shown_as(patent.versions[0]) == "专利法"
    assert guide.shown_as(guide.versions[0]) == "国家知识产权局《展会指引》"


def test_names_of_repealed_documents_are_known(laws: Laws) -> None:
    assert set(laws.gone(date(2026, 11, 22), date.max)) == {"旧办法", "商标旧办法"}


@pytest.mark.parametrize(
    "name",
    ["市场监督管理投诉举报处理暂行办法", "法释〔2021〕4号", "法释〔2007〕6号", "法释〔2020〕10号", "刑事案件具体应用法律",
     "最高人民法院关于审理侵害知识产权民事案件适用惩罚性赔偿的解释"],
)  # fmt: skip
def test_the_names_that_older_memory_uses_are_refused_and_today_s_are_not(name: str) -> None:
    laws, faults = load_laws(PROJECT / "knowledge" / "laws.yml")
    assert faults == []
    gone = set(laws.gone(date(2026, 11, 22), date.max))
    assert name in gone
    assert not gone & {"商标法", "专利法", "法释〔2026〕7号", "市场监督管理投诉举报处理办法", "法释〔2025〕5号"}


def test_a_version_s_name_is_gone_only_after_its_last_day(laws: Laws) -> None:
    assert "旧办法" not in set(laws.gone(date(2019, 12, 1), date(2019, 12, 2)))


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: [", 2, "YAML"),
        ("- a", 1, "must map"),
        ("甲法:\n  version: 1", 1, "甲法: 'versions'"),
        ("甲法:\n  old: [旧]\n  versions:\n    - {version: 一, official: 甲, effective: 2020-01-01}", 2, "'old' is no field"),
        ("甲法:\n  old_names: 旧\n  versions:\n    - {version: 一, official: 甲, effective: 2020-01-01}", 2, "list of names"),
        ("甲法:\n  versions:\n    - {version: 一, official: 甲, articles: 3}", 3, "effective"),
        ("甲法:\n  versions:\n    - version: 一\n      official: 甲\n      effective: soon", 5, "effective"),
        (
            "甲法:\n  versions:\n    - {version: 一, official: 甲, effective: 2020-01-01}\n"
            "    - {version: 二, official: 甲, effective: 2021-01-01}",
            4,
            "same day",
        ),
    ],
)
def test_a_faulty_file_is_told_by_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "laws.yml"
    path.write_text(text, encoding="utf-8")
    _, faults = load_laws(path)
    assert [fault.line for fault in faults] == [line]
    assert problem in faults[0].message
    assert faults[0].file == path


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    laws, faults = load_laws(tmp_path / "laws.yml")
    assert not laws.laws
    assert "cannot be read" in faults[0].message


def test_the_projects_own_laws_have_no_fault() -> None:
    laws, faults = load_laws(PROJECT / "knowledge" / "laws.yml")
    assert faults == []
    assert len(laws.laws) > 50

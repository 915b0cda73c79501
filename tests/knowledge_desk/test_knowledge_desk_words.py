"""What the desk says to people: whole, and every sentence of the checks in plain Chinese."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from aid.consultation.entries import load_knowledge
from aid.faults import KnowledgeError
from aid.knowledge_desk.content import content_of
from aid.knowledge_desk.errors import BadText, NothingChanged
from aid.knowledge_desk.form import form_of, row_of
from aid.knowledge_desk.topic_file import TopicFile
from aid.knowledge_desk.words import DeskWords, load_desk_words
from aid.settings import PROJECT
from tests.consultation.conftest import LAWS, entry, topic
from tests.knowledge_desk.conftest import TODAY, patent

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def words() -> DeskWords:
    return load_desk_words(PROJECT / "knowledge")


FAULTY = {
    "编号 patent.A 不对": {"id": "patent.A"},
    "相关条目里写了自己": {"related": ["patent.copied"]},
    "没有相关条目 patent.none": {"related": ["patent.none"]},
    "最后一天早于第一天": {"valid": {"from": date(2021, 6, 1), "until": date(2021, 5, 1)}},
    "不在有效日期里面": {"later": [{"from": date(2020, 1, 1), "short": "以后。"}]},
    "核对日期还没到": {"checked": date(2027, 1, 1)},
    "超过一年了": {"checked": date(2024, 1, 1)},
    "提到的“商标旧办法”已经失效": {"short": "按商标旧办法处理。"},
    "写了“5万元”": {"short": "罚款5万元。", "basis": [{"law": "展会指引"}]},
    "依据“没有的法”不在法律目录里": {"basis": [{"law": "没有的法"}]},
    "在 2021-06-01 没有有效的版本": {"basis": [{"law": "展会指引"}]},
    "没有第 99 条": {"basis": [{"law": "专利法", "article": 99}]},
    "只能写名称": {"basis": [{"law": "展会指引", "article": 3}], "valid": {"from": date(2023, 1, 1)}},
    "只有这些条可以写条号：6, 12": {"basis": [{"law": "部分可引", "article": 7}], "valid": {"from": date(2025, 2, 1)}},
    "从 2027-01-01 起换新版本": {"basis": [{"law": "商标法", "article": 57}]},
    "写了两遍": {"variants": [*entry("patent.copied")["variants"], "专利被仿冒怎么办"]},
    "问法“商标被别人抢注了”在 patent.copied 里已经有了": {"variants": [*entry("patent.copied")["variants"], "商标被别人抢注了"]},
    "几乎一样": {"variants": [*entry("patent.copied")["variants"], "有人恶意抢注我店名的商标吗"]},
}


@pytest.mark.parametrize("said", FAULTY)
def test_what_the_checks_find_is_said_in_chinese(words: DeskWords, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    (folder / "consultations").mkdir(parents=True)
    (folder / "laws.yml").write_text(LAWS, "utf-8")
    row = {**entry("patent.copied"), **FAULTY[said]}
    (folder / "consultations" / "patent.yml").write_text(topic("patent", row), "utf-8")
    (folder / "consultations" / "trademark.yml").write_text(topic("trademark", entry("trademark.squatted")), "utf-8")
    told = [words.fault(fault.message) for fault in load_knowledge(folder, TODAY)[1]]
    assert any(said in sentence for sentence in told), told
    for sentence in told:
        assert CHINESE.search(sentence)
        assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]", sentence), sentence


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"short": "字" * 121}, "一句话回答：最多 120 个字"),
        ({"short": "字" * 50_000}, "一句话回答：有 50000 个字，最多 40000 个"),
        ({"short": ""}, "一句话回答：还没有填"),
        ({"points": ["一。"]}, "要知道的：至少 2 行，现在 1 行"),
        ({"points": ["一。", "二" * 61]}, "要知道的：第 2 行有 61 个字，最多 60 个"),
        ({"steps": ["一。"]}, "怎么办：写两到六步"),
        ({"steps": ["一。", "打13900007001。"]}, "怎么办（第2行）：里面有电话、身份证号或者邮箱（打139****7001。）"),
        ({"variants": ["一", "二\u200b"]}, "大家怎么问（第2行）：里面有看不见的特殊字符（U+200B）"),
        ({"variants": ["一"]}, "大家怎么问：至少 8 行，现在 1 行"),
        ({"variants": [f"问{n}" for n in range(81)]}, "大家怎么问：最多 80 行"),
        ({"basis": [{"law": "法" * 61}]}, "依据（第1行）：有 61 个字，最多 60 个"),
        ({"basis": [{"law": "专利法", "article": "三"}]}, "依据（第1行）：“三”不是条号"),
        ({"case": "nothing"}, "可以转去办的事：没有“nothing”这种事项"),
        ({"roles": []}, "谁会问：至少 1 行"),
        ({"roles": ["x"]}, "谁会问（第1行）：请选谁会问"),
        ({"checked": "x"}, "核对日期：日期不对"),
    ],
)
def test_what_a_form_may_not_hold_is_said_with_field_and_line(words: DeskWords, changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadText) as refused:
        patent(**changes)
    assert said in words.error(refused.value)


def test_what_no_row_knows_is_shown_as_it_is(words: DeskWords) -> None:
    assert words.fault("something new") == "something new"
    assert "一模一样" in words.error(NothingChanged("x"))


def test_a_file_that_is_not_whole_or_has_a_wrong_pattern_is_refused(tmp_path: Path) -> None:
    text = (PROJECT / "knowledge" / "knowledge_desk.yml").read_text("utf-8")
    for old, new in (
        ("written: 已经生效。", "other: 已经生效。"),
        (r"find: '(?:\S+: )?the id (\S+) is used .*'", "find: '(the id'"),
        ("say: '编号 {1} 已经有了'", "say: '编号 {2} 已经有了'"),
    ):
        assert old in text
        (tmp_path / "knowledge_desk.yml").write_text(text.replace(old, new), "utf-8")
        with pytest.raises(KnowledgeError, match=r"knowledge_desk\.yml"):
            load_desk_words(tmp_path)


def test_every_entry_goes_through_the_form_and_comes_back_the_same() -> None:
    for path in sorted((PROJECT / "knowledge" / "consultations").glob("*.yml"))[::7]:
        file = TopicFile(path.read_text("utf-8"))
        for entry_id in re.findall(r"(?m)^  - id: (\S+)$", file.text):
            content = file.content(entry_id)
            assert content is not None
            fields = form_of(content)
            said = {name: [value.replace("\n", "\r\n")] for name, value in fields.items()}
            assert content_of(row_of({**said, "roles": fields["roles"].split()})) == content


def test_later_blocks_and_odd_citations_go_through_the_form() -> None:
    later = [
        {"from": "2027-01-01", "label": "新", "steps": [], "basis": [{"law": "商标法", "article": "72"}]},
        {"from": "2028-01-01", "short": "又一变。", "points": ["一。", "二。"]},
    ]
    content = patent(later=later, basis=[{"law": "专利法", "says": "说 | 什么"}, {"law": "刑法", "article": "219-1", "says": "罪"}], case="aid_application")
    fields = form_of(content)
    assert content_of(row_of({**{name: [value] for name, value in fields.items()}, "roles": fields["roles"].split()})) == content
    told = row_of({"basis": ["专利法 ｜ 第65条 ｜ 可以起诉\n专利法 | 只有话\n\n专利法"], "topic": ["patent"], "slug": ["x"]})
    assert told["basis"] == [{"law": "专利法", "article": "65", "says": "可以起诉"}, {"law": "专利法", "says": "只有话"}, {"law": "专利法"}]
    assert told["id"] == "patent.x"

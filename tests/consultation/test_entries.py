"""Reading, checking and telling what an entry says."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from aid.clock import SystemClock, today
from aid.consultation.checks import figures
from aid.consultation.entries import KnowledgeBase, load_knowledge, require_knowledge
from aid.faults import Fault, KnowledgeError
from aid.settings import PROJECT
from tests.consultation.conftest import TODAY, Write, entry, topic

TRADEMARK_2019 = [{"law": "商标法", "article": 57, "says": "哪些算侵权"}]
TRADEMARK_2027 = [{"law": "商标法", "article": 72, "says": "哪些算侵权"}]


def faults_of(write: Write, *entries: dict[str, Any]) -> list[Fault]:
    return load_knowledge(write(patent=topic("patent", *entries)), TODAY)[1]


def test_a_sound_folder_has_no_faults_and_all_its_entries(knowledge: KnowledgeBase) -> None:
    assert list(knowledge.entries)[:2] == ["mediation.start", "patent.copied"]
    assert knowledge.topics == {"mediation": "主题", "patent": "主题", "trademark": "主题"}
    assert knowledge.entry("patent.fee") is not None
    assert knowledge.entry("patent.none") is None


FAULTY: list[tuple[str, dict[str, Any], str]] = [
    ("a field is missing", {"short": None}, "short: is missing"),
    ("a field is unknown", {"shrot": "x"}, "shrot: is not a field"),
    ("too few variants", {"variants": ["专利甲", "专利乙"]}, "variants: has too few items"),
    ("the label is too long", {"label": "长" * 25}, "label"),
    ("the short answer is too long", {"short": "长" * 121}, "short"),
    ("a point is too long", {"points": ["短。", "长" * 61]}, "number 2 has 61 characters"),
    ("one point only", {"points": ["一点。"]}, "points: has too few items"),
    ("one step only", {"steps": ["一步。"]}, "two to six steps"),
    ("no basis", {"basis": []}, "basis: has too few items"),
    ("an unknown role", {"roles": ["lawyer"]}, "roles.1"),
    ("an unknown case kind", {"case": "complaint"}, "no case kind"),
    ("no date", {"checked": "soon"}, "checked"),
    ("no article", {"basis": [{"law": "专利法", "article": "65条", "says": ""}]}, "not an article"),
    ("the id has another topic", {"id": "mark.copied"}, "must be 'patent.'"),
    ("the id is not ASCII", {"id": "patent.仿冒"}, "must be 'patent.'"),
    ("a law is unknown", {"basis": [{"law": "甲法", "article": 1}]}, "not in laws.yml"),
    ("an article does not exist", {"basis": [{"law": "专利法", "article": 83}]}, "no article 83"),
    ("the law is not yet in force", {"valid": {"from": date(2021, 5, 31)}}, "2021-05-31"),
    (
        "a law is no longer in force",
        {"basis": [{"law": "旧办法", "article": 1}], "valid": {"from": date(2019, 1, 1)}},
        "in force on 2020-01-02",
    ),
    (
        "a document may be cited by name only",
        {"basis": [{"law": "展会指引", "article": 3}], "valid": {"from": date(2023, 1, 1)}},
        "by name only",
    ),
    (
        "an article was not at hand",
        {"basis": [{"law": "部分可引", "article": 7}], "valid": {"from": date(2025, 1, 1)}},
        "by number only for 6, 12",
    ),
    (
        "a law changes and nothing says what then",
        {"basis": TRADEMARK_2019},
        "add a 'later' block",
    ),
    (
        "the later basis cites a missing article",
        {"basis": TRADEMARK_2019, "later": [{"from": date(2027, 1, 1), "basis": [{"law": "商标法", "article": 88}]}]},
        "2026修订) has no article 88",
    ),
    ("later begins before the answer", {"later": [{"from": date(2021, 6, 1), "short": "新的答案。"}]}, "not within"),
    ("until is before from", {"valid": {"from": date(2022, 1, 1), "until": date(2021, 12, 1)}}, "before 'from'"),
    ("a repealed name is in the text", {"short": "按商标旧办法办理。"}, "商标旧办法, which is no longer"),
    (
        "a figure has no basis",
        {"short": "请在十五日内提出。", "basis": [{"law": "展会指引"}], "valid": {"from": date(2023, 1, 1)}},
        "says 十五日",
    ),
    ("a related entry is missing", {"related": ["patent.none"]}, "patent.none does not exist"),
    ("an entry is related to itself", {"related": ["patent.copied"]}, "is the entry itself"),
    ("checked in the future", {"checked": date(2026, 11, 23)}, "in the future"),
    ("the same variant twice", {"variants": [*"甲乙丙丁戊己", "专利", "专利？"]}, "twice in this entry"),
]


@pytest.mark.parametrize(("changes", "problem"), [row[1:] for row in FAULTY], ids=[row[0] for row in FAULTY])
def test_each_fault_is_told_with_its_file_and_line(write: Write, changes: dict[str, Any], problem: str) -> None:
    faults = [fault for fault in faults_of(write, entry("patent.copied", **changes)) if fault.level == "error"]
    assert [fault for fault in faults if problem in str(fault)], faults
    assert {fault.file.name for fault in faults} == {"patent.yml"}
    assert all(fault.line > 1 for fault in faults)


def test_the_line_is_that_of_the_faulty_part(write: Write) -> None:
    text = topic("patent", entry("patent.fee"), entry("patent.copied", points=["短。", "长" * 61]))
    (fault,) = load_knowledge(write(patent=text), TODAY)[1]
    lines = text.splitlines()
    assert "points:" in lines[fault.line - 1]
    assert fault.line > lines.index("- id: patent.copied")


def test_one_faulty_entry_does_not_hide_the_others(write: Write) -> None:
    text = topic("patent", entry("patent.copied", short=None), entry("patent.fee"))
    knowledge, faults = load_knowledge(write(patent=text), TODAY)
    assert list(knowledge.entries) == ["patent.fee"]
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("topic: [", "YAML cannot be read"),
        ("topic: patent\nlabel: 专利", "list 'entries'"),
        ("topic: mark\nlabel: 专利\nentries: []", "'topic' must be 'patent'"),
        ("topic: patent\nentries: []", "'label' of the topic"),
        ("topic: patent\nlabel: 专利\nlabel: 再来\nentries: []", "stands twice"),
        ("topic: patent\nlabel: 专利\nextra: 1\nentries: []", "'extra' is not a field"),
        ("topic: patent\nlabel: 专利\nentries: [{checked: 2026-02-30}]", "value cannot be read"),
        ("topic: patent\nlabel: 专利\nentries: [text]", "entry 1"),
        ("", "list 'entries'"),
    ],
)
def test_a_file_that_is_no_topic_is_told(write: Write, text: str, problem: str) -> None:
    _, faults = load_knowledge(write(patent=text), TODAY)
    assert any(problem in str(fault) for fault in faults), faults


def test_a_topic_may_lie_in_several_files(write: Write) -> None:
    folder = write(patent=topic("patent", entry("patent.copied")), patent_2=topic("patent", entry("patent.fee")))
    knowledge, faults = load_knowledge(folder, TODAY)
    assert faults == []
    assert set(knowledge.entries) == {"patent.copied", "patent.fee"}


def test_an_id_or_a_variant_in_two_entries_is_an_error_in_both_files(write: Write) -> None:
    other = entry("patent.copied", variants=[*"甲乙丙丁戊己庚", "专利，被仿冒怎么办？"])
    folder = write(patent=topic("patent", entry("patent.copied")), patent_2=topic("patent", other))
    _, faults = load_knowledge(folder, TODAY)
    assert {fault.file.name for fault in faults if "used 2 times" in fault.message} == {"patent.yml", "patent-2.yml"}
    assert [fault.message for fault in faults if "stands also in patent.copied" in fault.message]


def test_nearly_equal_variants_of_two_entries_are_a_warning(write: Write) -> None:
    long = "我在展会上看到有人摆着和我外观专利一模一样的杯子在卖"
    faults = faults_of(
        write,
        entry("patent.copied", variants=[*"甲乙丙丁戊己庚", long]),
        entry("patent.fee", variants=[*"辛壬癸子丑寅卯", long + "吗"]),
    )
    assert [(fault.level, "is nearly" in fault.message) for fault in faults] == [("warning", True)]


def test_an_entry_not_checked_for_a_year_is_a_warning(write: Write) -> None:
    (fault,) = faults_of(write, entry("patent.copied", checked=TODAY - timedelta(days=366)))
    assert (fault.level, "twelve months" in fault.message) == ("warning", True)
    assert faults_of(write, entry("patent.copied", checked=TODAY - timedelta(days=365))) == []


def test_figures_may_rest_on_an_article_or_on_the_citys_reply(write: Write) -> None:
    city = [{"law": "长市监议字[2025]18号"}]
    assert faults_of(write, entry("patent.copied", short="请在三个月内提出。")) == []
    figure = entry("patent.copied", short="受理了66件，占10%。", basis=city, valid={"from": date(2025, 1, 1)})
    assert faults_of(write, figure) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请在十五日内提出", ["十五日"]),
        ("3个工作日或2个月", ["3个工作日", "2个月"]),
        ("罚款５万元以下", ["5万元"]),
        ("百分之三十以上", ["百分之三十"]),
        ("一倍以上五倍以下", ["一倍", "五倍"]),
        ("每24小时一次，最多3次", ["24小时", "3次"]),
        ("2027年1月1日起", []),
        ("2024年度", []),
        ("第一次去，第三天回", []),
        ("一次说一件事", []),
        ("打12345", []),
        ("日常使用，周边商户", []),
    ],
)
def test_figures_are_numbers_with_a_unit(text: str, expected: list[str]) -> None:
    assert list(figures(text)) == expected


def test_what_changes_on_a_day_replaces_only_what_it_names(write: Write) -> None:
    row = entry(
        "patent.copied",
        basis=TRADEMARK_2019,
        valid={"from": date(2021, 6, 1), "until": date(2028, 12, 31)},
        later=[{"from": date(2027, 1, 1), "short": "新的答案。", "basis": TRADEMARK_2027}],
    )
    knowledge, faults = load_knowledge(write(patent=topic("patent", row)), TODAY)
    assert faults == []
    found = knowledge.entries["patent.copied"]
    before, after = found.on(date(2026, 12, 31)), found.on(date(2027, 1, 1))
    assert before is not None
    assert after is not None
    assert (before.short, after.short) == ("专利被人仿冒可以处理，请先留好证据。", "新的答案。")
    assert after.points == before.points
    assert found.on(date(2021, 5, 31)) is None
    assert found.on(date(2029, 1, 1)) is None
    assert found.periods() == [
        (date(2021, 6, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2028, 12, 31)),
    ]
    shown = [version.card(0.9).basis[0] for version in (before, after)]
    assert [(basis.law, basis.version, basis.article) for basis in shown] == [
        ("商标法", "2019修正", "第五十七条"),
        ("商标法", "2026修订", "第七十二条"),
    ]


def test_the_card_says_what_the_entry_says(knowledge: KnowledgeBase) -> None:
    version = knowledge.entries["patent.copied"].on(TODAY)
    assert version is not None
    card = version.card(0.75)
    assert (card.entry, card.label, card.probability) == ("patent.copied", "专利被人仿冒", 0.75)
    assert (card.points, card.steps) == (["先留好证据。", "再找中心。"], ["拍照。", "打电话。"])
    assert card.basis[0].model_dump() == {
        "law": "专利法",
        "version": "2020修正",
        "article": "第六十五条",
        "says": "可以协商或起诉",
    }
    assert card.checked == date(2026, 11, 1)


def test_knowledge_with_an_error_is_refused_as_a_whole(write: Write) -> None:
    folder = write(patent=topic("patent", entry("patent.copied", related=["patent.none"])))
    with pytest.raises(KnowledgeError) as error:
        require_knowledge(folder, TODAY)
    assert len(error.value.faults) == 1


def test_a_folder_without_consultations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="consultations"):
        load_knowledge(tmp_path, TODAY)


def test_without_laws_every_basis_is_at_fault(write: Write) -> None:
    folder = write(laws="", patent=topic("patent", entry("patent.copied")))
    _, faults = load_knowledge(folder, TODAY)
    assert any("not in laws.yml" in fault.message for fault in faults)


def test_the_projects_own_knowledge_has_no_error() -> None:
    knowledge = require_knowledge(PROJECT / "knowledge", today(SystemClock()))
    assert len(knowledge.entries) >= 450


LEAST = [
    ({"patent"}, 70),
    ({"trademark"}, 70),
    ({"copyright"}, 55),
    ({"expo"}, 45),
    ({"mediation", "adjudication"}, 35),
    ({"evidence", "litigation"}, 35),
    ({"ecommerce"}, 25),
    ({"unfair-competition"}, 30),
    ({"gi"}, 12),
    ({"preexam"}, 20),
    ({"aid"}, 25),
    ({"overseas"}, 20),
    ({"licensing"}, 20),
    ({"plant-variety", "layout-design", "domain-name", "company-name"}, 15),
    ({"city"}, 20),
    ({"assistant"}, 8),
]


@pytest.mark.parametrize(("topics", "least"), LEAST, ids=["-".join(sorted(topics)) for topics, _ in LEAST])
def test_however_entries_are_united_every_field_keeps_enough_of_them(topics: set[str], least: int) -> None:
    knowledge, _ = load_knowledge(PROJECT / "knowledge", TODAY)
    assert sum(entry.topic in topics for entry in knowledge.entries.values()) >= least

"""Editing a topic's file: what changed is written, every other byte stays; and no text becomes anything else than a text."""

from __future__ import annotations

import subprocess
from difflib import unified_diff
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aid.knowledge_desk.content import Content, content_of
from aid.knowledge_desk.errors import BadText, FolderFailed
from aid.knowledge_desk.folder import Edit
from aid.knowledge_desk.topic_file import TopicFile
from aid.settings import PROJECT
from tests.consultation.conftest import entry, topic
from tests.knowledge_desk.conftest import patent

WRITTEN = """\
# 专利组，负责人见内网
topic: patent
label: 专利   # 显示在页面上

entries:
  - id: patent.copied
    label: 专利被人仿冒     # 最常问
    roles: [right_holder]
    variants:
      # 口语
      - 专利被仿冒怎么办
      - "有人抄我的专利产品"
      # 书面
      - 仿冒我专利的厂家怎么告
      - 我的发明让人照着做了
      - 别人生产和我专利一样的东西
      - 专利产品被山寨去哪投诉
      - 专力被抄了咋整
      - 发明被抄
    short: >-
      可以处理，
      请先留好证据。
    points:
      - 先留好证据。
      - 再找中心。
    # 步骤由李老师核过
    steps: []
    basis:
      - {law: 专利法, article: 65, says: 可以协商或起诉}   # 核过
      - law: "商标法"
        says: 另一部
    valid: {from: 2021-06-01}

    checked: 2026-11-01

  # 下面是年费
  - id: patent.fee
    label: 专利年费没交
    roles: [anyone]
    variants: [年费一, 年费二, 年费三, 年费四, 年费五, 年费六, 年费七, 年费八]
    short: 可以补。
    points: [尽快补。, 有滞纳金。]
    steps: []
    basis: [{law: 专利法}]
    valid: {from: 2021-06-01}
    checked: 2026-11-01
# 完
"""


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines taken away and lines added."""
    rows = [row for row in unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="") if row[:3] not in ("---", "+++")]
    return [row[1:].strip() for row in rows if row[0] == "-"], [row[1:].strip() for row in rows if row[0] == "+"]


def copied(**changes: object) -> Content:
    """patent.copied of the written file, changed."""
    content = TopicFile(WRITTEN).content("patent.copied")
    assert content is not None
    return content_of({name: value for name, value in {**content, **changes}.items() if value is not None})


def test_an_unchanged_entry_leaves_the_file_as_it_is() -> None:
    for entry_id in ("patent.copied", "patent.fee"):
        content = TopicFile(WRITTEN).content(entry_id)
        assert content is not None
        assert TopicFile(WRITTEN).with_entry(content) == WRITTEN


def test_every_entry_of_the_project_is_read_and_written_back_to_the_byte() -> None:
    for path in sorted((PROJECT / "knowledge" / "consultations").glob("*.yml"))[::5]:
        file = TopicFile(path.read_text("utf-8"))
        for row in yaml.safe_load(file.text)["entries"]:
            content = file.content(row["id"])
            assert content is not None
            assert file.with_entry(content) == file.text


@pytest.mark.parametrize(
    ("changes", "gone", "new"),
    [
        ({"label": "专利被抄"}, ["label: 专利被人仿冒     # 最常问"], ["label: 专利被抄     # 最常问"]),
        ({"short": "可以处理。"}, ["short: >-", "可以处理，", "请先留好证据。"], ["short: 可以处理。"]),
        ({"points": ["先留好证据。", "拍照。", "再找中心。"]}, [], ["- 拍照。"]),
        ({"steps": ["拍照。", "打电话。"]}, ["steps: []"], ["steps:", "- 拍照。", "- 打电话。"]),
        ({"case": "aid_application"}, [], ["case: aid_application"]),
        ({"related": ["patent.fee"]}, [], ["related: [patent.fee]"]),
        ({"checked": "2026-11-20"}, ["checked: 2026-11-01"], ["checked: 2026-11-20"]),
        ({"valid": {"from": "2021-06-01", "until": "2027-01-01"}}, ["valid: {from: 2021-06-01}"],
         ["valid: {from: 2021-06-01, until: 2027-01-01}"]),
    ],
)  # fmt: skip
def test_only_the_lines_of_what_changed_are_written(changes: dict[str, object], gone: list[str], new: list[str]) -> None:
    after = TopicFile(WRITTEN).with_entry(copied(**changes))
    assert changed(WRITTEN, after) == (gone, new)
    assert TopicFile(after).content("patent.copied") == copied(**changes)


def test_comments_and_quotation_marks_of_items_that_stay_are_kept() -> None:
    variants = ["专利被仿冒怎么办", "有人抄我的专利产品", "仿冒我专利的厂家如何起诉", *copied()["variants"][3:]]
    after = TopicFile(WRITTEN).with_entry(copied(variants=variants))
    gone, new = changed(WRITTEN, after)
    assert new == ["- 仿冒我专利的厂家如何起诉"]
    assert gone == ["# 书面", "- 仿冒我专利的厂家怎么告"]  # a comment goes with the item below it
    for kept in ("# 口语", '"有人抄我的专利产品"', "# 步骤由李老师核过", "# 下面是年费", "# 完", "# 核过"):
        assert kept in after


def test_a_changed_basis_keeps_the_rows_that_stay() -> None:
    after = TopicFile(WRITTEN).with_entry(copied(basis=[{"law": "专利法", "article": 65, "says": "可以协商或起诉"}, {"law": "刑法", "article": "219-1"}]))
    assert changed(WRITTEN, after) == (['- law: "商标法"', "says: 另一部"], ["- {law: 刑法, article: 219-1}"])


def test_a_new_entry_stands_below_the_last_one_and_above_what_follows() -> None:
    after = TopicFile(WRITTEN).with_entry(content_of(entry("patent.search", label="查专利")))
    gone, new = changed(WRITTEN, after)
    assert gone == []
    assert new[1] == "- id: patent.search"
    assert after.endswith("# 完\n")
    assert TopicFile(after).count == 3
    alone = topic("patent", entry("patent.copied")).rstrip("\n")
    assert TopicFile(TopicFile(alone).with_entry(content_of(entry("patent.search")))).count == 2


def test_line_ends_of_another_system_stay() -> None:
    text = WRITTEN.replace("\n", "\r\n")
    after = TopicFile(text).with_entry(copied(label="专利被抄"))
    assert after == text.replace("专利被人仿冒     #", "专利被抄     #")


@pytest.mark.parametrize("text", ["", "topic: patent\n", "- a\n", "topic: [", "topic: p\nentries: []\n", "topic: p\nentries: [{id: patent.a}]\n"])
def test_what_is_no_topics_file_is_refused(text: str) -> None:
    with pytest.raises(FolderFailed):
        TopicFile(text)


def test_an_anchor_that_others_use_is_not_torn_out() -> None:
    text = WRITTEN.replace("valid: {from: 2021-06-01}\n\n", "valid: &since {from: 2021-06-01}\n\n")
    text = text.replace("basis: [{law: 专利法}]\n    valid: {from: 2021-06-01}", "basis: [{law: 专利法}]\n    valid: *since")
    content = TopicFile(text).content("patent.copied")
    assert content is not None
    with pytest.raises(FolderFailed, match="by hand"):
        TopicFile(text).with_entry({**content, "valid": {"from": "2022-01-01"}})


HOSTILE = [
    "- id: patent.fee", "{a: b}", "[a, b]", "*alias", "&anchor text", "!!python/object:os.system x", "a: b", "a # b", "# all", "'", '"', "''' x",
    "|", ">-", "? a", "- a", "---", "...", "%TAG ! x", "@x", "`x`", "yes", "null", "~", "2026-01-01", "65", "1e3", "0x1F", "<<", "= x", "label: x",
    "\\n  - id: evil", "{{ 7 * 7 }}", "<script>alert(1)</script>", "，，{law: 专利法}", "a\\", "'; DROP TABLE x; --",
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_a_text_that_looks_like_yaml_stays_a_text_in_every_field(words: str) -> None:
    """In all fields of an entry at once; the rest of the file is the same."""
    content = copied(
        label=words[:24], short=words, points=[words, "再找中心。"], steps=[words, "打电话。"], variants=[words, *copied()["variants"][1:]],
        basis=[{"law": "专利法", "article": 65, "says": words}], later=[{"from": "2027-01-01", "short": words, "points": [words, "二。"]}],
    )  # fmt: skip
    after = TopicFile(WRITTEN).with_entry(content)
    assert TopicFile(after).content("patent.copied") == content
    assert TopicFile(after).content("patent.fee") == TopicFile(WRITTEN).content("patent.fee")
    added = TopicFile(WRITTEN).with_entry({**content, "id": "patent.new"})
    assert TopicFile(added).content("patent.new") == {**content, "id": "patent.new"}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=5), st.text(min_size=1, max_size=120))
def test_any_text_is_refused_or_comes_back_as_it_was(points: list[str], short: str) -> None:
    try:
        content = content_of({**copied(), "points": points, "short": short})
    except BadText:
        return
    after = TopicFile(WRITTEN).with_entry(content)
    assert TopicFile(after).content("patent.copied") == content


@pytest.mark.parametrize("end", ["", "\n"])
def test_the_patch_is_one_that_git_applies(tmp_path: Path, end: str) -> None:
    path = tmp_path / "knowledge" / "consultations" / "patent.yml"
    path.parent.mkdir(parents=True)
    before = WRITTEN.rstrip("\n") + end
    path.write_text(before, "utf-8")
    after = TopicFile(TopicFile(before).with_entry(copied(label="专利被抄"))).with_entry(content_of(entry("patent.search")))
    (tmp_path / "one.patch").write_text(Edit(path, before, after).patch(), "utf-8")
    for command in (["init", "-q"], ["apply", "one.patch"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True, timeout=30)
    assert path.read_text("utf-8") == after
    assert patent()["id"] in after

"""What a person typed at choices: a number, an ordinal, the label or its beginning; everything else stays words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wechat.choices import Option, is_one_of, resolve

RIGHTS = [Option(label, f"id-{n}", n) for n, label in enumerate(["发明专利", "实用新型专利", "外观设计专利", "商标", "其他，或者说不清"], 1)]
FREE = [Option("跳过", "id-skip")]


def meant(said: str, options: list[Option] = RIGHTS, menu_id: str = "") -> str | None:
    found = resolve(said, options, menu_id)
    return found.label if found else None


@pytest.mark.parametrize(
    "said", ["2", "２", " 2 ", "2.", "2、", "(2)", "②", "第二个", "第2个", "选2", "选第二个", "我选2", "二", "2吧", "回复2", "实用新型专利", "实用新型", "“实用新型专利”。"]
)
def test_the_second_choice_is_meant(said: str) -> None:
    assert meant(said) == "实用新型专利"


@pytest.mark.parametrize(
    "said",
    ["0", "6", "12", "13900007001", "2026", "2号", "2个", "2件", "B2", "A3馆B12", "22", "2 3", "我有2个专利", "第二届", "专利", "", "。", "不知道", "2?3", "二百"],
)
def test_what_is_no_choice_stays_words(said: str) -> None:
    assert meant(said) is None


def test_a_label_counts_whatever_its_width_and_signs() -> None:
    assert meant("其他,或者说不清") == "其他，或者说不清"
    assert meant("其他") == "其他，或者说不清"


def test_a_beginning_of_two_labels_is_neither() -> None:
    options = [Option("展会上怎样投诉", "a", 1), Option("展会上怎样取证", "b", 2)]
    assert meant("展会上", options) is None
    assert meant("展会上怎样投", options) == "展会上怎样投诉"
    assert meant("展", options) is None


@pytest.mark.parametrize("said", ["1", "12", "A12", "跳", "第一个", "十几箱", "13900007001"])
def test_an_answer_to_an_open_question_is_never_eaten(said: str) -> None:
    assert meant(said, FREE) is None


def test_without_numbers_the_whole_label_still_counts() -> None:
    assert meant("跳过", FREE) == "跳过"
    assert meant("跳过。", FREE) == "跳过"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_with_no_open_choice_nothing_is_a_choice(said: str) -> None:
    assert resolve(said, []) is None


@settings(deadline=None)
@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=5), st.text(max_size=10))
def test_what_is_found_is_always_one_of_the_open_choices(said: str, labels: list[str], menu_id: str) -> None:
    options = [Option(label, f"id{n}", n + 1) for n, label in enumerate(labels)]
    found = resolve(said, options, menu_id)
    assert found is None or found in options


def test_the_tapped_id_is_a_hint_only() -> None:
    twice = [Option("跳过", "old", 1), Option("跳过", "new", 2)]
    assert resolve("跳过", twice, "old") == twice[0]
    assert resolve("跳过", twice, "gone") == twice[1]
    assert resolve("商标", RIGHTS, "id-1") == RIGHTS[3]  # what was sent wins
    assert resolve("别的字", RIGHTS, "id-1") == RIGHTS[0]
    assert resolve("别的字", RIGHTS, "0") is None


def test_ten_and_more_can_be_said_in_words() -> None:
    many = [Option(f"选项{n}", "", n) for n in range(1, 13)]
    assert [meant(said, many) for said in ("十", "十二", "12", "第十一个", "二十")] == ["选项10", "选项12", "选项12", "选项11", None]


def test_more_is_asked_for_in_its_words() -> None:
    words = ["更多", "下一页"]
    assert is_one_of(" 更多。", words)
    assert is_one_of("“下一页”", words)
    assert not is_one_of("更多问题", words)

"""Short questions about the last answer."""

from pathlib import Path

import pytest

from aid.consultation.entries import KnowledgeBase
from aid.consultation.follow_ups import FollowUp, FollowUps
from aid.faults import KnowledgeError
from aid.settings import PROJECT
from tests.consultation.conftest import TODAY

RIGHTS = [("商标", "注册商标"), ("外观设计专利", "外观专利"), ("专利",), ("著作权", "版权")]


@pytest.fixture(scope="module")
def follow_ups() -> FollowUps:
    return FollowUps.load(PROJECT / "knowledge" / "follow_ups.yml", RIGHTS)


@pytest.mark.parametrize(
    ("said", "aspect"),
    [
        ("多久？", "time"),
        ("那一般要多久呢", "time"),
        ("要多少钱", "cost"),
        ("办这个要花钱吗？", "cost"),
        ("需要什么材料", "materials"),
        ("依据是什么", "basis"),
        ("有什么依据吗", "basis"),
        ("再详细点", "more"),
        ("还是没明白", "unclear"),
        ("去哪办", "place"),
        ("请问该怎么做呢", "steps"),
        ("没有解决我的问题", "unsolved"),
    ],
)
def test_a_short_question_asks_about_the_last_answer(follow_ups: FollowUps, said: str, aspect: str) -> None:
    assert follow_ups.find(said, "商标被人抢注怎么办") == FollowUp(aspect=aspect)


@pytest.mark.parametrize("said", ["商标注册要多少钱", "专利保护多久", "", "？？", "你好", "那天气呢", "展会投诉需要什么材料", "多久" * 20])
def test_what_speaks_for_itself_is_no_follow_up(follow_ups: FollowUps, said: str) -> None:
    assert follow_ups.find(said, "商标被人抢注怎么办") is None


def test_another_right_takes_the_place_of_the_one_asked_about(follow_ups: FollowUps) -> None:
    asked = follow_ups.find("那商标呢？", "外观专利保护多少年")
    assert asked == FollowUp(question="商标保护多少年")
    assert follow_ups.find("要是版权的话呢", "被人抄了怎么办") == FollowUp(question="版权，被人抄了怎么办")


def test_lines_are_those_of_the_answer_that_tell_about_it(follow_ups: FollowUps, knowledge: KnowledgeBase) -> None:
    entry = next(iter(knowledge.entries.values()))
    version = entry.on(TODAY)
    assert version
    said = [version.short, *version.points, *version.steps]
    for aspect in ("time", "cost", "materials", "place"):
        lines = follow_ups.lines(aspect, version)
        assert lines == [line for line in said if line in lines]


@pytest.mark.parametrize("content", [None, "opening: [那]", "- 1", "a: ["])
def test_a_file_at_fault_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "follow_ups.yml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"follow_ups\.yml"):
        FollowUps.load(path, RIGHTS)

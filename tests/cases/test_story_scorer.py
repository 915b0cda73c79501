"""The scorer of stories, and the stories on which the rules were made."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid.cases.kinds import load_kinds
from aid.language.entities import EntityFinder
from tests.cases.stories import Score, is_right, load_stories, score, table


def test_the_stories_on_which_the_rules_were_made_stay_heard(finder: EntityFinder, knowledge: Path) -> None:
    result = score(load_stories(Path(__file__).parent / "stories_dev.yml"), load_kinds(knowledge), finder)
    assert result.whole.f1 >= 0.98, "\n".join([*table(result), *result.errors])


def test_the_second_set_of_stories_stays_heard(finder: EntityFinder, knowledge: Path) -> None:
    result = score(load_stories(Path(__file__).parent / "stories_dev2.yml"), load_kinds(knowledge), finder)
    assert result.whole.f1 >= 0.97, "\n".join([*table(result), *result.errors])


def test_the_third_set_of_stories_stays_heard(finder: EntityFinder, knowledge: Path) -> None:
    result = score(load_stories(Path(__file__).parent / "stories_dev3.yml"), load_kinds(knowledge), finder)
    assert result.whole.f1 >= 0.96, "\n".join([*table(result), *result.errors])


@pytest.mark.parametrize(
    ("key", "told", "accepted", "right"),
    [
        ("booth", "A3馆B12", ["a3 馆 B12展位"], True),
        ("booth", "A3馆B12", ["B12"], False),
        ("exhibit", "假耐克鞋", ["耐克鞋"], True),
        ("exhibit", "车灯支架总成", ["车灯"], False),
        ("right_kind", "商标", ["商标权"], False),
        ("phone", "13900007001", ["13900007002"], False),
        ("sought", "停止销售，赔我五万块钱", ["停止销售，赔五万"], True),
        ("right_number", "ZL202330123456.7", ["2023 3 0123456.7"], True),
        ("right_number", "一二三四五六七", ["1234567"], True),
        ("right_number", "ZL202330123456.7", ["202330123456.8"], False),
        ("sought", "停止销售", ["赔偿五万元并登报道歉"], False),
    ],
)
def test_a_value_counts_as_the_scorer_says(key: str, told: str, accepted: list[str], right: bool) -> None:
    assert is_right(key, told, accepted) is right


def test_a_wrong_value_is_both_heard_wrong_and_missed() -> None:
    one = Score(right=1, wrong=1, missed=1)
    assert (one.precision, one.recall, one.f1) == (0.5, 0.5, 0.5)

"""Free stories by another hand, never looked at while the rules were made: at least nine tenths of what they tell is heard, and little is made up."""

from __future__ import annotations

from pathlib import Path

from aid.cases.kinds import load_kinds
from aid.language.entities import EntityFinder
from tests.cases.stories import load_stories, score, table

HERE = Path(__file__).parent
LEAST_F1, LEAST_PRECISION = 0.90, 0.93


def test_stories_by_another_hand_are_heard(finder: EntityFinder, knowledge: Path) -> None:
    stories = load_stories(HERE / "stories_test.yml")
    assert len(stories) >= 90
    result = score(stories, load_kinds(knowledge), finder)
    assert result.whole.f1 >= LEAST_F1, "\n".join([*table(result), *result.errors])
    assert result.whole.precision >= LEAST_PRECISION

"""How well facts are heard in free stories: ``python -m tests.cases.stories FILE`` prints a table by field and every error.

A story file is a list of ``{id, kind, text, facts, either}``. ``facts``: each field that the story tells, with its value or a list of values
that are right. ``either``: fields that count neither when heard nor when missed. Each story goes the way of the action: the words that begin a
case, understood with nothing known (``actions.intake``), on one standing day.

A value is right when it equals one of the accepted ones after full-width, blanks, letter case and punctuation are made alike (booths also without
号, 馆 and 展位). In free words (``FREE``) it is also right when one contains the other and the shorter has at least three fifths of the longer's characters.
A number of a right is compared by its digits and check sign alone (prefix ZL or CN, blanks, point and hyphens do not matter); digits told in
Chinese figures count as figures. What is sought is a sentence, not a name: there the two must have three fifths of the longer's characters in common, in order. Narration (``NARRATED``: the story
itself, the question to ask) is not a slot and is not counted. In a report of infringement the shop of a seller on the net belongs to ``platform``,
together with the platform (拼多多 某某箱包行).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from aid.cases.intake import understand
from aid.cases.kinds import CaseKind, Facts, load_kinds
from aid.language.entities import EntityFinder
from aid.language.normalise import normalise
from aid.language.words import ProjectWords

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
TODAY = date(2026, 11, 30)  # a Monday
FREE = {"exhibit", "respondent", "place", "platform", "event", "quantity", "call_time", "name"}
NARRATED = {"story", "question", "consent"}
LEAST_SHARE = 0.6
_FIGURES = str.maketrans("零〇一二三四五六七八九幺", "001234567891")


@dataclass(frozen=True)
class Story:
    """A story and the facts that it tells, each with the values that are right."""

    id: str
    kind: str
    text: str
    facts: dict[str, list[str]]
    either: frozenset[str]


@dataclass
class Score:
    """Facts heard right, heard wrong or not told, and missed; a wrong value is both heard wrong and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __iadd__(self, other: Score) -> Score:
        self.right, self.wrong, self.missed = self.right + other.right, self.wrong + other.wrong, self.missed + other.missed
        return self

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else 1.0


@dataclass
class Result:
    """Scores by field and one line for every error."""

    fields: dict[str, Score] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Score:
        """All facts together (micro average)."""
        total = Score()
        for score in self.fields.values():
            total += score
        return total


def load_stories(path: Path) -> list[Story]:
    """The stories of a file. Raises ``OSError`` when it is missing, ``KeyError`` or ``ValueError`` when a row is not as the module's head says."""
    stories = []
    for row in yaml.safe_load(path.read_text("utf-8")):
        if strange := set(row) - {"id", "kind", "text", "facts", "either"}:
            raise ValueError(f"{row['id']}: unknown {strange}")
        facts = {key: [str(v) for v in (value if isinstance(value, list) else [value])] for key, value in (row["facts"] or {}).items()}
        stories.append(Story(str(row["id"]), row["kind"], str(row["text"]), facts, frozenset(row.get("either") or ())))
    if len({story.id for story in stories}) != len(stories):
        raise ValueError("an id stands twice")
    return stories


def heard(kind: CaseKind, finder: EntityFinder, text: str) -> Facts:
    """The facts that the form takes from the words that begin a case."""
    turn = understand(kind, {}, None, text, finder.find(text, TODAY), None, TODAY)
    taken = turn.applied_to({}) if turn.outcome == "set" else {}
    return {key: value for key, value in taken.items() if value and "#" not in key}


def is_right(key: str, told: str, accepted: Iterable[str]) -> bool:
    """Whether a value counts as one of the accepted ones (see the module's head)."""
    said = _plain(key, told)
    return any(_alike(key, said, _plain(key, value)) for value in accepted)


def _plain(key: str, value: str) -> str:
    if key == "right_number":
        value = re.sub(r"^(?:ZL|CN)", "", normalise(value).upper().strip()).translate(_FIGURES)
    plain = re.sub(r"[\s,，。.、;；:：!！?？“”\"'‘’「」《》()（）·-]" if key not in ("link",) else r"\s", "", normalise(value)).lower()
    return re.sub(r"展位|展台|号|馆", "", plain) if key == "booth" else plain


def _alike(key: str, one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if key == "sought":
        return _common(short, long) >= LEAST_SHARE * len(long)
    return key in FREE and bool(short) and short in long and len(short) >= LEAST_SHARE * len(long)


def _common(one: str, other: str) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for a in one:
        last = 0
        for n, b in enumerate(other, start=1):
            last, row[n] = row[n], last + 1 if a == b else max(row[n], row[n - 1])
    return row[-1]


def score(stories: Iterable[Story], kinds: dict[str, CaseKind], finder: EntityFinder) -> Result:
    """Every story heard and held against what it tells. Raises ``KeyError`` for a fact that its kind does not have."""
    result = Result()
    for story in stories:
        kind = kinds[story.kind]
        for key in story.facts:
            kind.field(key)
        got = heard(kind, finder, story.text)
        for key in sorted({*got, *story.facts} - story.either - NARRATED):
            score, error = _fact(key, got.get(key), story.facts.get(key))
            result.fields.setdefault(key, Score()).__iadd__(score)
            if error:
                result.errors.append(f"{story.id} {key}: {error}\n      {story.text}")
    return result


def _fact(key: str, got: str | None, wanted: list[str] | None) -> tuple[Score, str]:
    if got is None:
        return Score(missed=1), f"missed {wanted}"
    if wanted is None:
        return Score(wrong=1), f"heard {got!r}, not told"
    if is_right(key, got, wanted):
        return Score(right=1), ""
    return Score(wrong=1, missed=1), f"heard {got!r}, told {wanted}"


def table(result: Result) -> Iterator[str]:
    """Lines of a table: field, how often told, precision, recall, F1."""
    yield f"{'field':14}{'told':>6}{'right':>7}{'wrong':>7}{'P':>7}{'R':>7}{'F1':>7}"
    for key, one in [*sorted(result.fields.items()), ("all", result.whole)]:
        yield f"{key:14}{one.right + one.missed:6}{one.right:7}{one.wrong:7}{one.precision:7.2f}{one.recall:7.2f}{one.f1:7.3f}"


def main(arguments: list[str]) -> int:
    """Print table and errors of each file."""
    kinds, finder = load_kinds(KNOWLEDGE), EntityFinder(ProjectWords.load(KNOWLEDGE / "words"))
    for name in arguments:
        stories = load_stories(Path(name))
        result = score(stories, kinds, finder)
        lines: list[Any] = [f"{name}: {len(stories)} stories", *table(result), *result.errors]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

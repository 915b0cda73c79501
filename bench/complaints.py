"""Who complains in the fault run, what he tells, and when which process is killed: all drawn from one seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

from aid.yaml_files import read_yaml_model

FILE = Path(__file__).parent / "complaints.yml"
PROCESSES = ("doors", "rasa", "actions")
SUMMARY = "summary"
THINGS = ("车灯", "台灯", "水壶", "背包", "运动鞋", "保温杯", "雨伞", "书包")
NAMES = ("王强", "李梅", "赵刚", "孙丽", "周涛", "吴敏")
SHORT, LONG = 0.15, 1.5
"""Seconds: a turn is short, what follows it long. Half of the kills fall into each."""
AT_FILING = 0.3
"""Share of the kills that fall on the filing itself, the most dangerous moment."""


class Told(BaseModel):
    """One row of bench/complaints.yml; see there."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    weight: int
    start: str
    answers: dict[str, str]
    facts: dict[str, str]


class Table(RootModel[list[Told]]):
    """The rows of bench/complaints.yml."""


@dataclass(frozen=True)
class Fault:
    """``process`` is killed ``delay`` seconds after the message that answers the question number ``step`` (0: the opening) is sent.

    ``step`` of ``None``: the message that files. A talk that has no such question is hit at its filing too.
    """

    process: str
    step: int | None
    delay: float


@dataclass(frozen=True)
class Complaint:
    """What one person tells, and what happens meanwhile."""

    number: int
    kind: str
    start: str
    answers: dict[str, str]
    facts: dict[str, str]
    fault: Fault


def draw(count: int, seed: int, rows: Sequence[Told] | None = None) -> list[Complaint]:
    """The complaints of a run; the same seed gives the same. Raises ``KnowledgeError``."""
    chance = random.Random(seed)
    told = list(rows or read_yaml_model(FILE, Table).root)
    return [_complaint(number, chance.choices(told, [row.weight for row in told])[0], chance) for number in range(count)]


def _complaint(number: int, told: Told, chance: random.Random) -> Complaint:
    own = {
        "booth": f"A{chance.randint(1, 9)}馆{chance.choice('BCDE')}{chance.randint(10, 99)}",
        "thing": chance.choice(THINGS),
        "name": chance.choice(NAMES),
        "phone": f"13900007{number % 1000:03d}",
    }

    def filled(words: dict[str, str]) -> dict[str, str]:
        return {field: text.format_map(own) for field, text in words.items()}

    step = None if chance.random() < AT_FILING else chance.randint(0, len(told.answers) - 1)
    delay = chance.uniform(0, chance.choice((SHORT, LONG)))
    fault = Fault(chance.choice(PROCESSES), step, delay)
    return Complaint(number, told.kind, told.start.format_map(own), filled(told.answers), filled(told.facts), fault)

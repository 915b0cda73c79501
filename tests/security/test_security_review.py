"""docs/security.md holds: each test that it names is there, each point stands once and is met, not applicable or open."""

from __future__ import annotations

import re
from collections import Counter

from aid.settings import PROJECT

PAGE = (PROJECT / "docs" / "security.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d", line)]
NAMED = re.findall(r"`(tests/[^`]+?\.py)::([^`]+)`", PAGE)
CHAPTERS = {str(number) for number in range(1, 15)}


def points(row: list[str]) -> list[str]:
    return [] if "(" in row[0] else row[0].split(", ")


def test_each_test_that_is_named_exists() -> None:
    missing = []
    for file, name in NAMED:
        path = PROJECT / file
        if not path.is_file() or not re.search(rf"^\s*(async )?def {re.escape(name)}\(", path.read_text("utf-8"), re.MULTILINE):
            missing.append(f"{file}::{name}")
    assert missing == []
    assert len(NAMED) > 90


def test_each_point_stands_once_and_says_how_it_is() -> None:
    told = Counter(point for row in ROWS for point in points(row))
    assert [point for point, times in told.items() if times > 1 or not re.fullmatch(r"\d+\.\d+\.\d+", point)] == []
    assert {point.split(".")[0] for point in told} == CHAPTERS
    assert len(told) > 250
    for row in ROWS:
        assert len(row) == 4, row
        assert "::" in row[3] or row[3].startswith("n/a: ") or row[3].startswith("n/a ") or "**open**" in row[2], row[0]

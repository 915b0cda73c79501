"""The buttons under the greeting."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid.consultation.greeting import FILE, MOST, Greeting, check_greeting, load_greeting
from aid.faults import KnowledgeError
from aid.settings import PROJECT

ROWS = "asked:\n  - {label: 专利, say: 专利怎么办, entry: patent.copied}\n"


def greeting_of(text: str, folder: Path) -> Greeting:
    (folder / FILE).write_text(text, "utf-8")
    return load_greeting(folder)


def test_an_expo_puts_its_questions_first_and_says_none_twice(tmp_path: Path) -> None:
    found = greeting_of(ROWS + "at_expo:\n  - {label: 展会, say: 展会怎么办}\n  - {label: 专利权, say: 专利怎么办}\n", tmp_path)
    assert [row.label for row in found.of(at_expo=False)] == ["专利"]
    assert [row.label for row in found.of(at_expo=True)] == ["展会", "专利权"]


def test_no_more_than_eight_are_shown() -> None:
    greeting = load_greeting(PROJECT / "knowledge")
    assert len(greeting.of(at_expo=True)) == MOST
    assert 5 <= len(greeting.of(at_expo=False)) <= MOST


def test_a_button_without_an_entry_or_twice_is_named_with_its_line(tmp_path: Path) -> None:
    greeting_of(ROWS + "  - {label: 专利, say: 商标怎么办, entry: no.such}\n", tmp_path)
    faults = check_greeting(tmp_path, {"patent.copied"})
    assert [(fault.line, fault.message) for fault in faults] == [(3, "the entry no.such does not exist"), (3, "专利 stands twice")]


def test_a_file_without_a_button_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError):
        greeting_of("asked: []\n", tmp_path)

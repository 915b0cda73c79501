"""`aid ask` goes the whole running path and writes one JSON object a row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aid.cli.ask import AskFailed, ask_file, ask_one
from tests.conversations.conftest import Stack

pytestmark = pytest.mark.stack
ROWS = [
    {"id": "a", "q": "展会上发现别人仿冒我的外观专利怎么办"},
    {"id": "b", "q": "你好"},
    {"id": "c", "q": ""},
    {"id": "d", "turns": [{"say": "我要投诉"}, {"say": "光博会"}, {"say": "算了，取消"}]},
]


def test_a_file_is_answered_row_by_row(stack: Stack, tmp_path: Path) -> None:
    source, target = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "utf-8")
    ask_file(stack.settings, source, target, print)
    answers = {row["id"]: row for row in map(json.loads, target.read_text("utf-8").splitlines())}
    assert answers["a"]["band"] == "answer"
    assert answers["a"]["entry"] == "expo.design-copied"
    assert set(answers["a"]) == {"id", "band", "entry", "probability", "candidates", "text", "ms"}
    assert answers["b"]["band"] == "flow"
    assert answers["c"]["text"]
    assert [turn["band"] for turn in answers["d"]["turns"]] == ["flow", "flow", "flow"]
    assert answers["d"]["tickets"] == []


def test_one_question_is_shown(stack: Stack) -> None:
    shown: list[str] = []
    ask_one(stack.settings, "外观设计专利保护多少年", print, shown.append)
    assert "依据" in shown[0]


def test_a_file_that_is_no_json_is_told(stack: Stack, tmp_path: Path) -> None:
    source = tmp_path / "q.jsonl"
    source.write_text("not json", "utf-8")
    with pytest.raises(AskFailed, match=r"q\.jsonl"):
        ask_file(stack.settings, source, None, print)

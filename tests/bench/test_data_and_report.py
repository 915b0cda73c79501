"""What is measured with, what is written, and how much memory is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from aid.clock import CHANGCHUN, FixedClock
from bench import data
from bench.__main__ import main
from bench.errors import BenchError
from bench.memory import proportional_mb, with_children
from bench.report import Report, Table, ratio

TODAY = datetime(2026, 11, 22, 12, tzinfo=CHANGCHUN)


def test_fresh_questions_never_repeat_and_go_beyond_the_written_ones() -> None:
    questions = ["专利怎么申请", "商标怎么注册", "专利怎么申请"]
    fresh = data.fresh_questions(questions, 10)
    assert fresh[:2] == ["专利怎么申请", "商标怎么注册"]
    assert len(set(fresh)) == 10


def test_too_few_questions_are_told() -> None:
    with pytest.raises(BenchError, match="100 different"):
        data.fresh_questions(["专利怎么申请"], 100)


def test_a_limit_takes_texts_from_everywhere() -> None:
    lists = {"a": ["1", "2", "3"], "b": ["4", "5", "6"]}
    assert data.pairs(lists, 3) == [("a", "1"), ("a", "3"), ("b", "5")]
    assert len(data.pairs(lists)) == 6


def test_questions_that_were_trained_on_are_not_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tests/consultation/unseen/a.yml"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(data, "PROJECT", tmp_path)
    file.write_text("a.b: [新问法]\n", "utf-8")
    assert data.unseen_questions({"a.b": ["旧问法"]}) == {"a.b": ["新问法"]}
    assert data.unseen_questions({"a.b": ["新问法"]}) == {"a.b": []}
    with pytest.raises(BenchError, match=r"unknown entries: a\.b"):
        data.unseen_questions({"c.d": ["旧问法"]})


def test_a_missing_or_malformed_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"missing\.yml"):
        data.read_lists(tmp_path / "missing.yml")
    (tmp_path / "list.yml").write_text("- a\n", "utf-8")
    with pytest.raises(BenchError, match="not a mapping"):
        data.read_lists(tmp_path / "list.yml")


def test_the_training_examples_hold_every_intent_and_no_text_twice_as_consult() -> None:
    examples = data.intent_examples(
        {"x.y": ["一个从没有人写过的问法", "一个从没有人写过的问法"], "assistant.human": ["转人工吧啊"]}
    )
    assert examples["consult"].count("一个从没有人写过的问法") == 1
    assert "转人工吧啊" not in examples["consult"]
    assert {"greet", "off_topic", "start_expo_complaint"} <= set(examples)
    assert all(examples.values())


def test_a_part_measured_again_takes_its_own_place_and_leaves_the_others(tmp_path: Path) -> None:
    shown: list[str] = []
    target = tmp_path / "results.md"
    report = Report(target, tmp_path / "kept.json", ["search", "speed"], FixedClock(TODAY), shown.append)
    report.add("speed", Table("Fast?", ("bot", "ms"), [["ours", "1"]]), "full run")
    report.add("search", Table("Good?", ("search", "top-1"), [["ours", "0.1"]], ["a note"]), "full run")
    report.add("search", Table("Good?", ("search", "top-1"), [["ours", "0.9"]], ["a note"]), "full run")
    text = target.read_text("utf-8")
    assert text.index("Good?") < text.index("Fast?")
    assert "| ours | 0.9 |" in text
    assert "| ours | 0.1 |" not in text
    assert "- a note" in text
    assert "Measured 2026-11-22 12:00" in text
    assert len(shown) == 3


def test_what_another_machine_has_measured_stays(tmp_path: Path) -> None:
    target = tmp_path / "results.md"
    for kept, part, question in (("there", "search", "Good?"), ("here", "faults", "Safe?"), ("here", "faults", "Safe?")):
        report = Report(target, tmp_path / f"{kept}.json", ["search", "faults"], FixedClock(TODAY), lambda _text: None)
        report.add(part, Table(question, ("what", "how much"), [[question, "1"]], ["a note"]), "full run")
    text = target.read_text("utf-8")
    assert text.index("## Good?") < text.index("## Safe?")
    assert (text.count("| Good? | 1 |"), text.count("| Safe? | 1 |"), text.count("Measured 2026")) == (1, 1, 2)


def test_a_ratio_is_ours_by_the_peers() -> None:
    assert (ratio(1.0, 2.0), ratio(1.0, 0.0)) == ("0.50", "-")


def test_memory_counts_a_process_and_its_children() -> None:
    code = "import subprocess,sys; subprocess.run([sys.executable,'-c','input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        try:
            while len(found := with_children([parent.pid])) < 2 and parent.poll() is None:
                os.sched_yield()
            assert parent.pid in found
            assert 5 < proportional_mb(found) < 500
        finally:
            assert parent.stdin is not None
            parent.stdin.write(b"\n")
            parent.stdin.close()
    assert with_children([parent.pid]) == set()
    assert proportional_mb([parent.pid]) == 0.0


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "beauty"])

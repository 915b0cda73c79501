"""The measurement of reports: both ways count the same, and a slow report is a failed run."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from aid.settings import Settings
from bench import reports
from bench.errors import BenchError
from bench.report import Table


def measured(folder: Path) -> Table:
    return reports.measure(Settings(), folder, 25, 1, "", lambda _line: None)


def test_ours_and_the_plain_way_are_measured_over_the_same_cases(tmp_path: Path) -> None:
    table = measured(tmp_path)
    assert [row[1] for row in table.rows] == ["ours", "plain: tickets and logs as objects", "anew, before the first report"]
    assert reports.is_clean(table)


def test_ways_that_count_differently_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "plain", lambda *_given: Counter(received=1))
    with pytest.raises(BenchError, match="received"):
        measured(tmp_path)


def test_a_report_over_the_limit_is_no_clean_run() -> None:
    table = Table("", (), [["SQLite", "ours", "1.20", "1.90", "1.00"], ["SQLite", "plain", "30.00", "30.00", "0.04"]])
    assert reports.is_clean(table)
    assert not reports.is_clean(replace(table, rows=[["PostgreSQL", "ours", "1.20", "2.01", "1.00"]]))

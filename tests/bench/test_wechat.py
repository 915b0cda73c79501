"""The WeChat run of the bench: every kind of hostile input is made, the same for a seed, and the doors stand a few hundred of them."""

from __future__ import annotations

from pathlib import Path

from aid.settings import Settings
from bench.report import Table
from bench.wechat import arguments, is_clean, measure_hostile, own_settings
from bench.wechat_inputs import hostile


def test_hostile_requests_are_of_every_kind_and_repeatable() -> None:
    made = list(hostile(60, 7, "secure"))
    assert len({one.name for one in made}) == 20
    again = list(hostile(60, 7, "secure"))
    assert [one.name for one in made] == [one.name for one in again]
    assert [one.body for one in made if one.name == "noise"] == [one.body for one in again if one.name == "noise"]


def test_a_short_run_against_the_doors_does_no_harm(tmp_path: Path) -> None:
    settings = own_settings(Settings(_env_file=None), tmp_path / "own", "secure")
    table = measure_hostile(settings, 100, 7, lambda _line: None)
    assert is_clean(table), table.notes
    assert table.rows[-1][0] == "all"
    assert sum(map(int, table.rows[-1][1:])) == 100
    assert table.rows[-1][4] == "0"


def test_a_wrong_answer_is_told() -> None:
    assert not is_clean(Table("?", [], [], ["WRONG: noise: 500 ''"]))


def test_the_full_run_has_twenty_thousand_inputs() -> None:
    assert arguments([]).inputs == 20_000

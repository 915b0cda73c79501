"""The board and the alerts that are given out ask for figures that the program has, with labels that these have."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from aid.clock import CHANGCHUN, FixedClock
from aid.operations.figures import LABELS, DoorFigures, SupervisorFigures
from aid.operations.listener import PLACES
from aid.operations.record_figures import RecordFigures
from aid.settings import PROJECT, Settings
from aid.store import open_store

BOARD, RULES = PROJECT / "deploy" / "grafana" / "aid.json", PROJECT / "deploy" / "prometheus" / "aid-alerts.yml"
SCRAPED = PROJECT / "deploy" / "prometheus" / "prometheus.yml"
CONFIGURATIONS = [SCRAPED, SCRAPED.with_name("systemd.yml"), SCRAPED.with_name("containers.yml")]
OF_PROMETHEUS = {"up", "job", "instance"}
NAME = re.compile(r"\b(?:aid_[a-z_]+|process_[a-z_]+|up)\b")
SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}")
MATCHER = re.compile(r'([a-z_]+)(=~|=)"([^"]*)"')
BY = re.compile(r"by \(([a-z_, ]+)\)")


def board_expressions() -> Iterator[tuple[str, str]]:
    for panel in json.loads(BOARD.read_text("utf-8"))["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def expressions() -> list[tuple[str, str]]:
    return [*board_expressions(), *((rule["alert"], rule["expr"]) for rule in rules())]


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What the processes give out: the labels of each sample, by name."""
    folder = tmp_path_factory.mktemp("record")
    # The database of this test alone: the fixture that gives each test its own is younger than this one.
    store = open_store(Settings(_env_file=None, var_dir=folder, database_url=f"sqlite:///{folder / 'aid.db'}"))
    store.migrate()
    doors, supervisor, record = DoorFigures(), SupervisorFigures(), CollectorRegistry()
    counted = RecordFigures(store, FixedClock(datetime(2026, 11, 22, tzinfo=CHANGCHUN)), ["center"], wait=60.0)
    record.register(counted)
    doors.turn("web", "answered", 0.1)
    doors.reply("answer")
    doors.bot_fault("broken")
    doors.push("sent")
    doors.answer(200)
    doors.model("abc", 1.0)
    doors.line("info")
    doors.took("bot", 0.1)
    doors._ready.labels("record").set(1)
    supervisor.watches("rasa")
    found: dict[str, set[str]] = {"up": set(), "aid_tickets": {"center", "state"}}
    for registry in (doors.registry, supervisor.registry, record):
        for family in registry.collect():
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    counted.close()
    store.close()
    return found


def test_every_figure_that_is_asked_for_is_given_out(exposed: dict[str, set[str]]) -> None:
    asked = {(where, name) for where, told in expressions() for name in NAME.findall(told)}
    assert len({name for _where, name in asked}) > 20
    assert sorted((where, name) for where, name in asked if name not in exposed) == []


def test_every_label_that_is_asked_for_is_one_of_its_figure_and_every_value_one_of_its_set(exposed: dict[str, set[str]]) -> None:
    faults = []
    for where, told in expressions():
        for name, matchers in SELECTOR.findall(told):
            for label, how, wanted in MATCHER.findall(matchers):
                values = set(wanted.split("|") if how == "=~" else [wanted])
                if label not in exposed[name] | OF_PROMETHEUS or not values <= LABELS.get(label, values):
                    faults.append((where, name, label, wanted))
        labels = set().union(*(exposed[name] for name in NAME.findall(told)))
        faults += [(where, "by", label, "") for group in BY.findall(told) for label in group.split(", ") if label not in labels | OF_PROMETHEUS]
    assert faults == []


def test_every_figure_of_ours_stands_on_the_board(exposed: dict[str, set[str]]) -> None:
    shown = {name for _where, told in board_expressions() for name in NAME.findall(told)}
    families = {re.sub(r"_(bucket|sum|count|total|created)$", "", name) for name in exposed if name.startswith("aid_")}
    assert sorted(family for family in families if not any(name.startswith(family) for name in shown)) == []


def test_figures_of_the_record_are_never_added_up_over_replicas() -> None:
    of_record = re.compile(r"\b(aid_(?:tickets|tickets_overdue|messages_pending\w*|staff_\w+|record_\w+))\b")
    before = re.compile(r"(max|min)(?: by \([a-z_, ]+\))? ?\($")
    faults = []
    for where, told in expressions():
        for match in of_record.finditer(told):
            if not before.search(told[: match.start()]):
                faults.append((where, told))
    assert faults == []


def test_panels_have_titles_and_lie_beside_each_other() -> None:
    board = json.loads(BOARD.read_text("utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert panel["title"]
        assert not cells & taken, panel["title"]
        assert max(x for x, _y in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_every_alert_says_what_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules()) >= 12
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert {"summary", "description"} <= set(rule["annotations"])


def test_what_is_scraped_are_the_ports_of_the_processes() -> None:
    told = SCRAPED.read_text("utf-8")
    assert {f"127.0.0.1:{9300 + place}" for place in PLACES.values()} <= set(re.findall(r"127\.0\.0\.1:\d+", told))
    assert yaml.safe_load(told)["rule_files"] == [RULES.name]


def test_wherever_it_runs_prometheus_has_the_same_alerts_and_the_jobs_that_they_name() -> None:
    for path in CONFIGURATIONS:
        told = yaml.safe_load(path.read_text("utf-8"))
        assert told["rule_files"] == [RULES.name]
        assert {"aid-doors", "aid-actions"} <= {one["job_name"] for one in told["scrape_configs"]}, path.name
        assert all(one["job_name"].removeprefix("aid-") in PLACES for one in told["scrape_configs"]), path.name


CASES = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'up{{job="aid-doors", instance="a"}}', values: '1 1 1 0x20'}}
      - {{series: 'aid_ready{{job="aid-doors", part="bot"}}', values: '1x30'}}
      - {{series: 'aid_turns_total{{door="web", outcome="answered"}}', values: '0+90x30'}}
      - {{series: 'aid_turns_total{{door="web", outcome="given_up"}}', values: '0+10x30'}}
      - {{series: 'aid_tickets_overdue{{instance="a", center="main"}}', values: '0x30'}}
      - {{series: 'aid_model{{instance="a", model="old"}}', values: '1x30'}}
      - {{series: 'aid_model{{instance="b", model="old"}}', values: '1x30'}}
    alert_rule_test:
      - eval_time: 10m
        alertname: AidProcessDown
        exp_alerts: [{{exp_labels: {{severity: critical, job: aid-doors, instance: a}}}}]
      - {{eval_time: 2m, alertname: AidProcessDown, exp_alerts: []}}
      - {{eval_time: 10m, alertname: AidPartNotReady, exp_alerts: []}}
      - eval_time: 20m
        alertname: AidTurnsGivenUp
        exp_alerts: [{{exp_labels: {{severity: critical}}}}]
      - {{eval_time: 20m, alertname: AidDeadlinesMissed, exp_alerts: []}}
      - {{eval_time: 25m, alertname: AidModelsDiffer, exp_alerts: []}}
"""


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (Debian's package prometheus) is not here")
def test_promtool_finds_no_fault_and_the_alerts_fire_when_they_shall(tmp_path: Path) -> None:
    of_board = [{"record": f"board:panel{n}", "expr": told} for n, (_where, told) in enumerate(board_expressions())]
    written = tmp_path / "board.yml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": of_board}]}), "utf-8")
    # What an alert says is not repeated here.
    bare = tmp_path / "bare.yml"
    bare.write_text(yaml.safe_dump({"groups": [{"name": "aid", "rules": [{**rule, "annotations": {}} for rule in rules()]}]}), "utf-8")
    cases = tmp_path / "cases.yml"
    cases.write_text(CASES.format(rules=bare.name), "utf-8")
    for command in (*(["check", "config", path] for path in CONFIGURATIONS), ["check", "rules", written], ["test", "rules", cases]):
        done = subprocess.run(["promtool", *map(str, command)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

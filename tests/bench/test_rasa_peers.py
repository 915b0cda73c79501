"""The peers' Rasa projects are written whole and read right; nothing is trained here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.effort import QUICK
from bench.errors import BenchError
from bench.peers import rasa_parse, rasa_projects, rasa_runs

EXAMPLES = {"consult": ["专利[年费]怎么交"], "greet": ["你好", "在吗"]}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def test_the_search_project_has_one_response_an_entry_and_a_second_intent(tmp_path: Path) -> None:
    rasa_projects.write_search_project(tmp_path, {"patent.fee": ["年费"]}, ["天气"], QUICK)
    intents = [row["intent"] for row in read(tmp_path / "data/nlu.yml")["nlu"]]
    assert intents == ["faq/patent.fee", "off_topic"]
    assert list(read(tmp_path / "domain.yml")["responses"]) == ["utter_faq/patent.fee"]
    parts = {part["name"]: part for part in read(tmp_path / "config.yml")["pipeline"]}
    assert parts["ResponseSelector"]["epochs"] == QUICK.selector_epochs


def test_the_default_bot_answers_questions_by_an_action_and_has_rules_and_stories(tmp_path: Path) -> None:
    rasa_projects.write_default_bot(tmp_path, EXAMPLES, QUICK)
    config = read(tmp_path / "config.yml")
    assert [policy["name"] for policy in config["policies"]] == [
        "MemoizationPolicy",
        "RulePolicy",
        "UnexpecTEDIntentPolicy",
        "TEDPolicy",
    ]
    done = {rule["rule"]: rule["steps"][1]["action"] for rule in read(tmp_path / "data/rules.yml")["rules"]}
    action = rasa_projects.ACTION
    assert done == {"consult": action, "greet": "utter_greet", "nlu_fallback": action}
    assert len(read(tmp_path / "data/stories.yml")["stories"]) == 2
    compile((tmp_path / "peer_actions.py").read_text("utf-8"), "peer_actions.py", "exec")


def test_the_lean_bot_has_no_neural_network_and_no_stories(tmp_path: Path) -> None:
    rasa_projects.write_lean_bot(tmp_path, EXAMPLES)
    names = [part["name"] for part in read(tmp_path / "config.yml")["pipeline"]]
    assert names[-1] == "LogisticRegressionClassifier"
    assert "DIETClassifier" not in names
    assert not (tmp_path / "data/stories.yml").exists()


def test_signs_that_mark_entities_do_not_reach_the_training_data(tmp_path: Path) -> None:
    rasa_projects.write_lean_bot(tmp_path, EXAMPLES)
    examples = read(tmp_path / "data/nlu.yml")["nlu"][0]["examples"]
    assert examples == "- 专利【年费】怎么交\n"


def test_a_parse_becomes_a_ranking_that_answers_only_a_question_of_the_base() -> None:
    selector = {"default": {"ranking": [{"intent_response_key": "faq/a.b", "confidence": 0.8}]}}
    row = rasa_parse.row_of({"intent": {"name": "faq", "confidence": 0.9}, "response_selector": selector}, 5.0)
    found = rasa_runs.ranking(row)
    assert (found.entries, found.score, found.answered, found.milliseconds) == (("a.b",), 0.8, True, 5.0)
    fallback = rasa_parse.row_of({"intent": {"name": "nlu_fallback"}, "response_selector": selector}, 5.0)
    assert rasa_runs.ranking(fallback).answered is False
    assert rasa_runs.ranking(rasa_parse.row_of({}, 1.0)).entries == ()


def test_the_servers_listen_on_loopback_only(tmp_path: Path) -> None:
    rasa, actions = rasa_runs.servers(tmp_path, tmp_path / "model.tar.gz", 6001, 6002)
    assert rasa.command[rasa.command.index("--interface") + 1] == "127.0.0.1"
    assert actions.environment["SANIC_HOST"] == "127.0.0.1"
    assert read(tmp_path / "endpoints.yml")["action_endpoint"]["url"] == "http://127.0.0.1:6002/webhook"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rasa_projects.write_lean_bot(tmp_path, EXAMPLES)
    monkeypatch.setattr(rasa_runs, "rasa_python", lambda: Path(sys.executable))
    return tmp_path


def test_a_trained_project_is_not_trained_again_until_it_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def fake_run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        (project / "models").mkdir(exist_ok=True)
        (project / "models/peer.tar.gz").write_bytes(b"model")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(rasa_runs.subprocess, "run", fake_run)
    first, second = rasa_runs.train(project, "", 5), rasa_runs.train(project, "", 5)
    assert len(calls) == 1
    assert first == second
    rasa_projects.write_lean_bot(project, {**EXAMPLES, "thank": ["谢谢"]})
    rasa_runs.train(project, "", 5)
    assert len(calls) == 2


def test_a_failed_training_says_what_rasa_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "InvalidConfig: no pipeline")

    monkeypatch.setattr(rasa_runs.subprocess, "run", failing)
    with pytest.raises(BenchError, match="no pipeline"):
        rasa_runs.train(project, "", 5)


def test_a_training_that_takes_too_long_is_ended(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired(command, 5)

    monkeypatch.setattr(rasa_runs.subprocess, "run", slow)
    with pytest.raises(BenchError, match="more than 5 s"):
        rasa_runs.train(project, "", 5)


def test_a_parse_gives_one_row_a_text(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fake_run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        texts = json.loads(Path(command[-2]).read_text("utf-8"))
        Path(command[-1]).write_text(json.dumps([{"intent": text} for text in texts[:2]]), "utf-8")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(rasa_runs.subprocess, "run", fake_run)
    model = project / "models/peer.tar.gz"
    assert [row["intent"] for row in rasa_runs.parse(model, ["甲", "乙"], project / "parsed")] == ["甲", "乙"]
    with pytest.raises(BenchError, match="3 texts"):
        rasa_runs.parse(model, ["甲", "乙", "丙"], project / "parsed")

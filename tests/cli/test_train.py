"""`aid train`: the bot and the search side by side, and what is said when one fails. Rasa is a small script here."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid.cli import train as module
from aid.cli.train import TrainingFailed, train
from aid.consultation.calibrate import Report
from aid.consultation.errors import CalibrationError
from aid.settings import PROJECT, Settings

MEASURED = dict.fromkeys(
    ["entries", "questions", "top_1", "top_3", "answered", "answered_wrong", "candidates", "candidates_right", "none", "off_topic_answered", "off_topic_candidates", "uncovered_answered", "ece", "high", "low"], 0.5
)  # fmt: skip


class Fit:
    """A fit that only notes that it was carried out."""

    def __init__(self, target: Path, fault: Exception | None = None) -> None:
        self.target, self.fault = target, fault

    def carry_out(self) -> Report:
        if self.fault:
            raise self.fault
        self.target.write_text("{}")
        return Report(MEASURED)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    made = Settings(_env_file=None, var_dir=tmp_path / "var", models_dir=tmp_path / "models", knowledge_dir=PROJECT / "knowledge")
    made.models_dir.mkdir()
    monkeypatch.setattr(module, "begin_fit", lambda *_places: Fit(made.models_dir / "search.json"))
    return made


def rasa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """A stand-in for Rasa's Python; ``$OUT`` and ``$NAME`` are where the model is to lie."""
    script = tmp_path / "rasa"
    lines = ["#!/bin/sh", "while [ $# -gt 1 ]; do", '[ "$1" = --out ] && OUT=$2', '[ "$1" = --fixed-model-name ] && NAME=$2', "shift; done", does]
    script.write_text("\n".join(lines) + "\n")
    script.chmod(0o755)
    monkeypatch.setattr(module, "rasa_python", lambda: script)


def test_both_are_made_once_and_not_again(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa(tmp_path, monkeypatch, 'touch "$OUT/$NAME.tar.gz"')
    said: list[str] = []
    model = train(settings, said.append)
    assert model.exists()
    assert any("search fitted" in line for line in said)
    said.clear()
    assert train(settings, said.append) == model
    assert said == []


def test_a_training_that_fails_says_its_last_words(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa(tmp_path, monkeypatch, "echo no such intent; exit 3")
    with pytest.raises(TrainingFailed, match="no such intent"):
        train(settings, lambda _line: None)


def test_a_training_without_end_is_ended(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr(module, "TRAINING_SECONDS", 0.2)
    with pytest.raises(TrainingFailed, match="more than"):
        train(settings, lambda _line: None)


def test_a_fit_that_fails_ends_the_training_too(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa(tmp_path, monkeypatch, "exec sleep 60")
    fit = Fit(settings.models_dir / "search.json", CalibrationError("too few"))
    monkeypatch.setattr(module, "begin_fit", lambda *_places: fit)
    with pytest.raises(CalibrationError, match="too few"):
        train(settings, lambda _line: None)

"""Fitting the probability and the thresholds."""

import json
from pathlib import Path

import numpy as np
import pytest

from aid.consultation.calibrate import (
    OFF_TOPIC_ANSWERS,
    WRONG_ANSWERS,
    Report,
    expected_calibration_error,
    fit,
    main,
    read_off_topic,
    read_questions,
)
from aid.consultation.calibration import Calibration, best, top_features
from aid.consultation.entries import KnowledgeBase
from aid.consultation.errors import CalibrationError
from aid.consultation.ranking import Evidence, Ranking
from aid.consultation.search import UNFITTED
from aid.language.encoders import SentenceEncoder
from tests.consultation.conftest import OFF_TOPIC, POSED


@pytest.fixture
def calibration(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> Calibration:
    return fit(Ranking(knowledge, OFF_TOPIC, {}, encoders), POSED, OFF_TOPIC, encoders.fingerprint)


def evidence(*scores: float, off_topic: float = 0.0) -> Evidence:
    return Evidence(np.array(scores, dtype=np.float32), off_topic, np.array(scores, dtype=np.float32))


def test_the_thresholds_keep_their_limits(calibration: Calibration) -> None:
    measured = calibration.measured
    assert measured["answered_wrong"] <= WRONG_ANSWERS
    assert measured["off_topic_answered"] <= OFF_TOPIC_ANSWERS
    assert 0 < calibration.low <= calibration.high < 1
    assert measured["answered"] + measured["candidates"] + measured["none"] == pytest.approx(1, abs=1e-3)
    assert measured["top_1"] <= measured["top_3"]
    assert "top-1" in str(Report(measured))


def test_clear_evidence_is_surer_than_doubtful_and_off_topic_evidence(calibration: Calibration) -> None:
    clear = calibration.probabilities(evidence(0.9, 0.05, 0.0), 10)[0][1]
    doubtful = calibration.probabilities(evidence(0.2, 0.18, 0.17, off_topic=0.1), 10)[0][1]
    strange = calibration.probabilities(evidence(0.1, 0.08, 0.07, off_topic=0.8), 10)[0][1]
    assert clear > doubtful > strange
    assert calibration.band(clear) == "answer"
    assert calibration.band(strange) == "none"


@pytest.mark.parametrize("scores", [(0.5, 0.4, 0.3, 0.2), (0.9,), (0.1, 0.1, 0.1), (0.9, float("-inf"))])
def test_chances_fall_and_are_at_most_one_together(calibration: Calibration, scores: tuple[float, ...]) -> None:
    for made in (calibration, UNFITTED):
        found = made.probabilities(evidence(*scores), 12)
        chances = [chance for _, chance in found]
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) <= 1 + 1e-9
        assert len(found) == min(3, sum(np.isfinite(scores)))


def test_entries_not_valid_are_never_best() -> None:
    assert best(evidence(float("-inf"), 0.1, 0.3).scores) == [2, 1]
    assert best(evidence(float("-inf")).scores) == []
    assert np.isfinite(top_features(evidence(float("-inf"), 0.3), 5)).all()


def test_a_calibration_reads_back_as_it_was_saved(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "models" / "search.json")
    assert Calibration.load(tmp_path / "models" / "search.json") == calibration
    assert [path.name for path in (tmp_path / "models").iterdir() if path.suffix == ".json"] == ["search.json"]
    assert calibration.off_topic == tuple(OFF_TOPIC)


@pytest.mark.parametrize("damage", ["missing", "cut", "format", "size"])
def test_a_damaged_or_missing_calibration_says_what_to_do(
    calibration: Calibration, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "search.json"
    content = calibration.model_dump()
    if damage == "format":
        content["format"] = 99
    if damage == "size":
        content["top"]["weights"] = [1.0]
    if damage != "missing":
        path.write_text(json.dumps(content)[: 40 if damage == "cut" else None], encoding="utf-8")
    with pytest.raises(CalibrationError, match="aid train"):
        Calibration.load(path)


def test_too_little_cannot_be_fitted(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> None:
    with pytest.raises(CalibrationError, match="fewer than"):
        fit(Ranking(knowledge, OFF_TOPIC, {}, encoders), POSED, OFF_TOPIC[:3])


def test_off_topic_texts_are_read_without_comments_and_repeats(tmp_path: Path) -> None:
    (tmp_path / "off.txt").write_text("# 注\n天气\n\n笑话\n天气\n", encoding="utf-8")
    assert read_off_topic(tmp_path / "off.txt") == ("天气", "笑话")
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_off_topic(tmp_path / "none.txt")


def test_questions_are_read_from_every_file_and_a_wrong_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="no questions"):
        read_questions(tmp_path)
    (tmp_path / "a.yml").write_text("a.b: [甲, 乙]\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("a.b: [丙]\n", encoding="utf-8")
    assert read_questions(tmp_path) == {"a.b": ("甲", "乙", "丙")}
    for wrong in ("- a", "a.b: 甲", "a.b: [1]", "a: ["):
        (tmp_path / "b.yml").write_text(wrong, encoding="utf-8")
        with pytest.raises(CalibrationError, match=r"b\.yml"):
            read_questions(tmp_path)


def test_the_calibration_error_is_the_weighted_distance_from_what_came_true() -> None:
    chances, right = np.array([0.95, 0.95, 0.15, 0.15]), np.array([True, True, False, True])
    assert expected_calibration_error(chances, right, np.ones(4)) == pytest.approx((0.05 + 0.35) / 2)
    assert expected_calibration_error(chances, right, np.array([1, 1, 0, 0])) == pytest.approx(0.05)


def test_the_command_says_in_one_line_why_it_cannot_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--knowledge", str(tmp_path), "--models", str(tmp_path)]) == 1
    errors = capsys.readouterr().err
    assert "consultations" in errors
    assert "Traceback" not in errors

"""Searching, and following the editors."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from aid.clock import FixedClock
from aid.consultation.calibrate import fit
from aid.consultation.calibration import Calibration
from aid.consultation.entries import KnowledgeBase
from aid.consultation.ranking import Ranking
from aid.consultation.search import LOOK_SECONDS, UNFITTED, LiveSearcher, Searcher
from aid.faults import KnowledgeError
from aid.language.encoders import SentenceEncoder
from tests.consultation.conftest import OFF_TOPIC, POSED, TODAY, entry, topic


@dataclass
class Seconds:
    """A monotonic clock that is moved by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Live:
    """A live searcher with what a test moves."""

    searcher: LiveSearcher
    folder: Path
    seconds: Seconds = field(default_factory=Seconds)

    def edit(self, name: str, text: str) -> None:
        """Save a file as an editor does, and let a second pass."""
        path = self.folder / "consultations" / name
        path.write_text(text, encoding="utf-8")
        stamp = path.stat().st_mtime_ns + 1_000_000
        os.utime(path, ns=(stamp, stamp))
        self.seconds.now += LOOK_SECONDS

    def settle(self) -> None:
        """Ask once, so that the files are looked at, and wait for what follows."""
        self.searcher.search("专利", TODAY)
        assert self.searcher.wait(30)


@pytest.fixture
def searcher(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> Searcher:
    ranking = Ranking(knowledge, OFF_TOPIC, {}, encoders)
    return Searcher(ranking, fit(ranking, POSED, OFF_TOPIC))


@pytest.fixture
def calibration_path(searcher: Searcher, tmp_path: Path) -> Path:
    path = tmp_path / "models" / "search.json"
    searcher.calibration.save(path)
    return path


@pytest.fixture
def live(folder: Path, encoders: SentenceEncoder, calibration_path: Path, clock: FixedClock) -> Live:
    seconds = Seconds()
    return Live(LiveSearcher(folder, encoders, calibration_path, clock, seconds), folder, seconds)


def test_a_question_like_a_variant_is_answered_with_its_entry(searcher: Searcher) -> None:
    result = searcher.search("您好，请问商标被别人抢注了怎么办？谢谢", TODAY)
    assert (result.band, result.hits[0].entry_id) == ("answer", "trademark.squatted")
    assert result.probability == result.hits[0].probability >= searcher.calibration.high
    assert result.ms > 0


def test_a_question_of_another_field_gets_no_answer(searcher: Searcher) -> None:
    for question in ("今天天气怎么样啊", "离婚以后孩子归谁"):
        assert searcher.search(question, TODAY).band == "none"


def test_a_vague_question_gets_candidates_that_are_worth_showing(searcher: Searcher) -> None:
    wide = searcher.calibration.model_copy(update={"high": 0.999, "low": 0.01})
    result = Searcher(searcher.ranking, wide).search("商标的事", TODAY)
    assert result.band == "candidates"
    assert {hit.entry_id.split(".")[0] for hit in result.hits[:1]} == {"trademark"}
    assert 1 <= len(result.hits) <= 3
    assert all(hit.probability >= searcher.calibration.least_candidate for hit in result.hits[1:])


@pytest.mark.parametrize("question", ["", "   ", "👍", "？" * 500, "\u200b"])
def test_nothing_said_is_nothing_found(searcher: Searcher, question: str) -> None:
    result = searcher.search(question, TODAY)
    assert (result.band, result.hits, result.probability) == ("none", (), 0.0)


def test_a_very_long_question_is_searched_too(searcher: Searcher) -> None:
    assert searcher.search("我的专利产品被人仿冒了，" * 300, TODAY).hits


def test_an_entry_is_found_only_on_the_days_on_which_it_is_valid(
    write: Callable[..., Path], encoders: SentenceEncoder
) -> None:
    from aid.consultation.entries import load_knowledge

    ends = entry("trademark.squatted", valid={"from": date(2021, 6, 1), "until": date(2026, 11, 22)})
    folder = write(trademark=topic("trademark", ends, entry("trademark.renew")))
    searcher = Searcher(Ranking(load_knowledge(folder, TODAY)[0], OFF_TOPIC, POSED, encoders), UNFITTED)
    question = "商标被别人抢注了"
    assert searcher.search(question, TODAY).hits[0].entry_id == "trademark.squatted"
    later = searcher.search(question, date(2026, 11, 23))
    assert [hit.entry_id for hit in later.hits] == ["trademark.renew"]
    assert searcher.search(question, date(2020, 1, 1)).hits == ()


def test_without_entries_nothing_is_found(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> None:
    empty = KnowledgeBase({}, knowledge.laws)
    assert Searcher(Ranking(empty, OFF_TOPIC, POSED, encoders), UNFITTED).search("专利", TODAY).hits == ()


def test_the_clocks_day_holds_where_none_is_given(live: Live) -> None:
    assert live.searcher.search("专利被仿冒怎么办").hits == live.searcher.search("专利被仿冒怎么办", TODAY).hits


def test_a_saved_edit_is_live_and_only_its_new_texts_are_encoded(live: Live, encoders: SentenceEncoder) -> None:
    new = entry("patent.search", label="查专利", variants=[f"怎么查询专利的登记情况{n}" for n in "甲乙丙丁戊己庚辛"])
    text = (live.folder / "consultations" / "patent.yml").read_text(encoding="utf-8")
    asked = encoders._encoder.asked  # type: ignore[attr-defined]
    asked.clear()
    live.edit("patent-2.yml", topic("patent", new))
    live.settle()
    result = live.searcher.search("怎么查询专利的登记情况", TODAY)
    assert result.hits[0].entry_id == "patent.search"
    assert live.searcher.knowledge.entry("patent.search") is not None
    assert "怎么查询专利的登记情况甲" in asked
    assert "专利被仿冒怎么办" not in asked
    assert "patent.copied" in text


def test_files_are_looked_at_no_more_than_once_a_second(live: Live) -> None:
    live.edit("patent-2.yml", topic("patent", entry("patent.search")))
    live.seconds.now -= LOOK_SECONDS / 2
    live.settle()
    assert live.searcher.knowledge.entry("patent.search") is None
    live.seconds.now += LOOK_SECONDS / 2
    live.settle()
    assert live.searcher.knowledge.entry("patent.search") is not None


def test_a_faulty_edit_changes_nothing_and_is_told_until_it_is_mended(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    before = live.searcher.current
    live.edit("patent-2.yml", topic("patent", entry("patent.search", related=["patent.none"])))
    live.settle()
    assert live.searcher.current is before
    assert "patent-2.yml:" in caplog.text
    assert "patent.none does not exist" in caplog.text
    assert [fault.level for fault in live.searcher.faults] == ["error"]
    live.edit("patent-2.yml", topic("patent", entry("patent.search")))
    live.settle()
    assert live.searcher.knowledge.entry("patent.search") is not None
    assert live.searcher.faults == ()


def test_a_removed_file_takes_its_entries_along(live: Live) -> None:
    (live.folder / "consultations" / "mediation.yml").unlink()
    live.seconds.now += LOOK_SECONDS
    live.settle()
    assert live.searcher.knowledge.entry("mediation.start") is None
    assert live.searcher.knowledge.entry("patent.fee") is not None


def test_an_unforeseen_failure_keeps_the_last_good_state(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError("no memory")

    monkeypatch.setattr("aid.consultation.search.Ranking", fails)
    live.edit("patent-2.yml", topic("patent", entry("patent.search")))
    live.settle()
    assert "the last good state stays" in caplog.text
    assert live.searcher.search("商标被别人抢注了", TODAY).band == "answer"


def test_a_calibration_fitted_meanwhile_is_taken_up(live: Live, calibration_path: Path) -> None:
    changed = live.searcher.current.calibration.model_copy(update={"high": 0.99, "low": 0.98})
    changed.save(calibration_path)
    live.seconds.now += LOOK_SECONDS
    live.settle()
    assert live.searcher.current.calibration.high == 0.99


def test_without_a_calibration_cautious_values_hold_and_the_log_says_so(
    folder: Path, encoders: SentenceEncoder, clock: FixedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveSearcher(folder, encoders, tmp_path / "none.json", clock)
    assert live.current.calibration == UNFITTED
    assert "aid train" in caplog.text
    assert live.search("商标被别人抢注了", TODAY).hits[0].entry_id == "trademark.squatted"


def test_a_calibration_for_other_encoders_is_told(
    folder: Path,
    encoders: SentenceEncoder,
    clock: FixedClock,
    calibration_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    Calibration.load(calibration_path).model_copy(update={"encoders": "others"}).save(calibration_path)
    with caplog.at_level(logging.WARNING):
        LiveSearcher(folder, encoders, calibration_path, clock)
    assert "other encoders" in caplog.text


def test_it_does_not_start_on_faulty_knowledge(
    folder: Path, encoders: SentenceEncoder, calibration_path: Path, clock: FixedClock
) -> None:
    (folder / "consultations" / "patent.yml").write_text("topic: [", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"patent\.yml"):
        LiveSearcher(folder, encoders, calibration_path, clock)


def test_an_entry_that_is_not_meant_is_not_found(searcher: Searcher) -> None:
    question = "专利被仿冒怎么办"
    first = searcher.search(question, TODAY).hits[0].entry_id
    others = searcher.search(question, TODAY, without=first)
    assert others.hits
    assert first not in [hit.entry_id for hit in others.hits]

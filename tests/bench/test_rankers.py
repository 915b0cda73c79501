"""Every search in the comparison finds the obvious, and scores nonsense lower."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench.peers.rankers import OurRanker, RowRanker, bm25, character_tfidf, encoder_alone
from bench.search_quality import Texts, cells, judge

KNOWN = {
    "trademark": ["商标怎么注册", "注册商标要多少钱"],
    "patent": ["专利年费忘了交怎么办", "发明专利多久能批下来", "专利被人仿了"],
    "copyright": ["软件著作权登记要什么材料"],
}


class LetterEncoder:
    """One number a Chinese character, by its code point."""

    name, dim, fingerprint = "letters", 256, "letters"

    def encode(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text:
                row[ord(letter) % self.dim] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


SCORERS = {"bm25": bm25, "tf-idf": character_tfidf, "encoder": encoder_alone(LetterEncoder())}


@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated")
@pytest.mark.parametrize("name", SCORERS)
class TestPeers:
    def test_finds_the_entry_of_a_paraphrase(self, name: str) -> None:
        found = RowRanker(KNOWN, SCORERS[name]).rank("我的专利年费忘记交了")
        assert found.entries[0] == "patent"
        assert sorted(found.entries) == sorted(KNOWN)
        assert found.milliseconds > 0

    def test_scores_what_it_does_not_know_lower(self, name: str) -> None:
        ranker = RowRanker(KNOWN, SCORERS[name])
        assert ranker.rank("今晚吃饺子").score < ranker.rank("软件著作权登记").score

    def test_survives_an_empty_question(self, name: str) -> None:
        assert RowRanker(KNOWN, SCORERS[name]).rank("").score == 0.0


class FixedSearcher:
    """Answers like ``aid.consultation.search``."""

    def search(self, question: str, today: date) -> Any:
        if "天气" in question:
            return SimpleNamespace(band="none", probability=0.02, hits=())
        band = "answer" if "商标" in question else "candidates"
        hits = (SimpleNamespace(entry_id="trademark"), SimpleNamespace(entry_id="patent"))
        return SimpleNamespace(band=band, probability=0.9, hits=hits)


def test_our_own_bands_decide_what_ours_answers() -> None:
    texts = Texts([("trademark", "商标"), ("patent", "专利"), ("copyright", "软著")], ["天气"], ["天气"])
    figures = judge(OurRanker(FixedSearcher(), date(2026, 11, 22)), texts, own=True)
    assert figures.answered_right == figures.offered_right == pytest.approx(1 / 3)
    assert (figures.answered_wrong, figures.off_topic_answered, figures.off_topic_offered) == (0.0, 0.0, 0.0)
    assert len(cells(figures)) == 9


@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated")
@pytest.mark.parametrize("scorer", [bm25, character_tfidf])
def test_a_peer_answers_above_its_threshold(scorer: Callable[[list[str]], Callable[[str], Any]]) -> None:
    texts = Texts([("trademark", "商标怎么注册"), ("copyright", "银河系")], ["饺子馅"], ["今天天气", "红烧肉"])
    figures = judge(RowRanker(KNOWN, scorer), texts)
    assert (figures.top1, figures.answered_right, figures.off_topic_answered) == (0.5, 0.5, 0.0)

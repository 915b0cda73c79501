"""The ranking and the closed forms that leave rows out of it."""

import time
from dataclasses import replace

import numpy as np
import pytest

from aid.consultation.entries import KnowledgeBase
from aid.consultation.evaluation import trials
from aid.consultation.lexical import CharacterVectors, grams
from aid.consultation.ranking import CLAUSES_WEIGHT, LONG_TEXT, Ranking, prepared
from aid.language.encoders import SentenceEncoders
from aid.language.normalise import clauses
from tests.consultation.conftest import OFF_TOPIC


@pytest.fixture
def ranking(knowledge: KnowledgeBase, encoders: SentenceEncoders) -> Ranking:
    return Ranking(knowledge, OFF_TOPIC, encoders)


def test_grams_do_not_reach_over_signs() -> None:
    assert set(grams("专利，法")) == {"专", "利", "专利", "法"}


def test_character_vectors_give_cosines() -> None:
    vectors = CharacterVectors(["专利被仿冒", "商标续展"])
    rows = vectors.vectors(["专利被仿冒", "商标续展"])
    likeness = (rows @ vectors.vectors(["专利被仿冒", "专利鲲鹏", "鲲鹏", ""]).T).toarray()
    assert likeness[0, 0] == pytest.approx(1)
    assert likeness[1, 0] == 0
    assert 0 < likeness[0, 1] < 1
    assert not likeness[:, 2:].any()


def test_every_variant_is_nearest_to_its_own_entry(ranking: Ranking, knowledge: KnowledgeBase) -> None:
    for entry in knowledge.entries.values():
        for variant in entry.variants:
            evidence = ranking.weigh(prepared(variant))
            assert ranking.entry_ids[int(np.argmax(evidence.scores))] == entry.id
            assert evidence.scores.max() > evidence.off_topic


def test_off_topic_texts_speak_for_being_off_topic(ranking: Ranking) -> None:
    for text in OFF_TOPIC:
        evidence = ranking.weigh(prepared(text))
        assert evidence.off_topic > evidence.scores.max()


def test_a_long_story_is_also_read_clause_by_clause(ranking: Ranking) -> None:
    story = prepared("我家住在南关区，去年秋天赶集时买了不少东西，天冷，忘了时间，回家一看，商标到期怎么续展，我也不懂")
    assert len(story) <= LONG_TEXT
    story += prepared("，年纪大了记性也不好，孩子又不在身边，没人帮我看")
    assert len(story) > LONG_TEXT
    parts = clauses(story)
    kernel = ranking.likeness([story, parts[0], *parts[-3:]]).kernel() @ ranking.answers
    expected = (1 - CLAUSES_WEIGHT) * kernel[0] + CLAUSES_WEIGHT * kernel[1:].mean(axis=0)
    evidence = ranking.weigh(story)
    assert np.allclose(evidence.scores, expected[:-1], atol=1e-5)
    assert evidence.off_topic == pytest.approx(float(expected[-1]), abs=1e-5)


def test_leaving_a_row_out_in_closed_form_equals_solving_again_without_it(ranking: Ranking) -> None:
    """Both closed forms against brute force, on the same kernel."""
    system, targets, rows = ranking.regularised, ranking.targets, ranking.rows
    found = trials(ranking)
    asked = [trial for trial in found if trial.kind == "asked"]
    uncovered = [trial for trial in found if trial.kind == "uncovered"]
    variants = np.flatnonzero(rows.variant)
    for place in (0, 9, len(variants) - 1):
        row = variants[place]
        for trial, gone in ((asked[place], [row]), (uncovered[place], np.flatnonzero(rows.owner == rows.owner[row]))):
            kept = np.setdiff1d(np.arange(len(system)), gone)
            again = system[row, kept] @ np.linalg.solve(system[np.ix_(kept, kept)], targets[kept])
            finite = np.isfinite(trial.evidence.scores)
            assert np.allclose(trial.evidence.scores[finite], again[:-1][finite], atol=1e-4)
            assert trial.evidence.off_topic == pytest.approx(again[-1], abs=1e-4)
            assert trial.text == rows.texts[row]
    assert all(not np.isfinite(trial.evidence.scores).all() for trial in uncovered)


def test_trials_are_every_variant_twice_and_every_off_topic_text(ranking: Ranking, knowledge: KnowledgeBase) -> None:
    kinds = [trial.kind for trial in trials(ranking)]
    variants = sum(len(entry.variants) for entry in knowledge.entries.values())
    assert [kinds.count(kind) for kind in ("asked", "uncovered", "off_topic")] == [variants, variants, len(OFF_TOPIC)]


def test_an_empty_knowledge_can_be_ranked(knowledge: KnowledgeBase, encoders: SentenceEncoders) -> None:
    empty = Ranking(replace(knowledge, entries={}), OFF_TOPIC, encoders)
    assert len(empty.weigh("专利").scores) == 0


def test_weighing_costs_little_beside_the_encoding(ranking: Ranking) -> None:
    question = prepared("专利被仿冒怎么办")
    ranking.weigh(question)
    started = time.perf_counter()
    for _ in range(20):
        ranking.weigh(question)
    assert (time.perf_counter() - started) / 20 < 0.02

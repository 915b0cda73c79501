"""The ranking, and what it says of rows as if they did not exist."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from aid.consultation import evaluation
from aid.consultation import ranking as module
from aid.consultation.entries import KnowledgeBase
from aid.consultation.evaluation import trials
from aid.consultation.lexical import CharacterVectors, grams
from aid.consultation.ranking import CLAUSES_WEIGHT, LONG_TEXT, VARIANT, Ranking, highest, prepared
from aid.consultation.sieve import Left, Sieve
from aid.consultation.vectors import Vectors
from aid.language.encoders import SentenceEncoder
from aid.language.normalise import clauses
from tests.consultation.conftest import OFF_TOPIC, POSED


@pytest.fixture
def ranking(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> Ranking:
    return Ranking(knowledge, OFF_TOPIC, POSED, encoders)


def test_the_highest_are_those_of_a_whole_sort_equals_and_missing_ones_included() -> None:
    numbers = np.random.default_rng(7)
    for size in (0, 1, 5, 20, 300):
        values = numbers.integers(0, 9, size).astype(np.float32)
        values[numbers.random(size) < 0.3] = -np.inf
        whole = [int(n) for n in np.argsort(-values, kind="stable") if np.isfinite(values[n])]
        assert highest(values, 20).tolist() == whole[:20]


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


def test_texts_counted_before_get_the_same_vectors() -> None:
    before = CharacterVectors(["专利被仿冒", "商标续展", "版权登记"])
    texts = ["版权登记", "商标续展怎么办", "专利被仿冒", "版权登记"]
    again, fresh = CharacterVectors(texts, before), CharacterVectors(texts)
    every = slice(None)
    assert np.allclose((again.take(every) - fresh.take(every)).data, 0, atol=1e-6)
    third = CharacterVectors(["商标续展怎么办", "新的"], again)
    assert np.allclose((third.take(every) - CharacterVectors(["商标续展怎么办", "新的"]).take(every)).data, 0, atol=1e-6)


def test_vectors_of_many_rows_take_a_byte_a_number_and_nearly_the_same_cosines() -> None:
    rows = np.random.default_rng(3).normal(size=(50, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    full, small = Vectors(rows), Vectors(rows, many=10)
    assert np.array_equal(full.take(slice(None)), rows)
    assert small._rows.dtype == np.int8
    assert np.allclose(small.take([3, 9]) @ rows.T, rows[[3, 9]] @ rows.T, atol=5e-3)
    assert len(small) == 50


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
    longer = story + prepared("，年纪大了记性也不好，孩子又不在身边，没人帮我看")
    assert len(longer) > LONG_TEXT
    parts = clauses(longer)
    read = [longer, parts[0], *parts[-3:]]
    alone = [ranking._weighed(asked_alone(ranking, text), None, None) for text in read]
    evidence = ranking.weigh(longer)
    # Few rows: all pass and are near, so that what is weighed together is the sum of what is weighed alone.
    expected = (1 - CLAUSES_WEIGHT) * alone[0].scores + CLAUSES_WEIGHT * np.mean([one.scores for one in alone[1:]], axis=0)
    strange = (1 - CLAUSES_WEIGHT) * alone[0].off_topic + CLAUSES_WEIGHT * np.mean([one.off_topic for one in alone[1:]])
    assert np.allclose(evidence.scores, expected, atol=1e-4)
    assert evidence.off_topic == pytest.approx(float(strange), abs=1e-4)


def asked_alone(ranking: Ranking, text: str) -> module._Asked:
    return module._Asked(ranking._characters.vectors([text]), ranking._encoders.encode([text]), np.ones(1, np.float32))


class Some(CharacterVectors):
    """Some rows, weighed as among all of them."""

    def __init__(self, every: CharacterVectors, kept: NDArray[np.int64]) -> None:
        self._every, self._kept = every, kept

    def take(self, rows: Any) -> Any:
        return self._every.take(self._kept[rows])


def test_a_row_is_weighed_as_if_nobody_had_written_it(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> None:
    """The closed form of the sieve and the ridge without the row, against a ranking that was built without it."""
    ranking = Ranking(knowledge, OFF_TOPIC, POSED, encoders)
    for row in (0, 4, int(np.flatnonzero(ranking.rows.origin == VARIANT)[-1])):
        owner, text = int(ranking.rows.owner[row]), ranking.rows.texts[row]
        own, characters = ranking._vectors.take([row]), ranking._characters.take([row])
        scores = ranking._sieve.scores(own, characters, Left(row, owner))[0]
        kept = np.flatnonzero(np.arange(len(ranking.rows.texts)) != row)
        again = Sieve(Vectors(ranking._vectors.take(kept)), Some(ranking._characters, kept), ranking.rows.owner[kept], len(ranking.entry_ids) + 1)
        expected = again.scores(own, characters)[0]
        assert np.allclose(scores, expected, atol=1e-3)
        with_it, without = ranking.weigh(text), ranking.weigh_row(row)
        assert without.scores[owner] < with_it.scores[owner]


def test_entries_that_are_not_allowed_have_no_score(ranking: Ranking, knowledge: KnowledgeBase) -> None:
    first = next(iter(knowledge.entries.values()))
    allowed = np.array([entry_id != first.id for entry_id in ranking.entry_ids])
    evidence = ranking.weigh(prepared(first.variants[0]), allowed)
    assert evidence.scores[~allowed].tolist() == [-np.inf]
    assert np.isfinite(evidence.scores[allowed]).all()


def test_only_as_many_entries_pass_as_the_sieve_lets_through(ranking: Ranking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PASSING", 1)
    evidence = ranking.weigh(prepared("专利被仿冒怎么办"))
    assert np.isfinite(evidence.scores).sum() == 1


def test_trials_are_fresh_questions_texts_without_their_entry_and_off_topic_texts(ranking: Ranking, knowledge: KnowledgeBase) -> None:
    found = list(trials(ranking, {next(iter(knowledge.entries)): ["专利叫人抄了", "产品被照着做"], "gone.entry": ["没有了"]}, ["今天几号", "天气"]))
    kinds = [trial.kind for trial in found]
    posed, variants = sum(map(len, POSED.values())), sum(len(entry.variants) for entry in knowledge.entries.values())
    assert [kinds.count(kind) for kind in ("posed", "uncovered", "off_topic")] == [2, posed + variants, 2]
    assert all(trial.right is None for trial in found if trial.kind in {"uncovered", "off_topic"})


def test_questions_of_an_entry_that_is_gone_are_left_out(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> None:
    ranking = Ranking(knowledge, OFF_TOPIC, {"gone.entry": ["没有了"]}, encoders)
    assert "没有了" not in ranking.rows.texts


def test_many_texts_are_sampled_over_all_entries(ranking: Ranking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "MOST_UNCOVERED", 6)
    left = [trial.text for trial in trials(ranking, {}, []) if trial.kind == "uncovered"]
    owners = {int(ranking.rows.owner[ranking.rows.texts.index(text)]) for text in left}
    assert len(left) == 6
    assert len(owners) >= 3


def test_only_the_nearest_rows_are_solved(ranking: Ranking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEAREST", 5)
    solved: list[int] = []
    stock = np.linalg.solve
    monkeypatch.setattr(np.linalg, "solve", lambda system, toward: (solved.append(len(system)), stock(system, toward))[1])
    ranking.weigh(prepared("专利被仿冒怎么办"))
    assert solved == [5 + len(OFF_TOPIC)]


def test_an_empty_knowledge_can_be_ranked(knowledge: KnowledgeBase, encoders: SentenceEncoder) -> None:
    empty = Ranking(replace(knowledge, entries={}), OFF_TOPIC, POSED, encoders)
    assert len(empty.weigh("专利").scores) == 0

"""The project's own knowledge, asked with questions that no editor and no fit saw; with the real encoders.

``unseen/`` holds three questions an entry, written apart from the variants; the figures of all of them are in bench/results.md.
"""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from aid.consultation.calibrate import fit, read_off_topic, read_questions
from aid.consultation.entries import load_knowledge
from aid.consultation.greeting import load_greeting
from aid.consultation.ranking import Ranking
from aid.consultation.search import Searcher
from aid.language.encoders import SentenceEncoder
from aid.settings import PROJECT
from tests.consultation.conftest import TODAY

HERE = Path(__file__).parent


def unseen() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((HERE / "unseen").glob("*.yml")):
        found.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    models = PROJECT / "var" / "models"
    assert (models / "roformer.int8.onnx").is_file(), "run scripts/fetch_encoders.py var/models"
    knowledge, _ = load_knowledge(PROJECT / "knowledge", TODAY)
    data = PROJECT / "data"
    posed = read_questions(data / "questions")
    ranking = Ranking(knowledge, read_off_topic(data / "off_topic.txt"), posed, SentenceEncoder(models))
    return Searcher(ranking, fit(ranking, read_questions(data / "calibration"), read_off_topic(data / "calibration" / "off_topic.txt")))


def test_every_entry_has_three_unseen_questions_that_are_no_training(searcher: Searcher) -> None:
    asked, known = unseen(), searcher.knowledge.entries
    assert set(asked) == set(known)
    assert all(len(questions) >= 3 for questions in asked.values())
    trained = {variant for entry in known.values() for variant in entry.variants}
    trained |= {text for texts in read_questions(PROJECT / "data" / "questions").values() for text in texts}
    assert not trained & {question for questions in asked.values() for question in questions}


@pytest.mark.parametrize(("kind", "least_first", "least_shown"), [(0, 0.92, 0.95), (1, 0.82, 0.88), (2, 0.76, 0.83)])
def test_unseen_questions_find_their_entry_and_wrong_answers_are_few(
    searcher: Searcher, kind: int, least_first: float, least_shown: float
) -> None:
    """Of each kind (short, colloquial, a story) the question of every third entry; a little below what was measured."""
    asked = [(entry, questions[kind]) for entry, questions in list(unseen().items())[kind::3]]
    results = [(entry, searcher.search(question, TODAY)) for entry, question in asked]
    first = sum(result.hits[0].entry_id == entry for entry, result in results if result.hits)
    shown = sum(entry in [hit.entry_id for hit in result.hits] for entry, result in results)
    wrong = sum(result.band == "answer" and result.hits[0].entry_id != entry for entry, result in results)
    assert first / len(asked) >= least_first
    assert shown / len(asked) >= least_shown
    assert wrong / len(asked) <= 0.03


def test_unseen_off_topic_texts_are_hardly_ever_answered(searcher: Searcher) -> None:
    bands = Counter(searcher.search(text, TODAY).band for text in read_off_topic(HERE / "off_topic.txt"))
    assert bands["answer"] <= 0.03 * bands.total()


def test_questions_of_other_law_are_seldom_answered(searcher: Searcher) -> None:
    bands = Counter(searcher.search(text, TODAY).band for text in read_off_topic(HERE / "near_law.txt"))
    assert bands["answer"] <= 0.10 * bands.total()


def test_every_variant_finds_its_own_entry_while_it_is_valid(searcher: Searcher) -> None:
    for entry in searcher.knowledge.entries.values():
        for variant in entry.variants[:1]:
            for day in (TODAY, date(2027, 1, 2)):
                if entry.on(day):
                    assert searcher.search(variant, day).hits[0].entry_id == entry.id


def test_each_question_of_the_greeting_is_answered_by_its_entry(searcher: Searcher) -> None:
    greeting = load_greeting(PROJECT / "knowledge")
    for row in {*greeting.asked, *greeting.at_expo}:
        if row.entry is not None:
            result = searcher.search(row.say, TODAY)
            assert (result.band, result.hits[0].entry_id) == ("answer", row.entry), row.say

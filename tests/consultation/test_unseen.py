"""The project's own knowledge, asked with questions that no editor and no fit saw; with the real encoders."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from aid.consultation.calibrate import fit, read_off_topic
from aid.consultation.entries import load_knowledge
from aid.consultation.ranking import Ranking
from aid.consultation.search import Searcher
from aid.language.encoders import SentenceEncoders
from aid.settings import PROJECT
from tests.consultation.conftest import TODAY

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    models = PROJECT / "var" / "models"
    assert (models / "roformer.int8.onnx").is_file(), "run scripts/fetch_encoders.py var/models"
    knowledge, _ = load_knowledge(PROJECT / "knowledge", TODAY)
    ranking = Ranking(knowledge, read_off_topic(PROJECT / "data" / "off_topic.txt"), SentenceEncoders(models))
    return Searcher(ranking, fit(ranking))


def test_unseen_questions_find_their_entry_and_wrong_answers_are_few(searcher: Searcher) -> None:
    """The longest of each entry's three questions: top-1 .92, shown .99, wrong answers .02 in November 2026."""
    rows = yaml.safe_load((HERE / "unseen.yml").read_text(encoding="utf-8"))
    known = searcher.knowledge.entries
    asked = [(entry, max(questions, key=len)) for entry, questions in rows.items() if entry in known]
    assert len(asked) > 100
    results = [(entry, searcher.search(question, TODAY)) for entry, question in asked]
    first = sum(result.hits[0].entry_id == entry for entry, result in results)
    shown = sum(entry in [hit.entry_id for hit in result.hits] for entry, result in results)
    wrong = sum(result.band == "answer" and result.hits[0].entry_id != entry for entry, result in results)
    assert first / len(asked) >= 0.85
    assert shown / len(asked) >= 0.95
    assert wrong / len(asked) <= 0.04


def test_unseen_off_topic_texts_are_hardly_ever_answered(searcher: Searcher) -> None:
    bands = Counter(searcher.search(text, TODAY).band for text in read_off_topic(HERE / "off_topic.txt"))
    assert bands["answer"] <= 0.03 * bands.total()
    assert bands["candidates"] <= 0.15 * bands.total()


def test_every_variant_finds_its_own_entry_while_it_is_valid(searcher: Searcher) -> None:
    for entry in searcher.knowledge.entries.values():
        for variant in entry.variants[:1]:
            for day in (TODAY, date(2027, 1, 2)):
                if entry.on(day):
                    assert searcher.search(variant, day).hits[0].entry_id == entry.id

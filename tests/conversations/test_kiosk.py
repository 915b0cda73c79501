"""What the kiosk says for a person leads where its button promises, through the whole running system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from aid.cases.tables import Expos
from aid.kiosk.tables import load_kiosk
from aid.settings import PROJECT
from aid.yaml_files import read_yaml_model
from tests.conversations.conftest import Stack
from tests.conversations.talk import Visitor

pytestmark = pytest.mark.stack
KIOSK = load_kiosk(PROJECT / "knowledge")
EXPOS = read_yaml_model(PROJECT / "knowledge" / "events.yml", Expos).events


def questions() -> dict[str, str]:
    """Every question and its entry."""
    lists = [KIOSK.general, *KIOSK.events.values(), *(topic.questions for topic in KIOSK.topics)]
    return {question.ask: question.entry for asked in lists for question in asked}


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Iterator[Visitor]:
    with closing(Visitor(stack.address)) as one:
        yield one


def card(visitor: Visitor, words: str) -> dict[str, object]:
    """The first card that the words bring in a new talk."""
    visitor.begin_anew()
    cards = visitor.say(words).cards
    return cards[0] if cards else {}


def test_every_question_finds_its_entry_as_a_sure_answer(visitor: Visitor) -> None:
    wrong = {}
    for ask, entry in questions().items():
        found = card(visitor, ask)
        if (found.get("kind"), found.get("entry")) != ("answer", entry):
            wrong[ask] = found.get("entry") or found.get("entries") or found.get("kind")
    assert wrong == {}


@pytest.mark.parametrize("expo", [None, *EXPOS], ids=lambda expo: expo.code if expo else "nowhere")
def test_a_complaint_begins_and_its_expo_is_known(visitor: Visitor, expo: object) -> None:
    name = expo.name if expo else None  # type: ignore[attr-defined]
    [way] = [way for way in KIOSK.ways if way.id == "complain"]
    asked = card(visitor, way.said(name))
    assert (asked["kind"], asked["case_kind"]) == ("question", "expo_complaint")
    assert (asked["field"] == "event") == (expo is None)


def test_an_application_for_aid_begins(visitor: Visitor) -> None:
    [way] = [way for way in KIOSK.ways if way.id == "aid"]
    asked = card(visitor, way.said(None))
    assert (asked["kind"], asked["case_kind"]) == ("question", "aid_application")


def test_a_lookup_asks_for_number_and_code(visitor: Visitor) -> None:
    [way] = [way for way in KIOSK.ways if way.id == "status"]
    visitor.begin_anew()
    heard = visitor.say(way.said(None))
    assert "编号" in heard.text

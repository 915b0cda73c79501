"""The small memory of a talk, and unanswered questions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from aid.clock import FixedClock
from aid.privacy.vault import Vault
from aid.store import Store
from aid.store.messages import Messages
from aid.store.talk import Talks, UnansweredQuestions


def test_the_memory_is_empty_then_what_was_written_last(store: Store, vault: Vault, messages: Messages) -> None:
    talks, talk = Talks(store, vault), messages.open_conversation("web")
    assert talks.read(talk.id) == {}
    for data in ({"last_entry": "expo.a"}, {"misses": 1, "words": "SECRET"}):
        talks.write(talk.id, data)
        assert talks.read(talk.id) == data
    with store.reading() as session:
        assert "SECRET" not in session.execute(text("SELECT data_sealed FROM talk")).scalar_one()


def test_a_memory_written_at_the_same_moment_is_one_of_those(store: Store, vault: Vault, messages: Messages) -> None:
    talks = Talks(store, vault)
    for _ in range(5):
        talk = messages.open_conversation("web").id
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda n, t=talk: talks.write(t, {"misses": n}), range(6)))
        assert talks.read(talk)["misses"] in range(6)


def test_a_memory_needs_its_conversation(store: Store, vault: Vault) -> None:
    with pytest.raises(IntegrityError):
        Talks(store, vault).write("nothing", {})


def test_an_unanswered_question_is_kept_masked_and_sealed_newest_first(store: Store, vault: Vault, clock: FixedClock) -> None:
    questions = UnansweredQuestions(store, vault, clock)
    questions.add("conversation", "我电话13800138000，专利ZL202330123456.7怎么办", "none", 0.1)
    questions.add("conversation", "第二个", "candidates", 0.4, "expo.a")
    newest = questions.newest()
    assert [(q.asked, q.band, q.entry) for q in newest] == [
        ("第二个", "candidates", "expo.a"),
        ("我电话138****8000，专利ZL202330123456.7怎么办", "none", None),
    ]
    assert len(questions.newest(1)) == 1
    with store.reading() as session:
        kept = "".join(session.execute(text("SELECT asked_sealed FROM unanswered")).scalars())
    assert "专利" not in kept

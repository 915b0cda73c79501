"""Whole talks against the real Rasa, action server and doors."""

from __future__ import annotations

import pytest

from aid.privacy.vault import open_vault
from aid.store.engine import open_store
from aid.store.tickets import tickets_of
from tests.conversations.conftest import Stack
from tests.conversations.talk import Talk, Visitor, talks, walk

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("talk", [pytest.param(talk, id=name) for name, talk in talks()])
def test_talk(stack: Stack, talk: Talk) -> None:
    visitor = Visitor(stack.address)
    walk(visitor, talk)
    store = open_store(stack.settings)
    try:
        made = tickets_of(store, open_vault(stack.settings), visitor.conversation)
    finally:
        store.close()
    assert len(made) == talk.tickets
    for key, value in talk.facts.items():
        assert made[-1]["facts"].get(key) == value

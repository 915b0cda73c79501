"""Whole talks against the real Rasa, action server and doors."""

from __future__ import annotations

from contextlib import closing

import pytest

from aid.cases.life import Actor
from aid.cli.ticket import office
from tests.conversations.conftest import Stack
from tests.conversations.talk import Talk, Visitor, talks, walk

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("talk", [pytest.param(talk, id=name) for name, talk in talks()])
def test_talk(stack: Stack, talk: Talk) -> None:
    with office(stack.settings) as desk, closing(Visitor(stack.address)) as visitor:

        def staff(number: str, events: dict[str, dict[str, str]]) -> None:
            ticket = desk.tickets.numbered(number)
            assert ticket is not None
            for kind, detail in events.items():
                desk.log.add(ticket, kind, Actor("handler", "clerk"), detail)  # type: ignore[arg-type]

        first = visitor.conversation
        walk(visitor, talk, staff)
        made = desk.tickets.of(first)
        files = [one.name for ticket in made[-1:] for one in desk.evidence.of_ticket(ticket.id)]
    assert len(made) == talk.tickets
    assert files == talk.files
    for key, value in talk.facts.items():
        assert {**made[-1].facts, **made[-1].parties}.get(key) == value

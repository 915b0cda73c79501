"""Whole talks against the real Rasa, action server and doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing

import pytest

from aid.cases.life import Actor
from aid.cases.ticket import Ticket
from aid.cli.ticket import office
from tests.conversations.conftest import Stack
from tests.conversations.talk import Talk, Visitor, behaviour, talks, walk

LEAST = {"corrections": 28, "cancellations": 17, "digressions": 23, "turns": 18, "invalid": 24, "double": 12}
"""Talks to their end that each behaviour must keep; the contract asks for 25, 15, 20, 15, 20 and 10."""
LEAST_OF_ALL = 150
LEAST_OF_A_KIND = 6
"""Talks that end with a ticket of each kind of case."""
KINDS = {
    "expo_complaint", "infringement_report", "aid_application", "mediation_request", "adjudication_request", "consultation_callback",
    "service_complaint",
}  # fmt: skip


@pytest.mark.stack
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
        assert [one.name for ticket in made[-1:] for one in desk.evidence.of_ticket(ticket.id)] == talk.files
    hold(talk, made)


def hold(talk: Talk, made: Sequence[Ticket]) -> None:
    """The tickets that a talk made are those that it must make."""
    assert len(made) == talk.tickets
    if talk.kind:
        assert made[-1].kind == talk.kind
    for key, value in talk.facts.items():
        assert {**made[-1].facts, **made[-1].parties}.get(key) == value, key


def test_there_are_enough_whole_talks_of_every_behaviour_and_kind() -> None:
    found = talks()
    whole = [(name, talk) for name, talk in found if talk.is_whole]
    shown = Counter(behaviour(name) for name, _ in whole)
    assert not {name: (shown[name], least) for name, least in LEAST.items() if shown[name] < least}
    assert len(whole) >= LEAST_OF_ALL
    filed = Counter(talk.kind for _, talk in found if talk.tickets)
    assert not {kind: filed[kind] for kind in KINDS if filed[kind] < LEAST_OF_A_KIND}


def test_every_talk_has_a_name_of_its_own() -> None:
    assert not [name for name, times in Counter(name for name, _ in talks()).items() if times > 1]

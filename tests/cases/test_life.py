"""The table of transitions: whole, without dead ends that should have a way on."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid.cases.errors import ForbiddenTransition
from aid.cases.life import TRANSITIONS, EventKind, State, next_state, state_of

LOGS = [
    (["received"], "received"),
    (["received", "routed"], "received"),
    (["received", "returned", "supplemented", "accepted"], "accepted"),
    (["received", "routed", "accepted", "started", "contacted", "mediated"], "mediated"),
    (["received", "referred", "concluded"], "concluded"),
    (["received", "not_accepted", "reopened", "accepted"], "accepted"),
    (["received", "accepted", "started", "concluded", "reopened"], "in_progress"),
    (["received", "withdrawn"], "withdrawn"),
]
IMPOSSIBLE = [
    [],
    ["accepted"],
    ["received", "received"],
    ["received", "mediated"],
    ["received", "withdrawn", "accepted"],
]


@pytest.mark.parametrize(("log", "state"), LOGS)
def test_the_state_is_what_the_log_says(log: list[EventKind], state: str) -> None:
    assert state_of(log) == state


@pytest.mark.parametrize("log", IMPOSSIBLE)
def test_a_log_that_cannot_be_is_refused(log: list[EventKind]) -> None:
    with pytest.raises(ForbiddenTransition):
        state_of(log)


def test_every_state_is_in_the_table_can_be_reached_and_can_be_left() -> None:
    assert set(TRANSITIONS) == {None, *get_args(State)}
    reached = {state for row in TRANSITIONS.values() for state in row.values()}
    assert reached == {*get_args(State)}
    assert all(TRANSITIONS.values())


@given(st.lists(st.sampled_from(get_args(EventKind)), max_size=12))
def test_any_log_either_has_a_state_or_is_refused(events: list[EventKind]) -> None:
    state: State | None = None
    try:
        for event in events:
            state = next_state(state, event)
    except ForbiddenTransition:
        with pytest.raises(ForbiddenTransition):
            state_of(events)
        return
    if events:
        assert state_of(events) == state

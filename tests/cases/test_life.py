"""The table of transitions: whole, without dead ends that should have a way on."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid.cases.errors import ForbiddenTransition, IncompleteEvent, NotTheirs
from aid.cases.labels import load_labels
from aid.cases.life import NEEDED, TRANSITIONS, Actor, EventKind, Role, State, check_step, next_state, open_to, state_of
from aid.store.models import EVENT_KINDS

LOGS = [
    (["received"], "received"),
    (["received", "routed"], "received"),
    (["received", "returned", "supplemented", "accepted"], "accepted"),
    (["received", "routed", "accepted", "started", "contacted", "mediated"], "mediated"),
    (["received", "referred", "concluded"], "concluded"),
    (["received", "not_accepted", "reopened", "accepted"], "accepted"),
    (["received", "accepted", "started", "concluded", "reopened"], "in_progress"),
    (["received", "withdrawn"], "withdrawn"),
    (["received", "accepted", "supplemented", "transferred", "noted"], "accepted"),
    (["received", "accepted", "started", "mediated", "rated"], "mediated"),
]
IMPOSSIBLE = [
    [],
    ["accepted"],
    ["received", "received"],
    ["received", "mediated"],
    ["received", "withdrawn", "accepted"],
    ["received", "returned", "supplemented", "returned"],
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
    reached = {step.to for row in TRANSITIONS.values() for step in row.values()}
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


THEIRS: list[tuple[list[EventKind], EventKind, Role, bool]] = [
    (["received"], "withdrawn", "person", True),
    (["received"], "accepted", "person", False),
    (["received"], "accepted", "intake", True),
    (["received"], "not_accepted", "intake", False),
    (["received"], "routed", "handler", False),
    (["received", "accepted", "started"], "concluded", "intake", False),
    (["received", "accepted", "started"], "concluded", "handler", True),
    (["received", "accepted", "started", "concluded"], "rated", "handler", False),
    (["received", "accepted", "started", "concluded"], "rated", "person", True),
    (["received", "accepted", "started", "concluded"], "reopened", "person", True),
    (["received", "accepted", "started", "concluded"], "reopened", "handler", False),
]
SAYS = {"receiver": "subcenter-2", "reason": "理由", "missing": "营业执照", "text": "补充", "to": "农业部门", "outcome": "已停止", "score": "fair", "on": "2026-11-25", "into": "CC-2026-000001", "number": "CC-2026-000002"}


@pytest.mark.parametrize(("log", "event", "role", "theirs"), THEIRS)
def test_each_event_is_for_its_roles(log: list[EventKind], event: EventKind, role: Role, theirs: bool) -> None:
    assert (event in open_to(log, role)) == theirs
    if theirs:
        assert check_step(log, event, role, SAYS)
    else:
        with pytest.raises(NotTheirs):
            check_step(log, event, role, SAYS)


@pytest.mark.parametrize("event", list(NEEDED))
def test_what_an_event_must_say_is_asked_for(event: EventKind) -> None:
    log, role = next(
        (log, role)
        for log in ([["received"], ["received", "accepted", "started"], ["received", "accepted", "started", "concluded"]])
        for role in ("handler", "person", "intake")
        if event in open_to(log, role)  # type: ignore[arg-type]
    )
    for key in NEEDED[event]:
        with pytest.raises(IncompleteEvent) as caught:
            check_step(log, event, role, {**SAYS, key: "  "})  # type: ignore[arg-type]
        assert caught.value.missing == [key]


def test_material_is_asked_for_once_only() -> None:
    assert "returned" in open_to(["received"], "handler")
    assert "returned" not in open_to(["received", "returned", "supplemented"], "handler")


def test_the_person_can_always_do_something_and_every_open_case_can_be_taken_back() -> None:
    for state, row in TRANSITIONS.items():
        if state is not None:
            own = {event for event, step in row.items() if "person" in step.by}
            assert own
            assert "withdrawn" in own or "reopened" in own


def test_the_database_and_the_words_know_the_same_events(knowledge: Path) -> None:
    assert {word.strip(" '") for word in EVENT_KINDS.split(",")} == {*get_args(EventKind)}
    assert {*load_labels(knowledge).events} == {*get_args(EventKind)}


def test_an_actor_is_read_as_it_is_written() -> None:
    for actor in (Actor("person"), Actor("handler", "张三")):
        assert Actor.read(str(actor)) == actor
    with pytest.raises(ValueError, match="no role"):
        Actor.read("boss:张三")


@pytest.mark.parametrize(
    ("log", "event", "key", "words"),
    [
        (["received", "accepted", "started"], "session", "on", "明天下午"),
        (["received"], "merged", "into", "王小强的那件"),
        (["received"], "joined", "number", "CC-1"),
    ],
)
def test_what_outlives_the_deletion_of_personal_data_takes_no_free_words(log: list[EventKind], event: EventKind, key: str, words: str) -> None:
    with pytest.raises(IncompleteEvent) as caught:
        check_step(log, event, "supervisor", {**SAYS, key: words})
    assert caught.value.missing == [key]
    assert check_step(log, event, "supervisor", SAYS)

"""The life of a ticket: its state is what the log says, by an explicit table of transitions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from aid.cases.errors import ForbiddenTransition
from aid.yaml_files import read_yaml_model

State = Literal[
    "received", "returned", "accepted", "referred", "in_progress", "mediated", "concluded", "withdrawn", "not_accepted"
]
EventKind = Literal[
    "received", "routed", "accepted", "returned", "supplemented", "referred", "started", "contacted", "mediated",
    "concluded", "withdrawn", "not_accepted", "reopened", "evidence_added",
]  # fmt: skip

TRANSITIONS: dict[State | None, dict[EventKind, State]] = {
    None: {"received": "received"},
    "received": {
        "routed": "received",
        "contacted": "received",
        "evidence_added": "received",
        "accepted": "accepted",
        "returned": "returned",
        "referred": "referred",
        "withdrawn": "withdrawn",
        "not_accepted": "not_accepted",
    },
    "returned": {
        "contacted": "returned",
        "evidence_added": "returned",
        "supplemented": "received",
        "withdrawn": "withdrawn",
        "not_accepted": "not_accepted",
    },
    "accepted": {
        "routed": "accepted",
        "contacted": "accepted",
        "evidence_added": "accepted",
        "started": "in_progress",
        "referred": "referred",
        "withdrawn": "withdrawn",
    },
    "referred": {
        "routed": "received",
        "contacted": "referred",
        "evidence_added": "referred",
        "started": "in_progress",
        "concluded": "concluded",
        "withdrawn": "withdrawn",
    },
    "in_progress": {
        "routed": "in_progress",
        "contacted": "in_progress",
        "evidence_added": "in_progress",
        "referred": "referred",
        "mediated": "mediated",
        "concluded": "concluded",
        "withdrawn": "withdrawn",
    },
    "mediated": {"reopened": "in_progress"},
    "concluded": {"reopened": "in_progress"},
    "withdrawn": {"reopened": "received"},
    "not_accepted": {"reopened": "received"},
}


def next_state(state: State | None, event: EventKind) -> State:
    """The state after ``event``. Raises ``ForbiddenTransition``."""
    try:
        return TRANSITIONS[state][event]
    except KeyError as fault:
        raise ForbiddenTransition(f"{event} may not follow the state {state}") from fault


def state_of(events: Iterable[EventKind]) -> State:
    """The state that a log ends in. Raises ``ForbiddenTransition`` for a log that cannot be, or an empty one."""
    state: State | None = None
    for event in events:
        state = next_state(state, event)
    if state is None:
        raise ForbiddenTransition("a ticket's log is never empty")
    return state


class Labels(BaseModel):
    """How states and events are said to people (knowledge/states.yml)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    states: dict[State, str]
    events: dict[EventKind, str]

    @model_validator(mode="after")
    def _complete(self) -> Labels:
        missing = {*get_args(State)} - {*self.states} | {*get_args(EventKind)} - {*self.events}
        if missing:
            raise ValueError(f"no words for {', '.join(sorted(missing))}")
        return self


def load_labels(knowledge_dir: Path) -> Labels:
    """The labels. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "states.yml", Labels)

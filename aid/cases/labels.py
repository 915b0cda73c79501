"""How the states and events of a ticket are said to people (knowledge/states.yml)."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Self, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from aid.cases.life import NEEDED, EventKind, State
from aid.yaml_files import read_yaml_model

_UNSAID = re.compile(r"(?:，原因)?：$")
HIDDEN: frozenset[EventKind] = frozenset({"noted", "joined"})
"""Events that only staff see: the case that was joined to this one may be another person's."""


class Labels(BaseModel):
    """The words: ``events`` are frames that may name what the event must say (``{reason}``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    states: dict[State, str]
    events: dict[EventKind, str]
    scores: dict[str, str]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = {*get_args(State)} - {*self.states} | {*get_args(EventKind)} - {*self.events}
        if missing:
            raise ValueError(f"no words for {', '.join(sorted(missing))}")
        for event, frame in self.events.items():
            if strange := {name for _, name, _, _ in Formatter().parse(frame) if name} - {*NEEDED.get(event, ())}:
                raise ValueError(f"{event} never says {', '.join(sorted(strange))}")
        return self

    def event(self, kind: EventKind, detail: dict[str, str]) -> str:
        """An event as people read it; what its detail no longer says (deleted personal data) is left out."""
        said = {**detail, "score": self.scores.get(detail.get("score", ""), detail.get("score", ""))}
        told = self.events[kind].format_map({key: said.get(key, "") for key in NEEDED.get(kind, ())})
        return _UNSAID.sub("", told)


def load_labels(knowledge_dir: Path) -> Labels:
    """The labels. Raises ``KnowledgeError`` with file and line."""
    return read_yaml_model(knowledge_dir / "states.yml", Labels)

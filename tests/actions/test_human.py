"""What is said to a person who asks for somebody of the center, and what stands on the choices."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from actions.context import choice_labels
from actions.human import say_human, tapped_human
from aid.takeover.waiting import Asked


class Waiting:
    """A list that answers as it is told."""

    def __init__(self, outcome: Asked) -> None:
        self.outcome, self.left = outcome, 0

    def ask(self, _conversation: str) -> Asked:
        return self.outcome

    def leave(self, _conversation: str) -> bool:
        self.left += 1
        return True


class Turn:
    """Keeps what is said."""

    conversation_id = "c"

    def __init__(self, outcome: Asked) -> None:
        self.waiting = Waiting(outcome)
        self.context = SimpleNamespace(desk=SimpleNamespace(waiting=self.waiting))
        self.said: list[tuple[str, list[str], dict[str, Any]]] = []

    def choice_of(self, response: str, payload: dict[str, Any]) -> Any:
        return SimpleNamespace(label=choice_labels()[response], payload=payload)

    def say(self, response: str, _card: None, choices: list[Any], /, **facts: Any) -> None:
        self.said.append((response, [choice.label for choice in choices], facts))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Asked("waiting", 0), [("utter_human_next", ["不等了"], {"ahead": 0, "minutes": 0})]),
        (Asked("waiting", 3), [("utter_human_waiting", ["不等了"], {"ahead": 3, "minutes": 0})]),
        (Asked("waiting", 0, 5, False), [("utter_human_next_away", ["不等了"], {"ahead": 0, "minutes": 5})]),
        (Asked("waiting", 3, 0, False), [("utter_human_waiting_away", ["不等了"], {"ahead": 3, "minutes": 0})]),
        (Asked("waiting", 3, 5, False), [("utter_human_still_away", ["不等了"], {"ahead": 3, "minutes": 5})]),
        (Asked("closed"), [("utter_human_closed", ["请工作人员给我回电", "我要登记展会投诉"], {})]),
        (Asked("nobody"), [("utter_human", ["请工作人员给我回电", "我要登记展会投诉"], {})]),
        (Asked("staff"), []),
    ],
)
def test_each_outcome_has_its_words(outcome: Asked, said: list[Any]) -> None:
    turn = Turn(outcome)
    say_human(turn)  # type: ignore[arg-type]
    assert turn.said == said


def test_inside_a_form_no_other_form_is_offered() -> None:
    turn = Turn(Asked("closed"))
    say_human(turn, in_form=True)  # type: ignore[arg-type]
    assert turn.said == [("utter_human_closed", [], {})]


def test_a_tap_waits_no_more_or_waits_again() -> None:
    turn = Turn(Asked("waiting", 1))
    tapped_human(turn, {"human": "leave"})  # type: ignore[arg-type]
    tapped_human(turn, {"human": "ask"})  # type: ignore[arg-type]
    assert turn.waiting.left == 1
    assert [response for response, _choices, _facts in turn.said] == ["utter_human_left", "utter_human_waiting"]

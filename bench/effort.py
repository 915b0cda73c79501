"""How much is measured: the full run, and a tiny one that only shows that everything works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Bounds of one run; epochs are those of Rasa's neural parts, messages are counts, seconds bound one load."""

    intent_epochs: int = 20
    faq_intent_epochs: int = 10
    selector_epochs: int = 40
    dialogue_epochs: int = 100
    questions: int | None = None
    warm_up: int = 5
    messages_of_one: int = 60
    users: int = 16
    messages_of_many: int = 240
    load_seconds: float = 120.0
    train_seconds: float = 2400.0


FULL = Effort()
QUICK = Effort(
    intent_epochs=1,
    faq_intent_epochs=1,
    selector_epochs=1,
    dialogue_epochs=1,
    questions=20,
    warm_up=2,
    messages_of_one=4,
    users=4,
    messages_of_many=12,
    load_seconds=40.0,
)

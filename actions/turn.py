"""One turn of the bot as an action sees it: what was said, and the ways to answer.

The words come from the store by the inbound's id, not from Rasa's tracker, which may hold them masked or cut. Answers are structured
replies; the wording is a response of domain.yml, filled in by Rasa.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Context
from aid.language.entity import Entity
from aid.replies import Card, Choice
from aid.store.errors import UnknownInbound
from aid.store.messages import Inbound


class Turn:
    """What came in and the replies that go out."""

    def __init__(self, context: Context, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.context = context
        self._dispatcher = dispatcher
        self._message: dict[str, Any] = tracker.latest_message or {}
        self._metadata: dict[str, Any] = self._message.get("metadata") or {}
        self.sender = tracker.sender_id
        self._memory: dict[str, Any] | None = None
        self._is_changed = False
        self.left_open: Choice | None = None
        """What the message interrupted, to tap."""

    @property
    def conversation_id(self) -> str:
        """The hub's conversation; the tracker's sender is it and an epoch."""
        return str(self._metadata.get("conversation") or self.sender.rsplit(".", 1)[0])

    @property
    def runs_again(self) -> bool:
        """Whether the talk has been put on a fresh tracker: the turn may be one that a crash cut short."""
        return not self.sender.endswith(".0")

    @cached_property
    def is_over(self) -> bool:
        """Whether nobody waits for this run any more: its message is answered, given up or deleted, or runs anew on a fresher tracker.

        Raises:
            StoreUnavailable
        """
        if "inbound" not in self._metadata:  # Rasa was called past the hub
            return False
        try:
            standing = self.context.messages.standing(self.inbound_id)
        except UnknownInbound:
            return True
        return not standing.is_pending or self.sender != f"{standing.conversation.id}.{standing.conversation.epoch}"

    @property
    def inbound_id(self) -> str:
        """The id of the message that this turn answers: the key of everything that the turn makes.

        Raises:
            KeyError: Rasa was called past the hub.
        """
        return str(self._metadata["inbound"])

    @property
    def intent(self) -> str:
        """Rasa's intent of the message."""
        return str((self._message.get("intent") or {}).get("name") or "")

    @property
    def confidence(self) -> float:
        """The calibrated chance of the intent."""
        return float((self._message.get("intent") or {}).get("confidence") or 0.0)

    @property
    def is_meaningless(self) -> bool:
        """Whether the hub saw nothing but blanks, signs or emoji."""
        return bool(self._metadata.get("meaningless"))

    @property
    def is_tapped(self) -> bool:
        """Whether a choice was tapped; typed words and files come with the metadata."""
        return "said" not in self._metadata and self.file_id is None

    @property
    def file_id(self) -> str | None:
        """Id of the file that was sent; only the hub can say so."""
        file = self._metadata.get("file")
        return file if isinstance(file, str) else None

    @cached_property
    def inbound(self) -> Inbound:
        """The message as it was stored."""
        return self.context.messages.inbound(self.inbound_id)

    @cached_property
    def choice(self) -> dict[str, Any] | None:
        """The payload of what was tapped; ``None`` for typed text or a choice that is gone."""
        if not self.is_tapped or not self.inbound.choice_id:
            return None
        return self.context.messages.choice(self.conversation_id, self.inbound.choice_id).payload

    @property
    def text(self) -> str:
        """What was said, whole: a choice that stands for words counts as those words.

        The hub hands typed words along in the metadata, which spares a look into the store.
        """
        said = self._metadata.get("said")
        if isinstance(said, str):
            return said
        if self.inbound.choice_id and self.choice:
            return str(self.choice.get("say") or self.choice.get("value") or self.inbound.text)
        return self.inbound.text

    def entities(self, text: str | None = None) -> list[Entity]:
        """Entities of the words (of this message, or of an earlier one's ``text``)."""
        return self.context.entities.find(text if text is not None else self.text, self.context.today())

    @property
    def memory(self) -> dict[str, Any]:
        """The small memory of the talk, read once a turn and written back, where it changed, by ``keep_memory``."""
        if self._memory is None:
            # The first message of a talk finds none.
            self._memory = {} if self._metadata.get("first") else self.context.talks.read(self.conversation_id)
        return self._memory

    def remember(self, **changes: Any) -> None:
        """Change the memory of the talk; ``None`` removes a key."""
        wanted = {k: v for k, v in {**self.memory, **changes}.items() if v is not None}
        self._is_changed |= wanted != self.memory
        self._memory = wanted

    def keep_memory(self) -> None:
        """Write the memory once, at the turn's end: a turn that fails before is run again as if it had not been."""
        if self._is_changed:
            self.context.talks.write(self.conversation_id, self.memory)
            self._is_changed = False

    def say(self, response: str, card: Card | None = None, choices: list[Choice] | None = None, /, **facts: Any) -> None:
        """Answer with a response of domain.yml, filled with ``facts``, and what goes with it."""
        body = {"choices": [c.model_dump() for c in choices or []], "card": card.model_dump(mode="json") if card else None}
        self._dispatcher.utter_message(response=response, json_message={"attach": True, "reply": body}, **facts)

    def say_again(self, body: dict[str, Any]) -> None:
        """Give a stored reply once more, as words only: what was tapped then is not offered twice."""
        self._dispatcher.utter_message(json_message={"reply": {"text": body["text"], "card": body.get("card")}})

    def choice_of(self, response: str, payload: dict[str, Any]) -> Choice:
        """A choice whose label is the first text of a response of domain.yml."""
        return Choice(label=self.context.labels[response], payload=payload)

    def done(self) -> None:
        """Tell the hub that the turn is whole; always the last thing said."""
        self._dispatcher.utter_message(json_message={"turn": "done"})

"""Normalising and word segmentation with the project's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from aid.language.normalise import normalise
from aid.language.words import ProjectWords, tokenizer

COMMAND = "/"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class ProjectTokenizer(Tokenizer):
    """Sets a message's text to its normal form and cuts it into words with jieba and knowledge/words."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``words``: the folder of the project's words."""
        return {
            "words": "knowledge/words",
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """Load the words.

        Raises:
            FileNotFoundError: the folder of words is not there.
        """
        super().__init__(config)
        self._jieba = tokenizer(ProjectWords.load(Path(config["words"])))

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> ProjectTokenizer:
        """Create the component (Rasa's factory)."""
        return cls({**cls.get_default_config(), **config})

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of the normalised text; the message keeps that text.

        Rasa takes a text that begins with "/" as a command to itself, and logs it when it is none. Only what came as one stays one: a
        full-width slash, as the doors make of a person's or as a person types it, is not made a command by normalising.
        """
        said = str(message.get(attribute) or "")
        text = normalise(said)
        if text.startswith(COMMAND) and not said.startswith(COMMAND):
            text = text.replace(COMMAND, "／", 1)
        message.set(attribute, text)
        return [Token(word, start) for word, start, _ in self._jieba.tokenize(text) if word.strip()]

"""Sentence encoders as a Rasa featurizer."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from aid.language.encoders import SentenceEncoder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """One row of the tuned RoFormer-Sim (384 numbers, length one) a sentence."""

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer comes first: it normalises the text."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``models``: folder of the converted encoder."""
        return {**DenseFeaturizer.get_default_config(), "models": "var/models"}

    def __init__(self, config: dict[str, Any], name: str) -> None:
        """Open the encoders."""
        super().__init__(name, config)
        self._encoders = SentenceEncoder(Path(config["models"]))

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SentenceEncoderFeaturizer:
        """Create the component (Rasa's factory)."""
        return cls({**cls.get_default_config(), **config}, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond what the constructor checks."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encode all training texts; those known from an earlier run come from the cache."""
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        rows = self._encoders.encode_many([m.get(TEXT) for m in messages])
        for message, row in zip(messages, rows, strict=True):
            self._add(message, row)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Take the encodings that came with the messages; encode those that came without."""
        for message in messages:
            if message.get(TEXT):
                row = given_row((message.get("metadata") or {}).get("encodings"), self._encoders.dim)
                self._add(message, self._encoders.encode([message.get(TEXT)])[0] if row is None else row)
        return messages

    def _add(self, message: Message, row: np.ndarray) -> None:
        features = Features(row[np.newaxis, :].astype(np.float32), FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
        message.add_features(features)


def given_row(encodings: object, size: int) -> np.ndarray | None:
    """``size`` half-precision numbers in base64 (see channels.ahead); ``None`` for anything else."""
    if not isinstance(encodings, str):
        return None
    try:
        row = np.frombuffer(base64.b64decode(encodings, validate=True), dtype="<f2")
    except ValueError:
        return None
    return row if len(row) == size and np.isfinite(row).all() else None

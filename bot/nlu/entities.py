"""Entity rules: regular expressions on the raw text, then a spaCy ruler over the project's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from aid.language.entities import EntityFinder
from aid.language.words import ProjectWords

KINDS = "entity_kinds"
"""Message key under which the classifier finds the kinds seen (also on training texts)."""


# Rasa leaves pure extractors out of training; as a featurizer too it also notes the kinds on training texts.
@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False
)
class EntityRules(GraphComponent, EntityExtractorMixin):
    """Finds phones, patent numbers, booths, dates, events, places and the like (see aid.language.entities)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``words``: the folder of the project's words."""
        return {"words": "knowledge/words"}

    def __init__(self, config: dict[str, Any]) -> None:
        """Build the rules from the words."""
        self._finder = EntityFinder(ProjectWords.load(Path(config["words"])))

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> EntityRules:
        """Create the component (Rasa's factory)."""
        return cls({**cls.get_default_config(), **config})

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Note the kinds of entity on every training text, as features for the intent classifier."""
        for message in training_data.training_examples:
            if message.get(TEXT):
                message.set(KINDS, sorted({e.kind for e in self._finder.find(message.get(TEXT))}))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the entities found on each message, beside those of other extractors."""
        for message in messages:
            found = self._finder.find(message.get(TEXT) or "")
            message.set(KINDS, sorted({e.kind for e in found}))
            rows = [
                {"entity": e.kind, "value": e.value, "start": e.start, "end": e.end, "extractor": "EntityRules"} for e in found
            ]
            message.set(ENTITIES, list(message.get(ENTITIES, [])) + rows, add_to_output=True)
        return messages

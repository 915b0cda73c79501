"""The intent classifier: a linear model on encoder and tf-idf features whose probabilities mean what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import hstack
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.nlu.calibration import fit_temperature, soften
from bot.nlu.entities import KINDS
from bot.nlu.grams import GramWeights, character_grams, word_grams

WORDS, NUMBERS = "intents.json", "intents.npz"
LOOKUP_INTENT = "ask_status"
LOOKUP_WORDS = 12
"""Signs beside number and code up to which a message only looks a ticket up."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(IntentClassifier, GraphComponent):
    """Logistic regression on [encoders, reduced tf-idf of characters, words and kinds of entity], softened by a held-out temperature."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The encoder featurizer comes first."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``C``: inverse regularisation; ``encoder_weight``: weight of the encoder features; ``dimensions`` to which tf-idf is reduced; ``folds``."""
        return {"C": 20.0, "encoder_weight": 2.0, "dimensions": 128, "folds": 3, "ranking_length": 5}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """An untrained classifier."""
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._classes: list[str] = []
        self._encoder_weights = np.zeros((0, 0), dtype=np.float32)
        self._offsets = np.zeros(0, dtype=np.float32)
        self._temperature = 1.0
        self._characters: GramWeights | None = None
        self._words: GramWeights | None = None

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> CalibratedIntentClassifier:
        """Create an untrained component (Rasa's factory)."""
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model and its temperature, then store both."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        labels = np.array([e.get(INTENT) for e in examples])
        characters = _vectorizer(character_grams).fit([e.get(TEXT) for e in examples])
        words = _vectorizer(word_grams).fit([_words_of(e) for e in examples])
        counts = hstack([characters.transform([e.get(TEXT) for e in examples]), words.transform([_words_of(e) for e in examples])])
        reduction = TruncatedSVD(self._config["dimensions"], random_state=7).fit(counts)
        rows = np.hstack([_encoded(examples) * self._config["encoder_weight"], reduction.transform(counts)]).astype(np.float32)
        self._temperature = self._held_out_temperature(rows, labels)
        self._persist(self._model().fit(rows, labels), reduction, characters, words)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking on each message."""
        for message in messages:
            if not message.get(TEXT) or not message.get_dense_features(TEXT)[1]:
                continue
            scores = _encoded([message])[0] @ self._encoder_weights + self._offsets
            scores += self._characters.scores(character_grams(message.get(TEXT)))
            scores += self._words.scores(word_grams(_words_of(message)))
            chances = soften(scores[np.newaxis, :], self._temperature)[0]
            order = np.argsort(-chances)[: self._config["ranking_length"]]
            ranking = [{"name": self._classes[i], "confidence": float(chances[i])} for i in order]
            if looks_up_ticket(message.get(TEXT), message.get(ENTITIES) or []):
                ranking = [{"name": LOOKUP_INTENT, "confidence": 1.0}]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _model(self) -> LogisticRegression:
        return LogisticRegression(C=self._config["C"], class_weight="balanced", max_iter=300, tol=1e-3)

    def _held_out_temperature(self, rows: np.ndarray, labels: np.ndarray) -> float:
        """Temperature under which held-out folds are least surprised (Guo et al. 2017)."""
        folds = StratifiedKFold(n_splits=self._config["folds"], shuffle=True, random_state=7)
        scores, truth = [], []
        for fit, held in folds.split(rows, labels):
            model = self._model().fit(rows[fit], labels[fit])
            scores.append(model.decision_function(rows[held]))
            truth.append(np.searchsorted(model.classes_, labels[held]))
        return fit_temperature(np.concatenate(scores), np.concatenate(truth))

    def _persist(
        self, model: LogisticRegression, reduction: TruncatedSVD, characters: TfidfVectorizer, words: TfidfVectorizer
    ) -> None:
        """Fold the reduction into the weights, then write numbers as npz and words as JSON: nothing that could be code."""
        width = model.coef_.shape[1] - len(reduction.components_)
        grams = reduction.components_.T @ model.coef_[:, width:].T
        first = len(characters.idf_)
        texts = {
            "classes": [str(c) for c in model.classes_],
            "temperature": self._temperature,
            "characters": characters.get_feature_names_out().tolist(),
            "words": words.get_feature_names_out().tolist(),
        }
        with self._storage.write_to(self._resource) as folder:
            (folder / WORDS).write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
            np.savez(
                folder / NUMBERS,
                encoder_weights=(model.coef_[:, :width].T * self._config["encoder_weight"]).astype(np.float32),
                offsets=model.intercept_.astype(np.float32),
                character_idf=characters.idf_,
                character_weights=grams[:first].astype(np.float32),
                word_idf=words.idf_,
                word_weights=grams[first:].astype(np.float32),
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CalibratedIntentClassifier:
        """Read a trained component back.

        Raises:
            OSError, KeyError, ValueError: the stored model is not whole.
        """
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            texts = json.loads((folder / WORDS).read_text("utf-8"))
            with np.load(folder / NUMBERS) as numbers:
                component._encoder_weights, component._offsets = numbers["encoder_weights"], numbers["offsets"]
                component._characters = GramWeights(
                    texts["characters"], numbers["character_idf"], numbers["character_weights"]
                )
                component._words = GramWeights(texts["words"], numbers["word_idf"], numbers["word_weights"])
        component._classes, component._temperature = texts["classes"], float(texts["temperature"])
        return component


def looks_up_ticket(text: str, entities: list[dict[str, Any]]) -> bool:
    """Whether it is a ticket's number and lookup code with hardly a word beside: the random letters of a code must not decide what is meant."""
    spans = {e["entity"]: (e["start"], e["end"]) for e in entities if e["entity"] in ("ticket_number", "lookup_code")}
    return len(spans) == 2 and len(text) - sum(end - start for start, end in spans.values()) <= LOOKUP_WORDS


def _vectorizer(grams: Callable[..., list[str]]) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=grams, min_df=2, sublinear_tf=True)


def _encoded(messages: list[Message]) -> np.ndarray:
    """The encoder's rows, ``[n, 384]``."""
    return np.concatenate([m.get_dense_features(TEXT)[1].features for m in messages])


def _words_of(message: Message) -> list[str]:
    """The message's words and the kinds of entity in it."""
    words = [token.text for token in message.get(TOKENS_NAMES[TEXT]) or []]
    return words + [f"<{kind}>" for kind in message.get(KINDS) or []]

"""The intent classifier: a linear model on encoder and tf-idf features whose probabilities mean what they say."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.nlu.calibration import fit_temperature, soften
from bot.nlu.entities import KINDS


CHARACTERS = {"analyzer": "char", "ngram_range": (1, 3)}
PIECES = {"analyzer": "word", "token_pattern": r"\S+", "ngram_range": (1, 2)}
"""Words and the kinds of entity seen, as ``_word_line`` writes them."""
WORDS, NUMBERS = "intents.json", "intents.npz"


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
        self._characters = _vectorizer(**CHARACTERS, min_df=2)
        self._words = _vectorizer(**PIECES, min_df=2)
        self._reduction = np.zeros((0, 0))
        self._classes: list[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._offsets = np.zeros(0, dtype=np.float32)
        self._temperature = 1.0

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
        self._characters.fit([e.get(TEXT) for e in examples])
        self._words.fit([_word_line(e) for e in examples])
        self._reduction = TruncatedSVD(self._config["dimensions"], random_state=7).fit(self._counts(examples)).components_
        rows = self._matrix(examples)
        self._temperature = self._held_out_temperature(rows, labels)
        model = self._model().fit(rows, labels)
        self._classes = [str(c) for c in model.classes_]
        self._weights, self._offsets = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking on each message."""
        for message in messages:
            if not message.get(TEXT) or not message.get_dense_features(TEXT)[1]:
                continue
            scores = (self._matrix([message]) @ self._weights.T)[0] + self._offsets
            chances = soften(scores[np.newaxis, :], self._temperature)[0]
            order = np.argsort(-chances)[: self._config["ranking_length"]]
            ranking = [{"name": self._classes[i], "confidence": float(chances[i])} for i in order]
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

    def _matrix(self, messages: list[Message]) -> np.ndarray:
        encoded = np.concatenate([m.get_dense_features(TEXT)[1].features for m in messages])
        reduced = self._counts(messages) @ self._reduction.T
        return np.hstack([encoded * self._config["encoder_weight"], reduced]).astype(np.float32)

    def _counts(self, messages: list[Message]) -> csr_matrix:
        characters = self._characters.transform([m.get(TEXT) for m in messages])
        return hstack([characters, self._words.transform([_word_line(m) for m in messages])], format="csr")

    def persist(self) -> None:
        """Write numbers as npz and words as JSON: nothing that could be code, and loaded in a moment."""
        words = {
            "classes": self._classes,
            "temperature": self._temperature,
            "characters": self._characters.get_feature_names_out().tolist(),
            "words": self._words.get_feature_names_out().tolist(),
        }
        numbers = {
            "characters": self._characters.idf_,
            "words": self._words.idf_,
            "reduction": self._reduction,
            "weights": self._weights,
            "offsets": self._offsets,
        }
        with self._storage.write_to(self._resource) as folder:
            (folder / WORDS).write_text(json.dumps(words, ensure_ascii=False), "utf-8")
            np.savez(folder / NUMBERS, **numbers)

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
            words = json.loads((folder / WORDS).read_text("utf-8"))
            with np.load(folder / NUMBERS) as numbers:
                component._characters = _vectorizer(**CHARACTERS, vocabulary=words["characters"])
                component._characters.idf_ = numbers["characters"]
                component._words = _vectorizer(**PIECES, vocabulary=words["words"])
                component._words.idf_ = numbers["words"]
                component._reduction = numbers["reduction"]
                component._weights, component._offsets = numbers["weights"], numbers["offsets"]
        component._classes, component._temperature = words["classes"], float(words["temperature"])
        return component


def _vectorizer(**options: Any) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, **options)


def _word_line(message: Message) -> str:
    words = [t.text for t in message.get(TOKENS_NAMES[TEXT]) or []]
    return " ".join(words + [f"<{kind}>" for kind in message.get(KINDS) or []])

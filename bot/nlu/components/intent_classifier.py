"""A linear intent classifier over n-grams of characters and words that answers in microseconds.

Rasa's own LogisticRegressionClassifier copies its whole weight matrix for every message (scipy's product of a sparse row
with a transposed matrix) and takes no C, no tf-idf and no groups of intents. Here a message costs the sum of the few rows
that its n-grams select.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.nlu.components.ngrams import count_rows, learn_vocabulary, pieces

_WEIGHTS = "weights.npz"
_NAMES = "names.json"
_TINY = 1e-9


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramIntentClassifier(GraphComponent, IntentClassifier):  # type: ignore[misc]
    """Logistic regression over counted n-grams for the intents, steered by a second one for their groups."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Needs words."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings; config.yml overrides them."""
        return {
            "min_ngram": 1,
            "max_ngram": 4,
            # An n-gram counts when it stands in so many phrasings.
            "min_phrasings": 2,
            # The inverse of regularisation, as in scikit-learn.
            "C": 0.3,
            "max_iter": 60,
            # How far the groups' classifier corrects the intents' (0 = not at all, 1 = its word is final).
            "group_weight": 0.5,
            "ranking_length": 10,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._intents: list[str] = []
        self._vocabulary: dict[str, int] = {}
        self._group_of = np.zeros(0, dtype=np.int64)
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._bias = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramIntentClassifier:
        """Return an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the intents of the phrasings, and the groups named in their metadata."""
        examples = [item for item in training_data.intent_examples if item.get(TEXT) and item.get(INTENT)]
        intents = [item.get(INTENT) for item in examples]
        groups = {item.get(INTENT): _group(item) for item in examples}
        texts = [self._count(item) for item in examples]
        self._vocabulary = learn_vocabulary(texts, self._config["min_phrasings"])
        rows = _matrix([count_rows(text, self._vocabulary) for text in texts], len(self._vocabulary))
        by_intent = self._regression().fit(rows, intents)
        by_group = self._regression().fit(rows, [groups[intent] for intent in intents])
        self._intents = [str(name) for name in by_intent.classes_]
        names = list(by_group.classes_)
        self._group_of = np.array([names.index(groups[intent]) for intent in self._intents])
        planes = [_planes(by_intent), _planes(by_group)]
        self._weights = np.ascontiguousarray(
            np.vstack([weights for weights, _ in planes]).T, dtype=np.float32
        )
        self._bias = np.concatenate([bias for _, bias in planes]).astype(np.float32)
        self._persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and the ranking of the likeliest."""
        for message in messages:
            chances = self._chances(self._count(message))
            best = np.argsort(-chances)[: self._config["ranking_length"]]
            ranking = [{"name": self._intents[i], "confidence": float(chances[i])} for i in best]
            message.set(
                INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True
            )
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramIntentClassifier:
        """Return the classifier as trained."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            names = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
            with np.load(folder / _WEIGHTS, allow_pickle=False) as arrays:
                made._weights, made._bias = arrays["weights"], arrays["bias"]
                made._group_of = arrays["group_of"]
        made._intents = names["intents"]
        made._vocabulary = {piece: column for column, piece in enumerate(names["pieces"])}
        return made

    def _persist(self) -> None:
        known = sorted(self._vocabulary, key=self._vocabulary.__getitem__)
        with self._storage.write_to(self._resource) as folder:
            names = {"intents": self._intents, "pieces": known}
            (folder / _NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
            np.savez_compressed(
                folder / _WEIGHTS,
                weights=self._weights,
                bias=self._bias,
                group_of=self._group_of,
            )

    def _regression(self) -> LogisticRegression:
        return LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", random_state=0
        )

    def _count(self, message: Message) -> Counter[str]:
        words = [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]
        return Counter(pieces(words, self._config["min_ngram"], self._config["max_ngram"]))

    def _chances(self, counts: Counter[str]) -> np.ndarray:
        """Return the probability of every intent."""
        columns, values = count_rows(counts, self._vocabulary)
        scores = self._bias + np.asarray(values, dtype=np.float32) @ self._weights[columns]
        intents = _softmax(scores[: len(self._intents)])
        groups = _softmax(scores[len(self._intents) :])
        implied = np.bincount(self._group_of, weights=intents, minlength=len(groups))
        correction = ((groups + _TINY) / (implied + _TINY)) ** self._config["group_weight"]
        steered = intents * correction[self._group_of]
        return np.asarray(steered / steered.sum())


def _group(example: Message) -> str:
    """Return the group that the example's intent names in its metadata; an intent without one is its own."""
    metadata = (example.get(METADATA) or {}).get(INTENT) or {}
    return str(metadata.get("group") or example.get(INTENT))


def _planes(model: LogisticRegression) -> tuple[np.ndarray, np.ndarray]:
    """Return a row of weights and a bias for each class; scikit-learn gives one row for two classes."""
    if len(model.classes_) > 2:
        return model.coef_, model.intercept_
    nothing = np.zeros_like(model.coef_)
    return np.vstack([nothing, model.coef_]), np.concatenate([[0.0], model.intercept_])


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(initial=-np.inf))
    return np.asarray(powers / powers.sum())


def _matrix(rows: list[tuple[list[int], list[int]]], width: int) -> csr_matrix:
    starts = np.cumsum([0] + [len(columns) for columns, _ in rows])
    columns = [column for row in rows for column in row[0]]
    values = np.array([value for row in rows for value in row[1]], dtype=np.float64)
    return csr_matrix((values, columns, starts), shape=(len(rows), width))

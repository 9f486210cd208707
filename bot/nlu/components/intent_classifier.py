"""A linear intent classifier over n-grams of characters and words and a sentence vector that answers in microseconds.

Rasa's own LogisticRegressionClassifier copies its whole weight matrix for every message (scipy's product of a sparse row
with a transposed matrix) and takes no C, no groups of intents and no earlier weights. Here a message costs the sum of the
few rows that its n-grams select.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.examples import intent_metadata, is_message
from bot.nlu.components.experience import Experience, nothing_learned, read_experience
from bot.nlu.components.features import feature_matrix, gram_values, vector_values
from bot.nlu.components.ngrams import count_rows, learn_vocabulary, pieces
from bot.nlu.components.regression import fit_softmax
from bot.nlu.components.sentence_vectors import SentenceVectors, model_mark
from bot.nlu.components.votes import count_pieces, vote_weights

_log = logging.getLogger(__name__)

_PROJECT = Path(__file__).resolve().parents[3]
_WEIGHTS = "weights.npz"
_NAMES = "names.json"
_TINY = 1e-9


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class BuyerIntentClassifier(GraphComponent, IntentClassifier):  # type: ignore[misc]
    """Logistic regression for the intents, steered by a second one for their groups, both beginning with experience."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Needs words."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings; config.yml overrides them. Paths are looked for in the project's folder."""
        return {
            "min_ngram": 1,
            "max_ngram": 4,
            # An n-gram counts when it stands in so many phrasings.
            "min_phrasings": 2,
            "embedding": "bot/models/kuaihui-embedder",
            # Weights learned earlier ("" for none), and how far training may go from them.
            "experience": "bot/nlu/components/experience.npz",
            "C": 0.05,
            "max_iter": 40,
            # What a phrasing written to cover an intent counts beside a message as buyers send them.
            "phrasing_weight": 0.3,
            # How far the groups' classifier corrects the intents' (0 = not at all, 1 = its word is final).
            "group_weight": 0.5,
            # How much the votes of single pieces on the group count (complement naive Bayes).
            "vote_weight": 0.05,
            # The power that makes confidences honest: above 1 surer, below 1 less sure.
            "sharpness": 1.0,
            "ranking_length": 10,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._vectors = SentenceVectors(_PROJECT / config["embedding"])
        self._intents: list[str] = []
        self._vocabulary: dict[str, int] = {}
        self._group_of = np.zeros(0, dtype=np.int64)
        self._weights = np.zeros((self._vectors.dimension + 1, 0), dtype=np.float32)
        self._votes = np.zeros((0, 0), dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BuyerIntentClassifier:
        """Return an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the intents of the phrasings, and the groups named in their metadata."""
        examples = [item for item in training_data.intent_examples if item.get(TEXT) and item.get(INTENT)]
        given = [str(item.get(INTENT)) for item in examples]
        group_of = {str(item.get(INTENT)): _group(item) for item in examples}
        self._intents = sorted(group_of)
        groups = sorted(set(group_of.values()))
        self._group_of = np.array([groups.index(group_of[intent]) for intent in self._intents])
        experience = self._experience()
        texts = [self._count(item) for item in examples]
        self._vocabulary = learn_vocabulary(texts, self._config["min_phrasings"], experience.pieces)
        vectors = self._vectors.encode_all([item.get(TEXT) for item in examples])
        rows = feature_matrix(texts, vectors, self._vocabulary)
        counted = np.array(
            [1.0 if is_message(item) else self._config["phrasing_weight"] for item in examples]
        )
        numbers = np.array([self._intents.index(intent) for intent in given])
        earlier = experience.earlier(self._intents, groups, len(self._vocabulary))
        strength, steps = self._config["C"], self._config["max_iter"]
        by_intent = fit_softmax(rows, numbers, counted, earlier[0], strength, steps)
        by_group = fit_softmax(rows, self._group_of[numbers], counted, earlier[1], strength, steps)
        self._weights = np.ascontiguousarray(np.hstack([by_intent, by_group]), dtype=np.float32)
        seen = experience.seen(groups, len(self._vocabulary))
        own = count_pieces(texts, self._group_of[numbers], counted, self._vocabulary, len(groups))
        self._votes = vote_weights(seen + own)
        self._persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and the ranking of the likeliest."""
        for message in messages:
            chances = self._chances(self._count(message), message.get(TEXT) or "")
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
    ) -> BuyerIntentClassifier:
        """Return the classifier as trained."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            names = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
            with np.load(folder / _WEIGHTS, allow_pickle=False) as arrays:
                made._weights = arrays["weights"].astype(np.float32)
                made._votes = arrays["votes"].astype(np.float32)
                made._group_of = arrays["group_of"]
        made._intents = names["intents"]
        made._vocabulary = {piece: column for column, piece in enumerate(names["pieces"])}
        return made

    def _persist(self) -> None:
        known = sorted(self._vocabulary, key=self._vocabulary.__getitem__)
        with self._storage.write_to(self._resource) as folder:
            names = {"intents": self._intents, "pieces": known}
            (folder / _NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
            np.savez(
                folder / _WEIGHTS,
                weights=self._weights.astype(np.float16),
                votes=self._votes.astype(np.float16),
                group_of=self._group_of,
            )

    def _experience(self) -> Experience:
        """Return the experience to begin with; none when it was gained with another embedding model."""
        path = self._config["experience"]
        if not path:
            return nothing_learned(self._vectors.dimension)
        experience = read_experience(_PROJECT / path)
        if experience.model != model_mark(_PROJECT / self._config["embedding"]):
            _log.warning("%s belongs to another embedding model: train it anew; going on without it", path)
            return nothing_learned(self._vectors.dimension)
        return experience

    def _count(self, message: Message) -> Counter[str]:
        words = [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]
        return Counter(pieces(words, self._config["min_ngram"], self._config["max_ngram"]))

    def _chances(self, counts: Mapping[str, int], text: str) -> np.ndarray:
        """Return the probability of every intent."""
        columns, values = count_rows(counts, self._vocabulary)
        dense = vector_values(self._vectors.encode(text))
        scores = self._weights[-1] + dense @ self._weights[len(self._vocabulary) : -1]
        if columns:
            scores = scores + gram_values(values) @ self._weights[columns]
        intents = _softmax(scores[: len(self._intents)])
        groups = _softmax(scores[len(self._intents) :])
        implied = np.bincount(self._group_of, weights=intents, minlength=len(groups))
        correction = self._config["group_weight"] * np.log((groups + _TINY) / (implied + _TINY))
        if columns:
            correction = correction + self._config["vote_weight"] * self._votes[columns].sum(axis=0)
        steered = np.log(intents + _TINY) + correction[self._group_of]
        return _softmax(steered * self._config["sharpness"])


def _group(example: Message) -> str:
    """Return the group that the example's intent names in its metadata; an intent without one is its own."""
    return str(intent_metadata(example).get("group") or example.get(INTENT))


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(initial=-np.inf))
    return np.asarray(powers / powers.sum())

"""A linear intent classifier over n-grams of characters and words and a sentence vector that answers in microseconds.

Rasa's own LogisticRegressionClassifier copies its whole weight matrix for every message (scipy's product of a sparse row
with a transposed matrix) and takes no C, no groups of intents and no earlier weights. Here a message costs the sum of the
few rows that its n-grams select.
"""

from __future__ import annotations

import logging
from collections import Counter
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

from bot.nlu.components.examples import intent_metadata, weight_of
from bot.nlu.components.experience import Experience, nothing_learned, read_experience
from bot.nlu.components.judge import (
    PHRASING_WEIGHT,
    WEIGHING,
    Judge,
    Lesson,
    Teaching,
    Weighing,
    load_judge,
    teach,
)
from bot.nlu.components.ngrams import pieces
from bot.nlu.components.sentence_vectors import model_mark, open_vectors

_log = logging.getLogger(__name__)

_PROJECT = Path(__file__).resolve().parents[3]


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
            "phrasing_weight": PHRASING_WEIGHT,
            # How far the groups' classifier corrects the intents' (0 = not at all, 1 = its word is final).
            "group_weight": WEIGHING.group_weight,
            # How much the votes of single pieces on the group count (complement naive Bayes).
            "vote_weight": WEIGHING.vote_weight,
            # The power that makes confidences honest: above 1 surer, below 1 less sure.
            "sharpness": WEIGHING.sharpness,
            "ranking_length": 10,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._vectors = open_vectors(_PROJECT / config["embedding"])
        self._weighing = Weighing(config["group_weight"], config["vote_weight"], config["sharpness"])
        self._judge: Judge | None = None

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
        group_by_intent = {str(item.get(INTENT)): _group(item) for item in examples}
        lessons = [
            Lesson(
                self._count(item),
                self._vectors.encode(item.get(TEXT)),
                str(item.get(INTENT)),
                weight_of(item, self._config["phrasing_weight"]),
            )
            for item in examples
        ]
        teaching = Teaching(self._config["min_phrasings"], self._config["C"], self._config["max_iter"])
        self._judge = teach(lessons, group_by_intent, self._experience(), teaching)
        with self._storage.write_to(self._resource) as folder:
            self._judge.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and the ranking of the likeliest."""
        for message in messages:
            ranking = self._ranking(message)
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
            made._judge = load_judge(folder)
        return made

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        if self._judge is None:
            return []
        vector = self._vectors.encode(message.get(TEXT) or "")
        chances = self._judge.chances(self._count(message), vector, self._weighing)
        best = np.argsort(-chances)[: self._config["ranking_length"]]
        return [{"name": self._judge.intents[i], "confidence": float(chances[i])} for i in best]

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


def _group(example: Message) -> str:
    """Return the group that the example's intent names in its metadata; an intent without one is its own."""
    return str(intent_metadata(example).get("group") or example.get(INTENT))

"""Tells of each message how likely only a person may settle it, in the parse's field `only_person`.

It learns from intents/person and from the phrasings of intents/nlu, and has no say in the intents: what the shop's entries
would answer well enough by their subject (「怎么退货」, 「给我退了」) it tells apart by what the buyer wants done.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.person_judge import (
    PHRASING_WEIGHT,
    SCHOOLING,
    PersonJudge,
    Schooling,
    as_heard,
    load_person_judge,
    teach_person,
)
from bot.nlu.components.person_turns import read_turns, to_learn
from bot.nlu.components.reading import count_pieces_of, read_text
from bot.nlu.components.sentence_vectors import open_vectors

ONLY_PERSON = "only_person"
_PROJECT = Path(__file__).resolve().parents[3]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class OnlyPersonReader(GraphComponent):  # type: ignore[misc]
    """A logistic regression over the same n-grams and sentence vectors as the intents', with weights of its own."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Needs words."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings; config.yml overrides them. Paths are looked for in the project's folder."""
        return {
            "turns": "intents/person",
            "embedding": "bot/models/kuaihui-embedder",
            "phrasing_weight": PHRASING_WEIGHT,
            "fewest": SCHOOLING.fewest,
            "C": SCHOOLING.strength,
            "vector_share": SCHOOLING.vector_share,
            "max_iter": SCHOOLING.steps,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._vectors = open_vectors(_PROJECT / config["embedding"])
        self._judge: PersonJudge | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OnlyPersonReader:
        """Return an untrained reader."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the turns and from the phrasings."""
        examples = [item for item in training_data.intent_examples if item.get(TEXT)]
        intents = {str(item.get(TEXT)): str(item.get(INTENT)) for item in examples}
        turns = read_turns(_PROJECT / self._config["turns"])
        texts = list(to_learn(turns, intents, self._config["phrasing_weight"]))
        config = self._config
        schooling = Schooling(config["fewest"], config["C"], config["vector_share"], config["max_iter"])
        self._judge = teach_person(as_heard(texts, partial(read_text, vectors=self._vectors)), schooling)
        with self._storage.write_to(self._resource) as folder:
            self._judge.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's probability."""
        for message in messages:
            message.set(ONLY_PERSON, self._chance(message), add_to_output=True)
        return messages

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> OnlyPersonReader:
        """Return the reader as trained."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made._judge = load_person_judge(folder)
        return made

    def _chance(self, message: Message) -> float:
        if self._judge is None:
            return 0.0
        words = [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]
        return self._judge.chance(count_pieces_of(words), self._vectors.encode(message.get(TEXT) or ""))

"""Entities by a conditional random field over characters, with the word lists of intents/ as evidence.

Rasa's own CRFEntityExtractor labels whole words, and since 3.6.21 stores its training data instead of its weights, so that
it is trained again on every start. This one stores the weights in crfsuite's own format.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pycrfsuite
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components.characters import WordLists, describe, labels, spans

_MODEL = "entities.crfsuite"
_WORDS = "words.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CharacterEntityExtractor(GraphComponent, EntityExtractorMixin):  # type: ignore[misc]
    """Finds entities in a message; needs no tokenizer and no featurizer."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings; config.yml overrides them."""
        return {
            "max_iterations": 100,
            "c1": 0.1,
            "c2": 0.05,
            # A feature counts when it is seen so many times.
            "min_frequency": 1,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._words = WordLists({})
        self._tagger: pycrfsuite.Tagger | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CharacterEntityExtractor:
        """Return an untrained extractor."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every phrasing, with and without entities."""
        self._words = WordLists(_listed(training_data.lookup_tables))
        trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
        trainer.set_params(
            {
                "c1": self._config["c1"],
                "c2": self._config["c2"],
                "max_iterations": self._config["max_iterations"],
                "feature.minfreq": self._config["min_frequency"],
                "feature.possible_transitions": True,
            }
        )
        for example in training_data.nlu_examples:
            text = example.get(TEXT)
            if text:
                marked = [
                    (item["entity"], item["start"], item["end"]) for item in example.get(ENTITIES) or ()
                ]
                trainer.append(describe(text, self._words), labels(len(text), marked))
        with self._storage.write_to(self._resource) as folder:
            listed = json.dumps(self._words.names_by_word, ensure_ascii=False)
            (folder / _WORDS).write_text(listed, encoding="utf-8")
            trainer.train(str(folder / _MODEL))
            self._tagger = _open(folder / _MODEL)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data alone: nothing after this component learns from found entities."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add each message's entities."""
        for message in messages:
            found = self.add_extractor_name(self._find(message.get(TEXT) or ""))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CharacterEntityExtractor:
        """Return the extractor as trained."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made._words = WordLists(json.loads((folder / _WORDS).read_text(encoding="utf-8")))
            made._tagger = _open(folder / _MODEL)
        return made

    def _find(self, text: str) -> list[dict[str, Any]]:
        if not text or self._tagger is None:
            return []
        tags = self._tagger.tag(describe(text, self._words))
        return [
            {"entity": name, "start": start, "end": end, "value": text[start:end]}
            for name, start, end in spans(tags)
        ]


def _open(path: Path) -> pycrfsuite.Tagger:
    # From memory: Rasa removes the folder.
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(path.read_bytes())
    return tagger


def _listed(tables: list[dict[str, Any]]) -> dict[str, str]:
    """Return the entity's name by word; a word that two lists hold goes to the first."""
    names: dict[str, str] = {}
    for table in tables:
        elements = table["elements"]
        for word in elements if isinstance(elements, list) else ():
            names.setdefault(word.strip().lower(), table["name"])
    return names

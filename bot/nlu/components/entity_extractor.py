"""Entities by a conditional random field over characters, with the word lists and patterns of intents/ as evidence.

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

from bot.nlu.components.characters import Evidence, describe, labels, spans
from bot.nlu.components.examples import is_message

_MODEL = "entities.crfsuite"
_EVIDENCE = "evidence.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CharacterEntityExtractor(GraphComponent, EntityExtractorMixin):  # type: ignore[misc]
    """Finds entities in a message; needs no tokenizer and no featurizer."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings; config.yml overrides them."""
        return {
            "max_iterations": 80,
            "c1": 0.2,
            "c2": 0.02,
            # A feature counts when it is seen so many times.
            "min_frequency": 1,
        }

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._evidence = Evidence({})
        # The tagger reads the model where it lies: the bytes must live as long as the tagger.
        self._model = b""
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
        """Learn from every phrasing, with and without entities, that was written with markup."""
        self._evidence = _evidence(training_data)
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
            # Messages carry no markup: learned from, they would say that places and couriers are nothing.
            if text and not is_message(example):
                marked = [
                    (item["entity"], item["start"], item["end"]) for item in example.get(ENTITIES) or ()
                ]
                trainer.append(describe(text, self._evidence), labels(len(text), marked))
        with self._storage.write_to(self._resource) as folder:
            known = {"words": self._evidence.names_by_word, "patterns": self._evidence.patterns}
            (folder / _EVIDENCE).write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
            trainer.train(str(folder / _MODEL))
            self._open(folder / _MODEL)
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
            known = json.loads((folder / _EVIDENCE).read_text(encoding="utf-8"))
            made._evidence = Evidence(
                known["words"], [(name, pattern) for name, pattern in known["patterns"]]
            )
            made._open(folder / _MODEL)
        return made

    def _open(self, path: Path) -> None:
        # Into memory: Rasa removes the folder.
        self._model = path.read_bytes()
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(self._model)

    def _find(self, text: str) -> list[dict[str, Any]]:
        if not text or self._tagger is None:
            return []
        tags = self._tagger.tag(describe(text, self._evidence))
        return [
            {"entity": name, "start": start, "end": end, "value": text[start:end]}
            for name, start, end in spans(tags)
        ]


def _evidence(data: TrainingData) -> Evidence:
    """Return the lookup tables and regular expressions; a word that two tables hold belongs to the first."""
    names: dict[str, str] = {}
    for table in data.lookup_tables:
        elements = table["elements"]
        for word in elements if isinstance(elements, list) else ():
            names.setdefault(word.strip().lower(), table["name"])
    return Evidence(names, [(item["name"], item["pattern"]) for item in data.regex_features])

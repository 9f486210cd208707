"""What the training data says of an example beside its intent: the metadata of its block in intents/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.shared.nlu.constants import INTENT, METADATA
from rasa.shared.nlu.training_data.message import Message


def intent_metadata(example: Message) -> Mapping[str, Any]:
    """Return the metadata of the block that the example stands in."""
    found: Mapping[str, Any] = (example.get(METADATA) or {}).get(INTENT) or {}
    return found


def is_message(example: Message) -> bool:
    """Whether it is a message as buyers send them, in natural proportions and without markup, not a phrasing for an intent."""
    return bool(intent_metadata(example).get("kind") == "message")


def weight_of(example: Message, phrasing: float) -> float:
    """Return what the example counts: a message as much as its block says, 1 unless it says otherwise; else `phrasing`."""
    return float(intent_metadata(example).get("weight", 1.0)) if is_message(example) else phrasing

"""The coefficients that turn what is known of a candidate into a probability: plain numbers in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from bot.retrieval.ngrams import Floats

ENTRY_FEATURES: Final = (
    "learned",
    "learned_low",
    "dense_two",
    "grams",
    "grams_two",
    "grams_short",
    "intent",
    "group",
    "intent_unknown",
    "group_unknown",
    "scope_fits",
    "scope_unasked",
    "same",
)
"""What is known of one candidate. `learned_low` is `learned` up to a bound, above which more of it says less; `..._two` is
the mean over the two best phrasings. `intent` and `group` are logarithms; `..._unknown` stands in where an entry has none.
`same` says that the question is one of its phrasings."""

NONE_FEATURES: Final = (
    "one",
    "size",
    "length",
    "known",
    "best_learned",
    "best_grams",
    "silent",
    "typical",
    "phrasings",
)
"""What speaks for there being no right entry at all."""

_FILE: Final = "calibration.json"
_PARTS: Final = ("with_intents", "without_intents", "left_out")


class BadCalibration(ValueError):
    """The file of coefficients does not hold what it must; the message says what."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Weights of the features of a candidate and of "none of them", in the order of the names above."""

    entry: Floats
    none: Floats

    def probabilities(self, entries: Floats, none: Floats) -> Floats:
        """Return the probability of each candidate (rows of `entries`); what is missing to 1 is that none is right."""
        utilities = np.append(entries @ self.entry, none @ self.none)
        powers = np.exp(utilities - utilities.max())
        found: Floats = (powers[:-1] / powers.sum()).astype(np.float32)
        return found


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients for questions that the classifier has read, for those it has not, and for a shop's left-out phrasings."""

    with_intents: Coefficients
    without_intents: Coefficients
    left_out: Coefficients

    @classmethod
    def from_mapping(cls, content: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Calibration:
        """Return the calibration held in `content`. Raises BadCalibration."""
        return cls(*(_coefficients(content, name) for name in _PARTS))

    @classmethod
    def even(cls) -> Calibration:
        """Return one that finds every candidate equally probable: what fitting starts from."""
        nothing = Coefficients(
            np.zeros(len(ENTRY_FEATURES), np.float32), np.zeros(len(NONE_FEATURES), np.float32)
        )
        return cls(nothing, nothing, nothing)

    def to_mapping(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return what `from_mapping` reads."""
        return {
            name: {
                "entry": dict(zip(ENTRY_FEATURES, map(_short, part.entry), strict=True)),
                "none": dict(zip(NONE_FEATURES, map(_short, part.none), strict=True)),
            }
            for name, part in zip(
                _PARTS, (self.with_intents, self.without_intents, self.left_out), strict=True
            )
        }


@cache
def bundled_calibration() -> Calibration:
    """Return the calibration that comes with the program, read once a process."""
    text = resources.files("bot.retrieval.data").joinpath(_FILE).read_text(encoding="utf-8")
    return Calibration.from_mapping(json.loads(text))


def _coefficients(content: Mapping[str, Mapping[str, Mapping[str, float]]], name: str) -> Coefficients:
    parts = []
    for kind, names in (("entry", ENTRY_FEATURES), ("none", NONE_FEATURES)):
        found = content.get(name, {}).get(kind, {})
        if set(found) != set(names):
            raise BadCalibration(
                f"{name}.{kind} must hold exactly {', '.join(names)}; it holds {', '.join(found) or 'nothing'}"
            )
        parts.append(np.array([found[feature] for feature in names], np.float32))
    return Coefficients(*parts)


def _short(value: float) -> float:
    return round(float(value), 4)

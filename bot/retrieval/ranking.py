"""What the ranker looks at: every channel's view of each candidate, as rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, log, log1p
from typing import Final

import numpy as np

from bot.domain.entry import Scope
from bot.domain.intents import GROUPS, SILENT_INTENTS
from bot.ports import Question
from bot.retrieval.calibration import Calibration
from bot.retrieval.ngrams import Floats, Integers

_GROUPS: Final = frozenset(GROUPS)
OPEN: Final = Scope()
"""The scope of the entries that hold for every product, one object for all of them."""
_SMOOTHING: Final = 0.1
"""Added to what the classifier gives an intent, so that one mistake of its does not rule an entry out."""
LEARNED_BEND: Final = 0.35
_SAME: Final = 0.999
_TYPICAL: Final = 0.2
_SHORT: Final = 4
"""Characters up to which a question counts as short: one shared character says little there."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of an entry beside its phrasings."""

    group: str
    intent: str | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class Channels:
    """What each channel gives each candidate: one number a candidate, or one a phrasing with `starts` of each candidate.

    `known` is the share of the question's own grams (by weight) that any phrasing of the shop holds, `typical` what a
    left-out phrasing gets from its entry (see Learned), `phrasings` how many an entry has on average,
    `steepness` the shop's own.
    """

    learned: Floats
    dense: Floats
    grams: Floats
    starts: Integers
    known: float
    typical: float
    phrasings: float
    steepness: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The features of the candidates and of "none of them"; see bot.retrieval.calibration for their names.

    `steepness` is the shop's own (see bot.retrieval.steepness); `labelled` whether any candidate has an intent or a group.
    """

    entries: Floats
    none: Floats
    steepness: float = 1.0
    labelled: bool = True

    def probabilities(self, calibration: Calibration, question: Question) -> Floats:
        """Return the probability of each candidate."""
        # Where no entry says what it is about, intents tell nothing of which one is meant.
        knows = bool(question.intents) and self.labelled
        part = calibration.with_intents if knows else calibration.without_intents
        return part.probabilities(self.entries * self.steepness, self.none * self.steepness)


def gather_evidence(question: Question, labels: Sequence[Label], channels: Channels, size: int) -> Evidence:
    """Return what speaks for each candidate (`labels`, in the order of the channels) in a shop of `size` entries."""
    brief = float(len(question.text) <= _SHORT)
    _, dense_two = best_and_two(channels.dense, channels.starts)
    grams, grams_two = best_and_two(channels.grams, channels.starts)
    agreement = _agreement(question, labels)
    scopes = _scopes(question, labels)
    low = np.minimum(channels.learned, LEARNED_BEND)
    entries = np.column_stack(
        [channels.learned, low, dense_two, grams, grams_two, grams * brief, agreement, scopes, grams > _SAME]
    )
    silent = sum(score.confidence for score in question.intents if score.intent in SILENT_INTENTS)
    none = np.array(
        [
            1.0,
            log1p(size),
            log1p(len(question.text)),
            channels.known,
            channels.learned.max(),
            grams.max(),
            silent,
            _TYPICAL if isnan(channels.typical) else channels.typical,
            log1p(channels.phrasings),
        ],
        np.float32,
    )
    labelled = any(label.intent or label.group in _GROUPS for label in labels)
    return Evidence(entries.astype(np.float32), none, channels.steepness, labelled)


def best_and_two(values: Floats, starts: Integers) -> tuple[Floats, Floats]:
    """Return the highest value of each candidate, and the mean of its two highest."""
    best: Floats = np.maximum.reduceat(values, starts)
    sizes = np.diff(np.append(starts, len(values)))
    first = values == np.repeat(best, sizes)
    owners = np.repeat(np.arange(len(starts)), sizes)
    _, places = np.unique(owners[first], return_index=True)
    others = values.copy()
    others[np.flatnonzero(first)[places]] = -np.inf
    second = np.maximum.reduceat(others, starts)
    # An entry of one phrasing has no second: its only one stands for both.
    two: Floats = ((best + np.where(np.isfinite(second), second, best)) / 2).astype(np.float32)
    return best, two


def scope_fits(question: Question, scope: Scope) -> bool:
    """Whether the scope names a product or a category that the question speaks about."""
    return any(product in scope.products for product in question.products) or any(
        category in scope.categories for category in question.categories
    )


def _scopes(question: Question, labels: Sequence[Label]) -> Floats:
    """Return scope_fits and scope_unasked of each label."""
    found = np.zeros((len(labels), 2), np.float32)
    for place, label in enumerate(labels):
        # The commonest scope is the open one, shared by default.
        if label.scope is not OPEN and not label.scope.is_open():
            found[place, 0 if scope_fits(question, label.scope) else 1] = 1
    return found


def _agreement(question: Question, labels: Sequence[Label]) -> Floats:
    """Return intent, group, intent_unknown, group_unknown of each label; zeros without a classifier."""
    if not question.intents:
        return np.zeros((len(labels), 4), np.float32)
    intents: dict[str, float] = {}
    groups: dict[str, float] = {}
    for score in question.intents:
        intents[score.intent] = intents.get(score.intent, 0) + score.confidence
        groups[score.group] = groups.get(score.group, 0) + score.confidence
    rows = []
    for label in labels:
        unknown = label.intent is None
        homeless = label.group not in _GROUPS
        intent = 0.0 if label.intent is None else log(intents.get(label.intent, 0) + _SMOOTHING)
        group = 0.0 if homeless else log(groups.get(label.group, 0) + _SMOOTHING)
        rows.append((intent, group, float(unknown), float(homeless)))
    return np.array(rows, np.float32)

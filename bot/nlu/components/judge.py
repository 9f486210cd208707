"""The classifier itself, free of Rasa: learns from counted examples, keeps arrays, and gives every intent its probability."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.nlu.components.experience import Experience
from bot.nlu.components.features import feature_matrix, gram_values, vector_values
from bot.nlu.components.ngrams import count_rows, learn_vocabulary
from bot.nlu.components.regression import fit_softmax
from bot.nlu.components.votes import count_pieces, vote_weights

_WEIGHTS = "weights.npz"
_NAMES = "names.json"
_TINY = 1e-9


@dataclass(frozen=True)
class Lesson:
    """One example: its counted pieces, its vector, its intent, and how much it counts."""

    counts: Mapping[str, int]
    vector: np.ndarray
    intent: str
    weight: float


@dataclass(frozen=True)
class Teaching:
    """How to learn: what a piece must stand in to count, how far to go from the experience, how many steps to take."""

    fewest: int
    strength: float
    steps: int


@dataclass(frozen=True)
class Weighing:
    """How the three opinions become one: the pull of the groups' regression, of the pieces' votes, and the final power."""

    group_weight: float
    vote_weight: float
    sharpness: float


PHRASING_WEIGHT = 0.3
"""What a phrasing written to cover an intent counts beside a message as buyers send them."""
WEIGHING = Weighing(group_weight=0.5, vote_weight=0.05, sharpness=1.0)


@dataclass(frozen=True)
class Judge:
    """What was learned. `weights` is (pieces + numbers of a vector + 1, intents + groups), `votes` (pieces, groups)."""

    intents: tuple[str, ...]
    group_of: np.ndarray
    vocabulary: Mapping[str, int]
    weights: np.ndarray
    votes: np.ndarray

    def chances(self, counts: Mapping[str, int], vector: np.ndarray, weighing: Weighing) -> np.ndarray:
        """Return the probability of every intent."""
        columns, values = count_rows(counts, self.vocabulary)
        scores = self.weights[-1] + vector_values(vector) @ self.weights[len(self.vocabulary) : -1]
        if columns:
            scores = scores + gram_values(values) @ self.weights[columns]
        intents = _softmax(scores[: len(self.intents)])
        groups = _softmax(scores[len(self.intents) :])
        implied = np.bincount(self.group_of, weights=intents, minlength=len(groups))
        correction = weighing.group_weight * np.log((groups + _TINY) / (implied + _TINY))
        if columns:
            correction = correction + weighing.vote_weight * self.votes[columns].sum(axis=0)
        steered = np.log(intents + _TINY) + correction[self.group_of]
        return _softmax(steered * weighing.sharpness)

    def save(self, folder: Path) -> None:
        """Write two files into the folder; half precision changes no answer."""
        pieces = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        names = json.dumps({"intents": self.intents, "pieces": pieces}, ensure_ascii=False)
        (folder / _NAMES).write_text(names, encoding="utf-8")
        np.savez(
            folder / _WEIGHTS,
            weights=self.weights.astype(np.float16),
            votes=self.votes.astype(np.float16),
            group_of=self.group_of,
        )


def load_judge(folder: Path) -> Judge:
    """Return what `save` wrote."""
    names = json.loads((folder / _NAMES).read_text(encoding="utf-8"))
    vocabulary = {piece: column for column, piece in enumerate(names["pieces"])}
    with np.load(folder / _WEIGHTS, allow_pickle=False) as arrays:
        weights, votes = arrays["weights"].astype(np.float32), arrays["votes"].astype(np.float32)
        return Judge(tuple(names["intents"]), arrays["group_of"], vocabulary, weights, votes)


def teach(
    lessons: Sequence[Lesson], group_by_intent: Mapping[str, str], experience: Experience, teaching: Teaching
) -> Judge:
    """Return a judge of the intents in `group_by_intent`, begun with the experience."""
    intents = tuple(sorted(group_by_intent))
    groups = sorted(set(group_by_intent.values()))
    group_of = np.array([groups.index(group_by_intent[intent]) for intent in intents])
    counts = [lesson.counts for lesson in lessons]
    vocabulary = learn_vocabulary(counts, teaching.fewest, experience.pieces)
    rows = feature_matrix(counts, np.stack([lesson.vector for lesson in lessons]), vocabulary)
    numbers = np.array([intents.index(lesson.intent) for lesson in lessons])
    weights = np.array([lesson.weight for lesson in lessons])
    by_intent, by_group = (
        fit_softmax(rows, labels, weights, earlier, teaching.strength, teaching.steps)
        for labels, earlier in zip(
            (numbers, group_of[numbers]),
            experience.earlier(intents, groups, len(vocabulary)),
            strict=True,
        )
    )
    seen = experience.seen(groups, len(vocabulary))
    votes = vote_weights(seen + count_pieces(counts, group_of[numbers], weights, vocabulary, len(groups)))
    both = np.ascontiguousarray(np.hstack([by_intent, by_group]), np.float32)
    return Judge(intents, group_of, vocabulary, both, votes)


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(initial=-np.inf))
    return np.asarray(powers / powers.sum())

"""How likely only a person may settle what a buyer says: a logistic regression, free of Rasa, over n-grams and a vector."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np

from bot.nlu.components.features import feature_matrix, gram_values, vector_values
from bot.nlu.components.ngrams import count_rows, learn_vocabulary
from bot.nlu.components.person_turns import LabelledText
from bot.nlu.components.regression import fit_softmax

_WEIGHTS = "weights.npz"
_PIECES = "pieces.json"
_HIGHEST = 30.0


@dataclass(frozen=True)
class Heard:
    """One text to learn from: the pieces in it, its vector, whether it is a person's, and how much it counts."""

    counts: Mapping[str, int]
    vector: np.ndarray
    is_person: bool
    weight: float


@dataclass(frozen=True)
class Schooling:
    """How to learn: what a piece must stand in to count, what weights may cost, what a vector counts, the most steps."""

    fewest: int
    strength: float
    vector_share: float
    steps: int


SCHOOLING = Schooling(fewest=2, strength=0.25, vector_share=0.5, steps=120)
PHRASING_WEIGHT = 0.3
"""What a phrasing of intents/nlu counts beside a turn that was written for this question."""


@dataclass(frozen=True)
class PersonJudge:
    """What was learned. `weights` is float32 (pieces + numbers of a vector + 1), the last being the bias."""

    vocabulary: Mapping[str, int]
    weights: np.ndarray
    vector_share: float

    def chance(self, counts: Mapping[str, int], vector: np.ndarray) -> float:
        """Return the probability that only a person may settle it; 0 where nothing of the text is known."""
        columns, values = count_rows(_present(counts), self.vocabulary)
        if not columns and not vector.any():
            return 0.0
        of_vector = vector_values(vector * self.vector_share) @ self.weights[len(self.vocabulary) : -1]
        score = float(self.weights[-1] + of_vector)
        if columns:
            score += float(gram_values(values) @ self.weights[columns])
        return 1 / (1 + exp(-max(-_HIGHEST, min(_HIGHEST, score))))

    def save(self, folder: Path) -> None:
        """Write two files into the folder; half precision changes no answer."""
        pieces = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        (folder / _PIECES).write_text(json.dumps(pieces, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / _WEIGHTS,
            weights=self.weights.astype(np.float16),
            vector_share=np.array(self.vector_share),
        )


def load_person_judge(folder: Path) -> PersonJudge:
    """Return what `save` wrote."""
    pieces = json.loads((folder / _PIECES).read_text(encoding="utf-8"))
    with np.load(folder / _WEIGHTS, allow_pickle=False) as arrays:
        return PersonJudge(
            {piece: column for column, piece in enumerate(pieces)},
            arrays["weights"].astype(np.float32),
            float(arrays["vector_share"]),
        )


def as_heard(
    texts: Iterable[LabelledText], read: Callable[[str], tuple[Mapping[str, int], np.ndarray]]
) -> list[Heard]:
    """Return the texts as a judge learns them. `read` tells a text's counted pieces and its vector."""
    return [Heard(*read(each.text), each.is_person, each.weight) for each in texts]


def teach_person(heard: Sequence[Heard], schooling: Schooling) -> PersonJudge:
    """Return a judge that has learned from the texts."""
    counts = [_present(each.counts) for each in heard]
    vocabulary = learn_vocabulary(counts, schooling.fewest)
    vectors = np.stack([each.vector for each in heard]) * schooling.vector_share
    rows = feature_matrix(counts, vectors, vocabulary)
    labels = np.array([int(each.is_person) for each in heard])
    weights = np.array([each.weight for each in heard])
    beginning = np.zeros((rows.shape[1] + 1, 2), np.float32)
    fitted = fit_softmax(rows, labels, weights, beginning, schooling.strength, schooling.steps)
    return PersonJudge(vocabulary, np.ascontiguousarray(fitted[:, 1] - fitted[:, 0]), schooling.vector_share)


def _present(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Return the pieces as once there: what is said fifty times over is meant no more than once."""
    return dict.fromkeys(counts, 1)

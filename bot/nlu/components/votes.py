"""Complement naive Bayes: every piece of a message votes on the group, whatever the other pieces say.

A group's weight for a piece comes from how rare the piece is in all other groups (Rennie and others, "Tackling the Poor
Assumptions of Naive Bayes Text Classifiers", ICML 2003). Beside a regression, which gives pieces that always come together
one weight to share, it lets rare words speak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

SMOOTHING = 0.3


def count_pieces(
    texts: Sequence[Mapping[str, int]],
    labels: np.ndarray,
    weights: np.ndarray,
    vocabulary: Mapping[str, int],
    classes: int,
) -> np.ndarray:
    """Return float32 (pieces, classes): in how many texts of each class a piece stands, each text counting its weight."""
    counts = np.zeros((len(vocabulary), classes), np.float32)
    for text, label, weight in zip(texts, labels, weights, strict=True):
        for piece in text:
            column = vocabulary.get(piece)
            if column is not None:
                counts[column, label] += weight
    return counts


def vote_weights(counts: np.ndarray) -> np.ndarray:
    """Return float32 (pieces, classes): what a piece's being there says for each class; rows add up to zero."""
    others = counts.sum(axis=1, keepdims=True) - counts + SMOOTHING
    rarity = -np.log(others / others.sum(axis=0, keepdims=True))
    return np.asarray(rarity - rarity.mean(axis=1, keepdims=True), np.float32)

"""A message as a row of numbers: its n-grams, scaled so that long messages do not shout, and its vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack

from bot.nlu.components.ngrams import count_rows

GRAM_SCALE = 3.0
VECTOR_SCALE = 2.0


def gram_values(counts: Sequence[int]) -> np.ndarray:
    """Return the values of the counted n-grams: divided by the root of their length, between counting and normalising."""
    values = np.asarray(counts, np.float32)
    length = float(np.sqrt(values @ values))
    return values * (GRAM_SCALE / length**0.5) if length else values


def vector_values(vector: np.ndarray) -> np.ndarray:
    """Return the values of a sentence vector, or of rows of them."""
    return np.asarray(vector, np.float32) * VECTOR_SCALE


def feature_matrix(
    texts: Sequence[Mapping[str, int]], vectors: np.ndarray, vocabulary: Mapping[str, int]
) -> csr_matrix:
    """Return float32 (texts, n-grams + numbers of a vector) of the counted n-grams and vectors of some texts."""
    rows = [count_rows(counts, vocabulary) for counts in texts]
    starts = np.cumsum([0] + [len(columns) for columns, _ in rows])
    columns = np.array([column for found, _ in rows for column in found], np.int64)
    values = [gram_values(found) for _, found in rows]
    data = np.concatenate(values) if values else np.zeros(0, np.float32)
    grams = csr_matrix((data, columns, starts), shape=(len(texts), len(vocabulary)))
    return hstack([grams, csr_matrix(vector_values(vectors))]).tocsr().astype(np.float32)

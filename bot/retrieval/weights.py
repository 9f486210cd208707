"""A learned weight vector for each entry: ridge regression in closed form over the dense vector and the n-grams.

Trained on the entry's own phrasings against the others'. Small shops are solved whole; in larger ones an entry is set
against the phrasings nearest to it, which costs the same for each entry however large the shop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import strtri

from bot.retrieval.ngrams import Floats, Integers
from bot.retrieval.postings import Postings

_Doubles: TypeAlias = NDArray[np.float64]

RIDGE: Final = 1.2
_INTERCEPT: Final = 0.1
_WHOLE: Final = 1500
"""Up to so many phrasings a shop is solved whole."""
_RIVALS: Final = 96
"""Phrasings of other entries that an entry of a larger shop is set against."""
_KEPT_GRAMS: Final = 160
_KEPT_A_PHRASING: Final = 32
_SMALLEST: Final = 0.001
_BLOCK: Final = 64
_RIVALRY: Final = 3
"""With fewer entries an entry's share of the phrasings is no evidence: all that is asked would be the only entry's."""


@dataclass(frozen=True, slots=True)
class Phrasings:
    """All phrasings of a shop: vectors, grams, and the number of the entry each belongs to, ascending."""

    vectors: Floats
    postings: Postings
    owners: Integers
    entries: int


@dataclass(frozen=True, slots=True)
class Learned:
    """The weights: score = vector · dense[e] + grams · postings[e] + offsets[e]; about 1 is the entry's, 0 is not.

    `typical` is the mean score that a phrasing gets from its own entry when it is left out of the learning: what a new
    question may be expected to reach. It is not a number where no entry has two phrasings.
    """

    dense: Floats
    postings: Postings
    offsets: Floats
    typical: float


def learn_all(phrasings: Phrasings) -> Learned:
    """Return the weights of every entry."""
    if len(phrasings.owners) <= _WHOLE:
        learned = _learn_whole(phrasings, phrasings.postings.matrix())
    else:
        learned = learn_some(phrasings, range(phrasings.entries))
    # Without rivals a left-out phrasing reaches what no question ever will.
    return learned if phrasings.entries >= _RIVALRY else replace(learned, typical=float("nan"))


def learn_some(phrasings: Phrasings, chosen: Sequence[int], total: int | None = None) -> Learned:
    """Return weights of the `chosen` entries alone (rows in that order), each against its nearest rivals.

    `total` is how many phrasings the shop has when `phrasings` are only some of them.
    """
    matrix = phrasings.postings.matrix()
    total = total or len(phrasings.owners)
    starts = np.searchsorted(phrasings.owners, np.arange(phrasings.entries + 1))
    dense = np.zeros((len(chosen), phrasings.vectors.shape[1]), np.float32)
    offsets = np.zeros(len(chosen), np.float32)
    found: list[tuple[Integers, Floats]] = []
    left_out: list[Floats] = []
    for place, rivals in enumerate(_nearest_rivals(phrasings, matrix, chosen, starts)):
        own = np.arange(starts[chosen[place]], starts[chosen[place] + 1])
        if not len(own):
            found.append((np.zeros(0, np.int64), np.zeros(0, np.float32)))
            continue
        rows = np.concatenate([own, rivals])
        prior = np.float32(len(own) / max(total, 1))
        targets = (np.arange(len(rows)) < len(own)) - prior
        right_sides = np.zeros((len(rows), 1 + len(own)), np.float32)
        right_sides[:, 0] = targets
        right_sides[np.arange(len(own)), 1 + np.arange(len(own))] = 1
        part = matrix[rows]
        factor = _factor(gram_kernel(part) + dense_kernel(phrasings.vectors[rows]))
        solved = cho_solve(factor, right_sides, check_finite=False)
        alphas = solved[:, 0]
        if len(own) > 1:
            left_out.append(1 - alphas[: len(own)] / np.diag(solved[:, 1:]))
        dense[place] = alphas @ phrasings.vectors[rows]
        offsets[place] = _INTERCEPT * alphas.sum() + (prior if phrasings.entries >= _RIVALRY else 0)
        found.append(_of_rows(part, alphas, len(own)))
    typical = float(np.concatenate(left_out).mean()) if left_out else float("nan")
    return Learned(dense, _table(phrasings.postings, found), offsets, typical)


def _learn_whole(phrasings: Phrasings, matrix: sparse.csr_matrix) -> Learned:
    count = len(phrasings.owners)
    targets = np.zeros((count, phrasings.entries), np.float32)
    targets[np.arange(count), phrasings.owners] = 1
    sizes = np.bincount(phrasings.owners, minlength=phrasings.entries)
    prior = (sizes / max(count, 1)).astype(np.float32)
    factor = _factor(gram_kernel(matrix) + dense_kernel(phrasings.vectors))
    alphas = cho_solve(factor, targets - prior, check_finite=False)
    dense = alphas.T @ phrasings.vectors
    offsets = _INTERCEPT * alphas.sum(axis=0) + (prior if phrasings.entries >= _RIVALRY else 0)
    weights = np.ascontiguousarray((matrix.T @ alphas).T)
    found = [_strongest(row, int(own)) for row, own in zip(weights, sizes, strict=True)]
    own_alphas = alphas[np.arange(count), phrasings.owners]
    left_out = (1 - own_alphas / _inverse_diagonal(factor))[sizes[phrasings.owners] > 1]
    return Learned(
        dense.astype(np.float32),
        _table(phrasings.postings, found),
        offsets.astype(np.float32),
        float(left_out.mean()) if len(left_out) else float("nan"),
    )


def left_out_scores(kernel: Floats, owners: Integers) -> Floats:
    """Return what each phrasing would score for each entry, had that phrasing not been learned from.

    `kernel` holds the inner products of the phrasings and is used up; `owners` numbers the entries without a gap.
    """
    count = len(owners)
    targets = np.zeros((count, int(owners.max(initial=-1)) + 1), np.float32)
    targets[np.arange(count), owners] = 1
    factor = _factor(kernel)
    centred = targets - targets.mean(axis=0)
    scores: Floats = (
        targets - cho_solve(factor, centred, check_finite=False) / _inverse_diagonal(factor)[:, None]
    )
    return scores


def gram_kernel(matrix: sparse.csr_matrix) -> Floats:
    """Return the inner products of the rows of n-grams with one another."""
    grams: Floats = (matrix @ matrix.T).toarray()
    return grams


def dense_kernel(vectors: Floats) -> Floats:
    """Return the inner products of the vectors with one another."""
    products: Floats = vectors @ vectors.T
    return products


def _factor(kernel: Floats) -> tuple[Floats, bool]:
    kernel += np.float32(_INTERCEPT)
    kernel[np.diag_indices_from(kernel)] += RIDGE
    factor: tuple[Floats, bool] = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
    return factor


def _inverse_diagonal(factor: tuple[Floats, bool]) -> Floats:
    if not len(factor[0]):
        return np.zeros(0, np.float32)
    inverse, _ = strtri(factor[0], lower=1)
    lower: Floats = np.tril(inverse)
    diagonal: Floats = np.einsum("ij,ij->j", lower, lower)
    return diagonal


def _nearest_rivals(
    phrasings: Phrasings, matrix: sparse.csr_matrix, chosen: Sequence[int], starts: Integers
) -> Iterator[Integers]:
    """Yield for each chosen entry the rows of other entries that are nearest to the middle of its own."""
    columns = matrix.T.tocsr()
    count = len(phrasings.owners)
    for first in range(0, len(chosen), _BLOCK):
        block = chosen[first : first + _BLOCK]
        sizes = [starts[entry + 1] - starts[entry] for entry in block]
        own = np.concatenate([np.arange(starts[entry], starts[entry + 1]) for entry in block])
        shares = np.repeat([1 / max(size, 1) for size in sizes], sizes).astype(np.float32)
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        middles = sparse.csr_matrix((shares, own, bounds), shape=(len(block), count))
        near = ((middles @ matrix) @ columns).toarray() + (middles @ phrasings.vectors) @ phrasings.vectors.T
        for place, entry in enumerate(block):
            near[place, starts[entry] : starts[entry + 1]] = -np.inf
            kept = min(_RIVALS, count - sizes[place])
            yield np.argpartition(-near[place], kept - 1)[:kept] if kept else np.zeros(0, np.int64)


def _of_rows(part: sparse.csr_matrix, alphas: Floats, own: int) -> tuple[Integers, Floats]:
    columns, inverse = np.unique(part.indices, return_inverse=True)
    summed = np.bincount(inverse, part.data * np.repeat(alphas, np.diff(part.indptr))).astype(np.float32)
    kept, weights = _strongest(summed, own)
    return columns[kept].astype(np.int64), weights


def _strongest(weights: Floats, own: int) -> tuple[Integers, Floats]:
    kept = np.flatnonzero(np.abs(weights) > _SMALLEST)
    limit = max(_KEPT_GRAMS, _KEPT_A_PHRASING * own)
    if len(kept) > limit:
        kept = kept[np.argpartition(-np.abs(weights[kept]), limit - 1)[:limit]]
    return kept, weights[kept]


def _table(postings: Postings, found: list[tuple[Integers, Floats]]) -> Postings:
    sizes = [len(columns) for columns, _ in found]
    columns = np.concatenate([c for c, _ in found]) if found else np.zeros(0, np.int64)
    weights = np.concatenate([w for _, w in found]) if found else np.zeros(0, np.float32)
    rows = np.repeat(np.arange(len(found)), sizes)
    return Postings.of_triples(len(found), postings.grams[columns], rows, weights.astype(np.float16))

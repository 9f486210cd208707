"""How steeply a shop's evidence turns into confidence: measured on the shop's own phrasings, each left out in turn.

The ranker's coefficients suit shops on the average. In one shop entries are alike and phrasings messy, in another they stand far
apart; which of them it is shows when each phrasing is asked as a question that the shop does not know. This is temperature
scaling (Guo and others, "On Calibration of Modern Neural Networks", ICML 2017), per shop, on left-out phrasings in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from bot.retrieval.calibration import ENTRY_FEATURES, Coefficients
from bot.retrieval.ngrams import Floats, Integers
from bot.retrieval.ranking import LEARNED_BEND
from bot.retrieval.shares import drawn_order, drawn_rows
from bot.retrieval.weights import Phrasings, dense_kernel, gram_kernel, left_out_scores

FEWEST: Final = 30
"""Fewer phrasings that can be left out say too little: the common steepness holds."""
_SPREAD: Final = 0.25
"""How far shops are expected to lie from the common steepness (standard deviation of its logarithm)."""
_STEPS: Final = np.linspace(-0.75, 0.75, 31)


def measure_steepness(
    phrasings: Phrasings, scales: Floats, ids: Sequence[str], reading: Coefficients
) -> float:
    """Return what the utilities of the entries `ids` are to be multiplied with.

    `phrasings` hold plain vectors, `scales` what each is multiplied with in learning.
    `reading` are the coefficients that read the evidence of a left-out phrasing.
    """
    everything = np.arange(len(phrasings.owners))
    rows = drawn_rows(everything, phrasings.owners, drawn_order(ids))
    _, owners, sizes = np.unique(phrasings.owners[rows], return_inverse=True, return_counts=True)
    testable = sizes[owners] > 1
    if int(testable.sum()) < FEWEST or len(sizes) < 2:
        return 1.0
    utilities = _utilities(phrasings, rows, owners, scales[rows], reading)
    return _steepest_likely(utilities[testable], owners[testable])


def _utilities(
    phrasings: Phrasings, rows: Integers, owners: Integers, scales: Floats, reading: Coefficients
) -> Floats:
    """Return what speaks for each entry as the answer to each phrasing, which is left out of its own: (rows, entries)."""
    grams = gram_kernel(phrasings.postings.only(rows).matrix())
    dense = dense_kernel(phrasings.vectors[rows])
    learned = left_out_scores(grams + dense * np.outer(scales, scales), owners)
    grams_best, grams_two = _best_and_two(grams, owners)
    _, dense_two = _best_and_two(dense, owners)
    known = {
        "learned": learned,
        "learned_low": np.minimum(learned, LEARNED_BEND),
        "dense_two": dense_two,
        "grams": grams_best,
        "grams_two": grams_two,
    }
    total = np.zeros_like(learned)
    for name, values in known.items():
        total += np.float32(reading.entry[ENTRY_FEATURES.index(name)]) * values
    return total


def _best_and_two(likeness: Floats, owners: Integers) -> tuple[Floats, Floats]:
    """Return the highest likeness of each row to each entry's phrasings but itself, and the mean of the two highest."""
    others = likeness.copy()
    np.fill_diagonal(others, -np.inf)
    order = np.argsort(owners, kind="stable")
    bounds = np.searchsorted(owners[order], np.arange(int(owners.max()) + 2))
    best = np.zeros((len(owners), len(bounds) - 1), np.float32)
    two = np.zeros_like(best)
    for entry in range(len(bounds) - 1):
        part = np.sort(others[:, order[bounds[entry] : bounds[entry + 1]]], axis=1)
        first = np.maximum(part[:, -1], 0)
        second = part[:, -2] if part.shape[1] > 1 else part[:, -1]
        best[:, entry] = first
        two[:, entry] = (first + np.where(np.isfinite(second), second, first)) / 2
    return best, two


def _steepest_likely(utilities: Floats, owners: Integers) -> float:
    """Return the likeliest steepness: the one under which the phrasings' own entries are least surprising."""
    own = utilities[np.arange(len(owners)), owners]
    above = utilities - utilities.max(axis=1, keepdims=True)
    own_above = own - utilities.max(axis=1)
    losses = [
        float((np.log(np.exp(above * factor).sum(axis=1)) - own_above * factor).sum())
        + 0.5 * float(step / _SPREAD) ** 2
        for step, factor in zip(_STEPS, np.exp(_STEPS), strict=True)
    ]
    return float(np.exp(_STEPS[int(np.argmin(losses))]))

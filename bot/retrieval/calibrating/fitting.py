"""The coefficients that make the right entry of each example the most probable: a conditional logit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.retrieval.calibration import ENTRY_FEATURES, NONE_FEATURES, Coefficients
from bot.retrieval.ngrams import Floats

_PULL: Final = 1e-3
"""How strongly the coefficients of standardised features are pulled to zero: little, for the examples are many."""
BY_HAND: Final = {"scope_fits": 1.0, "scope_unasked": -0.7, "same": 5.0}
"""Made-up shops have no products; these say that a scope that fits speaks for an entry and one not named against. Nor are they
asked what stands among their phrasings: a phrasing that an owner adds decides at once, whatever the others say."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question to one shop: features of each candidate and of none, which candidate is right (-1: none), which shop."""

    entries: Floats
    none: Floats
    right: int
    shop: int = 0


def fit_coefficients(examples: Sequence[Example]) -> Coefficients:
    """Return the coefficients under which the right answers are most probable."""
    rows = np.concatenate([example.entries for example in examples]).astype(np.float64)
    contexts = np.stack([example.none for example in examples]).astype(np.float64)
    sizes = np.array([len(example.entries) for example in examples])
    starts = np.cumsum(sizes) - sizes
    rights = np.array([example.right for example in examples])
    free = np.array([name not in BY_HAND for name in ENTRY_FEATURES])
    row_scale = np.maximum(rows.std(axis=0), 1e-3)
    none_scale = np.maximum(contexts.std(axis=0), 1e-3)
    none_scale[0] = 1.0
    rows, contexts = rows[:, free] / row_scale[free], contexts / none_scale
    width = rows.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        return _loss_and_slope(flat, width, rows, contexts, starts, sizes, rights)

    start = np.zeros(width + contexts.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500})
    entry = np.array([BY_HAND.get(name, 0.0) for name in ENTRY_FEATURES])
    entry[free] = found.x[:width] / row_scale[free]
    none = found.x[width:] / none_scale
    assert len(none) == len(NONE_FEATURES)
    return Coefficients(entry.astype(np.float32), none.astype(np.float32))


def _loss_and_slope(
    flat: NDArray[np.float64],
    width: int,
    rows: NDArray[np.float64],
    contexts: NDArray[np.float64],
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    rights: NDArray[np.int64],
) -> tuple[float, NDArray[np.float64]]:
    utilities, nothing = rows @ flat[:width], contexts @ flat[width:]
    top = np.maximum(np.maximum.reduceat(utilities, starts), nothing)
    powers, none_powers = np.exp(utilities - np.repeat(top, sizes)), np.exp(nothing - top)
    total = np.add.reduceat(powers, starts) + none_powers
    answered = rights >= 0
    chosen = starts[answered] + rights[answered]
    picked = nothing.copy()
    picked[answered] = utilities[chosen]
    count = len(starts)
    loss = float((np.log(total) + top - picked).mean() + _PULL * (flat @ flat))
    slope_rows = powers / np.repeat(total, sizes)
    slope_rows[chosen] -= 1
    slope_none = none_powers / total - ~answered
    slope = np.concatenate([rows.T @ slope_rows, contexts.T @ slope_none]) / count
    return loss, slope + 2 * _PULL * flat

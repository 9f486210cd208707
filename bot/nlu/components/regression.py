"""Multinomial logistic regression that may start from what was learned before, and stays near it.

The penalty is on the distance from the earlier weights: a maximum a posteriori estimate with a normal prior around them, so
that a few new examples change little and many change much (Chelba and Acero, "Adaptation of maximum entropy capitalizer:
little data can help a lot", EMNLP 2004).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

_BIAS_PULL = 1e-3
_SMALLEST_SLOPE = 1e-3


def fit_softmax(
    rows: csr_matrix,
    labels: np.ndarray,
    weights: np.ndarray,
    earlier: np.ndarray,
    strength: float,
    steps: int,
) -> np.ndarray:
    """Return the weights, float32 (columns + 1, classes), the last row being the bias.

    `rows` is (examples, columns), `labels` the class number of each example, `weights` how much each counts, `earlier` what
    the result is pulled to, shaped like it. `strength` is the inverse of that pull, as scikit-learn's C; at most `steps`
    steps of L-BFGS are taken.
    """
    data, back = rows.astype(np.float32), rows.T.tocsr().astype(np.float32)
    classes = earlier.shape[1]
    wanted = np.zeros((len(labels), classes), np.float32)
    wanted[np.arange(len(labels)), labels] = 1
    counted = weights.astype(np.float32)[:, None]
    base = earlier.astype(np.float32)
    start = data @ base[:-1] + base[-1]
    pull = np.full((len(base), 1), 1 / strength, np.float32)
    pull[-1] = _BIAS_PULL

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        moved = flat.reshape(base.shape).astype(np.float32)
        scores = start + data @ moved[:-1] + moved[-1]
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1, keepdims=True)
        missed = float((counted * (np.log(sums) - (scores * wanted).sum(axis=1, keepdims=True))).sum())
        surplus = counted * (powers / sums - wanted)
        slope = np.vstack([back @ surplus, surplus.sum(axis=0, keepdims=True)]) + pull * moved
        return missed + 0.5 * float((pull * moved * moved).sum()), slope.ravel().astype(np.float64)

    options: dict[str, Any] = {"maxiter": steps, "gtol": _SMALLEST_SLOPE, "maxcor": 8}
    found = minimize(loss, np.zeros(base.size), jac=True, method="L-BFGS-B", options=options)
    fitted: np.ndarray = base + found.x.reshape(base.shape).astype(np.float32)
    return fitted

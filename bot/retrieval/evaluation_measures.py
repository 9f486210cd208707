"""The measures of an evaluation: hits, calibration, and what could be answered at a given precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]

_MOST_BINS: Final = 15
_FEWEST_A_BIN: Final = 20


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Return the debiased calibration error (root of the mean square) over bins that hold equally many.

    In each bin the squared gap between mean confidence and share right is lessened by the variance that chance alone gives
    it, so that few messages do not look worse calibrated than many.
    """
    count = len(confidences)
    if count < 2:
        return float("nan")
    order = np.argsort(np.asarray(confidences, float), kind="stable")
    bins = np.array_split(order, max(1, min(_MOST_BINS, count // _FEWEST_A_BIN)))
    given, true = np.asarray(confidences, float), np.asarray(right, float)
    total = 0.0
    for members in bins:
        share = float(true[members].mean())
        gap = (float(given[members].mean()) - share) ** 2
        chance = share * (1 - share) / (len(members) - 1) if len(members) > 1 else 0.0
        total += len(members) / count * (gap - chance)
    return float(max(total, 0.0) ** 0.5)


def brier_skill(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Return by how much the confidences beat always saying the share that is right: 1 is perfect, 0 no better."""
    given, true = np.asarray(confidences, float), np.asarray(right, float)
    constant = float(true.mean() * (1 - true.mean())) if len(true) else 0.0
    if constant == 0:
        return float("nan")
    return 1 - float(((given - true) ** 2).mean()) / constant


def answered_at_precision(confidences: Sequence[float], right: Sequence[bool], precision: float) -> float:
    """Return the largest share that a threshold can answer with at least `precision` of it right.

    Messages of equal confidence are answered together or not at all.
    """
    if not len(confidences):
        return 0.0
    given, true = np.asarray(confidences, float), np.asarray(right, float)
    order = np.argsort(-given, kind="stable")
    answered = np.arange(1, len(order) + 1)
    correct = np.cumsum(true[order])
    last_of_equals = np.append(given[order][1:] < given[order][:-1], True)
    fine = last_of_equals & (correct >= precision * answered - 1e-9)
    return float(answered[fine].max() / len(order)) if fine.any() else 0.0


def bootstrap_interval(
    measure: Callable[[NDArray[np.int64]], float], count: int, rounds: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of `measure`, called with the numbers of messages drawn with replacement."""
    chance = np.random.default_rng(seed)
    values = [measure(chance.integers(0, count, count)) for _ in range(rounds)]
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)

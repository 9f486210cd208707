"""What could be answered alone: threshold and share for each target precision, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.answer_quality import TARGET_PRECISIONS, AnswerQuality, Coverage
from bot.retrieval.evaluation_measures import (
    answered_at_precision,
    bootstrap_interval,
    brier_skill,
    calibration_error,
)

_ROUNDS: Final = 500
_FEWEST_FOR_CALIBRATION: Final = 20


def measure_answers(
    confidences: Sequence[float], right: Sequence[bool], clusters: Sequence[str] | None = None
) -> AnswerQuality:
    """Return the figures of these answers.

    Questions of one cluster (phrasings of one entry) succeed and fail together: intervals are drawn by cluster.
    """
    given, true = np.asarray(confidences, np.float64), np.asarray(right, bool)
    groups = _groups(clusters if clusters is not None else [str(number) for number in range(len(given))])
    enough = len(given) >= _FEWEST_FOR_CALIBRATION
    return AnswerQuality(
        questions=len(given),
        right=int(true.sum()),
        calibration_error=_known(calibration_error(confidences, right)) if enough else None,
        brier_skill=_known(brier_skill(confidences, right)) if enough else None,
        coverage=tuple(_coverage(given, true, groups, precision) for precision in TARGET_PRECISIONS)
        if len(given)
        else (),
    )


def threshold_at_precision(
    confidences: NDArray[np.float64], right: NDArray[np.bool_], precision: float
) -> float | None:
    """Return the confidence from which on at least `precision` is right and most is answered; None when there is none."""
    share = answered_at_precision(confidences.tolist(), right.tolist(), precision)
    answered = round(share * len(confidences))
    return float(np.sort(confidences)[::-1][answered - 1]) if answered else None


def _coverage(
    given: NDArray[np.float64], true: NDArray[np.bool_], groups: list[NDArray[np.int64]], precision: float
) -> Coverage:
    def share(drawn: NDArray[np.int64]) -> float:
        rows = np.concatenate([groups[number] for number in drawn])
        return answered_at_precision(given[rows].tolist(), true[rows].tolist(), precision)

    low, high = bootstrap_interval(share, len(groups), _ROUNDS)
    threshold = threshold_at_precision(given, true, precision)
    return Coverage(
        precision,
        threshold,
        None if threshold is None else float(true[given >= threshold].mean()),
        answered_at_precision(given.tolist(), true.tolist(), precision),
        low,
        high,
    )


def _groups(clusters: Sequence[str]) -> list[NDArray[np.int64]]:
    _, numbers = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else []


def _known(value: float) -> float | None:
    return None if isnan(value) else value

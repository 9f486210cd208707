"""Measured figures with their 95 % bootstrap intervals, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.evaluation_measures import (
    answered_at_precision,
    bootstrap_interval,
    brier_skill,
    calibration_error,
)

Drawn: TypeAlias = NDArray[np.int64]
_ROUNDS = 1000
_NOTHING = float("nan")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and between which values it lies 95 times in 100, were the messages drawn anew. NaN: nothing to measure."""

    value: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        return not isnan(self.value)

    def in_percent(self) -> str:
        """Return it as "71.2 (69.0–73.4)"."""
        if not self.is_known:
            return "–"
        return f"{100 * self.value:.1f} ({100 * self.low:.1f}–{100 * self.high:.1f})"

    def as_number(self) -> str:
        """Return it as "0.031 (0.012–0.048)"."""
        if not self.is_known:
            return "–"
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"

    def as_gain(self) -> str:
        """Return it as points of per cent with their sign, "+3.1 (1.2 to 5.0)"."""
        if not self.is_known:
            return "–"
        return f"{100 * self.value:+.1f} ({100 * self.low:+.1f} to {100 * self.high:+.1f})"


UNKNOWN = Estimate(_NOTHING, _NOTHING, _NOTHING)


def estimate(measure: Callable[[Drawn], float], count: int) -> Estimate:
    """Return what `measure` says of all `count` messages, with its interval."""
    if not count:
        return UNKNOWN
    low, high = bootstrap_interval(measure, count, _ROUNDS)
    return Estimate(measure(np.arange(count)), low, high)


def share(hits: Sequence[bool]) -> Estimate:
    """Return the share of `hits` that are true.

    Where all are alike every draw is too, and says nothing of what was not seen: the rule of three bounds that.
    """
    found = np.asarray(hits, np.float64)
    measured = estimate(lambda drawn: float(found[drawn].mean()), len(found))
    unseen = min(1.0, 3 / len(found)) if len(found) else 0.0
    if measured.value == 0:
        return Estimate(0.0, 0.0, unseen)
    return Estimate(1.0, 1 - unseen, 1.0) if measured.value == 1 else measured


def gain(before: Sequence[bool], after: Sequence[bool]) -> Estimate:
    """Return by how much the share rises; the same messages in the same order, so that they are compared one by one."""
    rise = np.asarray(after, np.float64) - np.asarray(before, np.float64)
    return estimate(lambda drawn: float(rise[drawn].mean()), len(rise))


def answered(confidences: Sequence[float], right: Sequence[bool], precision: float) -> Estimate:
    """Return the share of all messages that a threshold can answer at that precision."""
    given, true = np.asarray(confidences, np.float64), np.asarray(right, bool)
    return estimate(
        lambda drawn: answered_at_precision(given[drawn].tolist(), true[drawn].tolist(), precision),
        len(given),
    )


def skill(confidences: Sequence[float], right: Sequence[bool]) -> Estimate:
    """Return the Brier skill against a constant."""
    given, true = np.asarray(confidences, np.float64), np.asarray(right, bool)
    return estimate(lambda drawn: brier_skill(given[drawn].tolist(), true[drawn].tolist()), len(given))


def error(confidences: Sequence[float], right: Sequence[bool]) -> Estimate:
    """Return the debiased calibration error.

    What is drawn with replacement has the noise of the sample and that of the draw, and only one is taken off: the squares
    of the draws lie too high by their own mean distance from the sample's, and are shifted back by it.
    """
    given, true = np.asarray(confidences, np.float64), np.asarray(right, bool)
    if len(given) < 2:
        return UNKNOWN
    here = calibration_error(given.tolist(), true.tolist())
    squares: list[float] = []

    def square(drawn: Drawn) -> float:
        squares.append(calibration_error(given[drawn].tolist(), true[drawn].tolist()) ** 2)
        return squares[-1]

    low, high = bootstrap_interval(square, len(given), _ROUNDS)
    shift = float(np.mean(squares)) - here**2
    return Estimate(here, max(0.0, low - shift) ** 0.5, max(0.0, high - shift) ** 0.5)


def macro_f1(expected: Sequence[str], got: Sequence[str], labels: Sequence[str]) -> Estimate:
    """Return the mean F1 over `labels`; a label that was not drawn does not count in that draw."""
    numbers = {label: number for number, label in enumerate(labels)}
    other = len(labels)
    true = np.array([numbers[label] for label in expected], np.int64)
    given = np.array([numbers.get(label, other) for label in got], np.int64)

    def mean(drawn: Drawn) -> float:
        named = np.bincount(true[drawn], minlength=other + 1)[:other]
        called = np.bincount(given[drawn], minlength=other + 1)[:other]
        both = np.bincount(true[drawn][true[drawn] == given[drawn]], minlength=other + 1)[:other]
        here = named > 0
        return float((2 * both[here] / (named + called)[here]).mean())

    return estimate(mean, len(true))

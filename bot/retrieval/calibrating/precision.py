"""From which confidence on the ranker is right often enough: measured on made-up shops, with a margin for how they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import sqrt
from operator import itemgetter
from typing import Final

import numpy as np

from bot.domain.thresholds import CERTAINTY, FEWEST_CASES
from bot.retrieval.calibrating.fitting import Example
from bot.retrieval.calibration import Coefficients

_PRECISIONS: Final = (0.90, 0.95, 0.98)


def measure_thresholds(examples: Sequence[Example], coefficients: Coefficients) -> dict[str, float]:
    """Return the confidence from which on the likeliest candidate is right often enough, by precision."""
    return choose_thresholds(_first_answers(examples, coefficients))


def choose_thresholds(answers: Iterable[tuple[float, int, bool]]) -> dict[str, float]:
    """Return the lowest threshold above which each precision is proven; `answers` are (confidence, shop, whether right).

    Proven: even the lower bound over shops reaches it. For a precision that nothing proves, only what is surer than almost
    any question of the made-up shops will do: what an owner wrote word for word.
    """
    tally, found = Tally(), {}
    surest_first = sorted(answers, key=itemgetter(0), reverse=True)
    for confidence, alike in groupby(surest_first, key=itemgetter(0)):
        for _, shop, is_right in alike:
            tally.add(shop, is_right=is_right)
        if tally.count < FEWEST_CASES:
            continue
        bound = tally.lower_bound()
        for precision in _PRECISIONS:
            if bound >= precision or precision not in found:
                found[precision] = confidence
    return {f"{precision:.2f}": round(confidence, 4) for precision, confidence in sorted(found.items())}


@dataclass(slots=True)
class Tally:
    """How many answers were right, shop by shop."""

    _asked: Counter[int] = field(default_factory=Counter)
    _right: Counter[int] = field(default_factory=Counter)
    _right_in_all: int = 0
    _asked_squared: int = 0
    _right_squared: int = 0
    _both: int = 0
    count: int = 0
    """How many answers there were."""

    def add(self, shop: int, *, is_right: bool) -> None:
        """Count one answer."""
        asked, right = self._asked[shop], self._right[shop]
        self._asked[shop], self._right[shop] = asked + 1, right + is_right
        self._asked_squared += 2 * asked + 1
        self._right_squared += (right + is_right) ** 2 - right**2
        self.count += 1
        self._right_in_all += is_right
        self._both += (asked + 1) * (right + is_right) - asked * right

    def lower_bound(self) -> float:
        """Return below which share of right answers shops lie on the average, one time in ten.

        Answers in one shop are right and wrong together, so the shops are what is drawn (the ratio estimator of cluster
        sampling: Cochran, "Sampling Techniques", 1977): many answers of few shops prove little.
        """
        shops, count = len(self._asked), self.count
        if shops < 2:
            return 0.0
        share = self._right_in_all / count
        spread = self._right_squared - 2 * share * self._both + share**2 * self._asked_squared
        return share - CERTAINTY * sqrt(max(spread, 0.0) * shops / (shops - 1)) / count


def _first_answers(
    examples: Iterable[Example], coefficients: Coefficients
) -> Iterable[tuple[float, int, bool]]:
    for example in examples:
        chances = coefficients.probabilities(
            example.entries.astype(np.float32), example.none.astype(np.float32)
        )
        place = int(np.argmax(chances))
        yield float(chances[place]), example.shop, place == example.right

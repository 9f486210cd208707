"""How good a shop's first answers are, and how many of them could be sent unseen at a wanted precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TARGET_PRECISIONS: Final = (0.90, 0.95, 0.98)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a threshold could answer alone, at least `precision` of it rightly; `right` is the share that was.

    `share` is of all questions, with its 95 % interval (`low` to `high`); `threshold` is None where no threshold does it.
    """

    precision: float
    threshold: float | None
    right: float | None
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class AnswerQuality:
    """The figures of a set of answered questions; None where they are too few, or too much alike, to say."""

    questions: int
    right: int
    calibration_error: float | None
    brier_skill: float | None
    coverage: tuple[Coverage, ...]

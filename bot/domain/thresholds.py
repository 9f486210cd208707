"""From which confidence on a reply may go out alone: chosen by how often it has to be right, not by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from operator import attrgetter
from typing import Final

FEWEST_CASES: Final = 60
"""With fewer cases above a threshold a shop's own log does not move it: it would come and go with each reaction."""
CERTAINTY: Final = 1.28
"""One-sided, nine times in ten."""
NEVER: Final = 1.01
"""A threshold that no confidence reaches."""
ONLY_PERSON: Final = 0.35
"""How likely only a person may settle a message for one to be asked for. docs/auto-reply.md has what is heard and what it costs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A first suggestion's confidence, as the shop itself gives it, and how far it turned out right (0 to 1)."""

    confidence: float
    right: float


def wilson_bounds(right: float, count: float, certainty: float = CERTAINTY) -> tuple[float, float]:
    """Return between which shares the true one lies when `right` of `count` were right; below and above nine times in ten,
    or as often as `certainty` has it (standard deviations, one-sided).

    The score interval (Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927).
    """
    if count <= 0:
        return 0.0, 1.0
    share, spread = min(right / count, 1.0), certainty**2 / count
    middle, half = share + spread / 2, certainty * sqrt(share * (1 - share) / count + spread / (4 * count))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def choose_threshold(
    outcomes: Sequence[Outcome],
    precision: float,
    common: Mapping[float, float],
    *,
    may_fall: bool = True,
) -> float:
    """Return the confidence from which on replies are right with at least `precision`.

    `common` holds the thresholds that made-up shops need, by precision. A shop's own log counts from FEWEST_CASES on. It
    lowers the common threshold (with `may_fall`) to the lowest above which replies were right often enough even at the lower
    Wilson bound, and above which the confidences themselves promise as much. It raises it where it contradicts it (the upper
    bound lies below): to the lowest that is proven so, or to NEVER.
    """
    usual = common_threshold(precision, common)
    steps = _steps(outcomes)
    proven = [
        step.confidence
        for step in steps
        if wilson_bounds(step.right, step.count)[0] >= precision and step.promised >= precision * step.count
    ]
    if may_fall and proven and proven[-1] < usual:
        return proven[-1]
    held = [step for step in steps if step.confidence >= usual]
    if not held or wilson_bounds(held[-1].right, held[-1].count)[1] >= precision:
        return usual
    return min((proof for proof in proven if proof >= usual), default=NEVER)


@dataclass(frozen=True, slots=True)
class _Step:
    """All outcomes from `confidence` on: how many, how many were right, and how many the confidences promised."""

    confidence: float
    count: int
    right: float
    promised: float


def _steps(outcomes: Sequence[Outcome]) -> list[_Step]:
    """Return every threshold that has enough outcomes above it, falling."""
    ordered = sorted(outcomes, key=attrgetter("confidence"), reverse=True)
    found: list[_Step] = []
    right = promised = 0.0
    for count, outcome in enumerate(ordered, start=1):
        right += outcome.right
        promised += outcome.confidence
        is_last = count == len(ordered) or ordered[count].confidence < outcome.confidence
        if is_last and count >= FEWEST_CASES:
            found.append(_Step(outcome.confidence, count, right, promised))
    return found


def common_threshold(precision: float, common: Mapping[float, float]) -> float:
    """Return the threshold of made-up shops for the least precision among theirs that is enough; NEVER beyond them."""
    enough = [known for known in sorted(common) if known >= precision - 1e-9]
    return common[enough[0]] if enough else NEVER

"""What a dry run of automatic replies comes to: by question, by group, and for each precision that may be asked of a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.auto_reply import Decision, Deed, Heard
from bot.domain.intents import GROUPS
from bot.domain.thresholds import NEVER, wilson_bounds
from bot.services.auto_reply_reading import Found
from bot.services.auto_reply_standards import Standards
from bot.services.auto_reply_traffic import Ask

SPOKEN: Final = (Deed.REPLY, Deed.ASK_BACK)


@dataclass(frozen=True, slots=True)
class Tried:
    """One question, what would have become of it, and the bubbles that the buyer would have got."""

    ask: Ask
    heard: Heard
    found: Found
    decision: Decision
    said: tuple[str, ...] = ()

    @property
    def is_fit(self) -> bool:
        """Whether the reply could go out, were it sure enough and its group automatic."""
        offer = self.heard.offer
        return (
            offer is not None
            and offer.stands_alone
            and offer.is_fresh
            and offer.is_allowed
            and self.heard.was_read
            and not self.heard.asks_for_person
            and not self.heard.is_upset
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a group's replies reach at a precision: `sendable` of them were sure enough, fresh, and let pass by the guard.

    `threshold` is None where no confidence is enough. Of the replies that were as sure agents judged `judged`, `right` of them
    right; the true share of right ones lies between `low` and `high`, nine times in ten on either side (None with none judged).
    """

    precision: float
    threshold: float | None
    sendable: int
    judged: int
    right: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One group: questions whose first reply was of it, how many would have been answered, and how far it may reach."""

    group: str
    questions: int
    answered: int
    reach: tuple[Reach, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """The questions tried, oldest first, and what became of them. `expected_precision` is how many of the replies would be
    right, as their own confidences have it; None without any."""

    tried: tuple[Tried, ...]
    deeds: Counter[Deed]
    answered: int
    expected_precision: float | None
    groups: tuple[GroupFigures, ...]

    @property
    def share(self) -> float | None:
        """The share of all questions that would have been answered; None without any."""
        return self.answered / len(self.tried) if self.tried else None


def figures_of(tried: Sequence[Tried], standards: Standards) -> DryRun:
    """Return the dry run with its figures."""
    deeds = Counter(each.decision.deed for each in tried)
    sent = [
        each.found.suggestion.confidence
        for each in tried
        if each.decision.deed in SPOKEN and each.found.suggestion is not None
    ]
    groups = tuple(_group_figures(group, tried, standards) for group in GROUPS)
    expected = sum(sent) / len(sent) if sent else None
    return DryRun(tuple(tried), deeds, len(sent), expected, groups)


def _group_figures(group: str, tried: Iterable[Tried], standards: Standards) -> GroupFigures:
    own = [each for each in tried if group in each.found.groups]
    fit = [each.heard.offer.confidence for each in own if each.is_fit and each.heard.offer is not None]
    reach = tuple(_reach(group, precision, fit, standards) for precision in TARGET_PRECISIONS)
    answered = sum(each.decision.deed in SPOKEN for each in own)
    return GroupFigures(group, len(own), answered, reach)


def _reach(group: str, precision: float, fit: Iterable[float], standards: Standards) -> Reach:
    threshold = standards.threshold(group, precision)
    sendable = sum(confidence >= threshold for confidence in fit)
    judged, right = standards.judged(group, threshold)
    low, high = wilson_bounds(right, judged) if judged else (None, None)
    return Reach(precision, threshold if threshold < NEVER else None, sendable, judged, right, low, high)

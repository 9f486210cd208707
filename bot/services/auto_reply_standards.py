"""How sure a reply of each group must be before it goes out alone: from what this shop's own agents did with suggestions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.entry import Entry
from bot.domain.feedback import Reaction, ShopCalibration, tells_misses, verdicts
from bot.domain.intents import GROUPS
from bot.domain.thresholds import FEWEST_CASES, Outcome, choose_threshold


@dataclass(frozen=True, slots=True)
class Standards:
    """What is known of a shop's replies: how first suggestions turned out, by group and altogether.

    `common` are the thresholds that made-up shops need, by precision. `may_fall`: agents also tell when nothing fits.
    """

    common: Mapping[float, float]
    by_group: Mapping[str, Sequence[Outcome]] = field(default_factory=dict)
    altogether: Sequence[Outcome] = ()
    may_fall: bool = False
    _chosen: dict[tuple[str, float], float] = field(default_factory=dict, init=False, compare=False)

    def threshold(self, group: str, precision: float) -> float:
        """Return the confidence from which on replies of the group are right so often; NEVER when none is."""
        own = self.by_group.get(group, ())
        proves = len(own) >= FEWEST_CASES
        key = (group if proves else "", precision)
        if key not in self._chosen:
            # What other groups did may warn, but proves nothing for this one.
            cases, may_fall = (own, self.may_fall) if proves else (self.altogether, False)
            self._chosen[key] = choose_threshold(cases, precision, self.common, may_fall=may_fall)
        return self._chosen[key]

    def thresholds(self, policy: AutoReplyPolicy) -> dict[str, float]:
        """Return the threshold of every group at the precision that the policy asks of it."""
        return {group: self.threshold(group, policy.rule(group).precision) for group in GROUPS}

    def judged(self, group: str, threshold: float) -> tuple[int, float]:
        """Return how many replies of the group agents judged that were as sure as that, and how many of them were right."""
        held = [each.right for each in self.by_group.get(group, ()) if each.confidence >= threshold]
        return len(held), sum(held)


def read_standards(
    reactions: Iterable[tuple[bool, Reaction]],
    entries: Mapping[str, Entry],
    calibration: ShopCalibration,
    common: Mapping[float, float],
) -> Standards:
    """Return what the reactions (see learning.read_reactions) say; only what the classifier had read may go out alone.

    All thresholds are worked out here: over thousands of reactions that is nothing for the event loop.
    """
    read = [reaction for was_read, reaction in reactions if was_read]
    by_group: dict[str, list[Outcome]] = defaultdict(list)
    altogether: list[Outcome] = []
    for verdict in verdicts(read):
        if verdict.place != 0:
            continue
        outcome = Outcome(calibration.confidence(*verdict.key, verdict.confidence), verdict.right)
        altogether.append(outcome)
        if (entry := entries.get(verdict.key[0])) is not None:
            by_group[entry.group].append(outcome)
    standards = Standards(common, by_group, altogether, tells_misses(read))
    for group in GROUPS:
        for precision in TARGET_PRECISIONS:
            standards.threshold(group, precision)
    return standards

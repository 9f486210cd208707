"""Which of a shop's questions may be answered without a person: by group, how surely, when, how often and in what words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.entry import Validity, WeeklyHours
from bot.domain.intents import GROUPS

USUAL_PRECISION: Final = 0.95
MOST_REPEATS: Final = 20
LEAST_MERGE_SECONDS: Final = 2.0
MOST_MERGE_SECONDS: Final = 4.0
LONGEST_WORDING: Final = 300


class Mode(StrEnum):
    """What becomes of replies of a group: nobody sees them, an agent is offered them, or they go out when sure enough."""

    OFF = "off"
    SUGGEST = "suggest"
    AUTOMATIC = "automatic"


class When(StrEnum):
    """When replies go out: at any time, outside the shop's business hours, or in weekly hours of their own."""

    ALWAYS = "always"
    CLOSED = "closed"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class GroupRule:
    """The rule of one group. `precision` is how often its automatic replies have to be right: one of TARGET_PRECISIONS."""

    mode: Mode = Mode.SUGGEST
    precision: float = USUAL_PRECISION

    def __post_init__(self) -> None:
        if self.precision not in TARGET_PRECISIONS:
            raise ValueError(f"precision: one of {', '.join(map(str, TARGET_PRECISIONS))}")


USUAL_RULE: Final = GroupRule()
"""The rule of a group that nobody has decided about: its replies are suggested."""


@dataclass(frozen=True, slots=True)
class AutoReplyPolicy:
    """A shop's rules for replies that go out without a person. As it is made it sends nothing.

    `repeat_limit` automatic replies in a row, and a person is asked for. `greeting` is said before the first of them in a
    conversation, `hand_over` when a person is asked for in business hours, `hand_over_closed` outside them; "" says nothing.
    `merge_seconds` after his last bubble a buyer has said what he wanted to say. `marks` shows replies as automatic.
    """

    is_on: bool = False
    groups: Mapping[str, GroupRule] = field(default_factory=dict)
    when: When = When.ALWAYS
    weekly: tuple[WeeklyHours, ...] = ()
    repeat_limit: int = 3
    greeting: str = ""
    hand_over: str = ""
    hand_over_closed: str = ""
    merge_seconds: float = 3.0
    marks: bool = True

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.groups) - set(GROUPS)):
            raise ValueError(f"groups: there is no group {unknown[0]}")
        if not 1 <= self.repeat_limit <= MOST_REPEATS:
            raise ValueError(f"repeat_limit: 1 to {MOST_REPEATS}")
        if not LEAST_MERGE_SECONDS <= self.merge_seconds <= MOST_MERGE_SECONDS:
            raise ValueError(f"merge_seconds: {LEAST_MERGE_SECONDS:g} to {MOST_MERGE_SECONDS:g}")

    def rule(self, group: str) -> GroupRule:
        """Return the group's rule."""
        return self.groups.get(group, USUAL_RULE)

    @property
    def silenced(self) -> frozenset[str]:
        """The groups that are off: nobody is offered a reply of theirs."""
        return frozenset(group for group, rule in self.groups.items() if rule.mode is Mode.OFF)

    @property
    def automatic(self) -> frozenset[str]:
        """The groups of which a reply may go out alone while the policy is on."""
        return frozenset(group for group, rule in self.groups.items() if rule.mode is Mode.AUTOMATIC)

    def acts_at(self, now: datetime, *, is_open: bool) -> bool:
        """Whether replies may go out at `now`, aware and in the shop's own zone; `is_open` tells its business hours."""
        if self.when is When.ALWAYS:
            return True
        if self.when is When.CLOSED:
            return not is_open
        # Without hours of its own, never: an empty list means "always" elsewhere, and here nobody has chosen that.
        return bool(self.weekly) and Validity(weekly=self.weekly).holds_at(now)

    def hand_over_words(self, *, is_open: bool) -> str:
        """Return what a buyer is told when a person is asked for."""
        return self.hand_over if is_open else self.hand_over_closed or self.hand_over

"""What agents did with a shop's suggestions, counted: for the shop, for each entry, day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date


@dataclass(slots=True)
class Deeds:
    """What became of replies: `changed` adds up the shares of their characters that editing changed (0 to 1 each).

    `shown` counts messages for which the reply was among those offered, `first` those where it stood first; `auto` those
    that software sent by itself. `by_day` counts replies sent, by people or by software.
    """

    shown: int = 0
    first: int = 0
    taken: int = 0
    edited: int = 0
    changed: float = 0.0
    refused: int = 0
    auto: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    by_day: Counter[date] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        """Replies that agents sent to a buyer, as they stood or edited."""
        return self.taken + self.edited

    @property
    def share_changed(self) -> float | None:
        """The share of characters that editing changed on average; None when nothing was edited."""
        return self.changed / self.edited if self.edited else None

    @property
    def share_right(self) -> float | None:
        """How often those judged were sent; None when none was judged."""
        judged = self.sent + self.refused
        return self.sent / judged if judged else None


@dataclass(slots=True)
class Day:
    """One local day of the shop."""

    messages: int = 0
    offered: int = 0
    taken: int = 0
    edited: int = 0
    refused: int = 0
    auto: int = 0

    @property
    def sent(self) -> int:
        """Replies that agents sent to a buyer, as they stood or edited."""
        return self.taken + self.edited


@dataclass(slots=True)
class SuggestionFigures:
    """A shop's figures of a period.

    `messages` counts what buyers asked that was read for suggestions; of these `offered` got at least one, `unanswered` none
    although they wanted an answer, the rest wanted none. `none_fits` counts those where an agent said that nothing fitted,
    which is in `deeds.refused` too. `replies` counts all that agents sent, with or without a suggestion.
    """

    messages: int = 0
    offered: int = 0
    unanswered: int = 0
    none_fits: int = 0
    replies: int = 0
    deeds: Deeds = field(default_factory=Deeds)
    entries: dict[str, Deeds] = field(default_factory=dict)
    days: dict[date, Day] = field(default_factory=dict)

    def entry(self, entry: str) -> Deeds:
        """Return the figures of an entry."""
        return self.entries.setdefault(entry, Deeds())

    def day(self, day: date) -> Day:
        """Return the figures of a day."""
        return self.days.setdefault(day, Day())

"""An FAQ entry: one question of buyers, its phrasings and the reply template that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from types import MappingProxyType
from typing import Final

STATUSES: Final = ("draft", "published", "archived")

CASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "stock": ("in_stock", "low", "out_of_stock", "several", "unknown"),
        "order": ("not_shipped", "shipped", "delivered", "unpaid", "refunding", "closed", "unknown"),
        "region": ("free", "paid", "not_shipped_to", "unknown"),
    }
)
"""The closed list of cases an entry's reply may tell apart. `unknown` is the case when the facts are missing,
`several` when more than one product fits what the buyer named and at least one of them is in stock."""

LOW_STOCK: Final = 5
"""Up to this many pieces count as low."""

MAX_PHRASING: Final = 200
MAX_PHRASINGS: Final = 200
MAX_REPLY: Final = 2000


@dataclass(frozen=True, slots=True)
class Scope:
    """The products an entry speaks about; empty means any. A message about another product does not get it."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def is_open(self) -> bool:
        """Whether the entry holds for every product."""
        return not self.products and not self.categories


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Local hours of one weekday (0 = Monday) in which an entry holds.

    `until` before `since` runs past midnight; `until` equal to `since` is a whole day from `since` on.
    """

    weekday: int
    since: time
    until: time


@dataclass(frozen=True, slots=True)
class Validity:
    """When an entry holds: from/until as aware times (None = open), and weekly hours (empty = always)."""

    since: datetime | None = None
    until: datetime | None = None
    weekly: tuple[WeeklyHours, ...] = ()

    def holds_at(self, now: datetime) -> bool:
        """Whether the entry may be used at `now`, an aware time in the shop's own time zone."""
        if self.since is not None and now < self.since:
            return False
        if self.until is not None and now >= self.until:
            return False
        return not self.weekly or any(_covers(hours, now) for hours in self.weekly)


def _covers(hours: WeeklyHours, now: datetime) -> bool:
    moment = now.time()
    if hours.since < hours.until:
        return now.weekday() == hours.weekday and hours.since <= moment < hours.until
    if now.weekday() == hours.weekday:
        return moment >= hours.since
    return (now.weekday() - 1) % 7 == hours.weekday and moment < hours.until


@dataclass(frozen=True, slots=True)
class Entry:
    """One FAQ entry of one shop. `id` is unique within the shop, `version` grows with every edit.

    `reply` and `cases` are templates (see bot.domain.template); a case that is not given falls back to `reply`;
    `fallback` is used when a variable has neither a fact nor a fallback of its own; `image` is the id of the one image of the
    shop's that goes with the reply, "" for none.
    """

    id: str
    group: str
    question: str
    reply: str
    phrasings: tuple[str, ...] = ()
    intent: str | None = None
    cases: Mapping[str, str] = field(default_factory=dict)
    fallback: str = ""
    scope: Scope = Scope()
    validity: Validity = Validity()
    short_code: str = ""
    language: str = "zh"
    status: str = "published"
    version: int = 1
    image: str = ""

    @property
    def all_phrasings(self) -> tuple[str, ...]:
        """The question and its phrasings, without repetition, in order."""
        return tuple(dict.fromkeys(text for text in (self.question, *self.phrasings) if text.strip()))


@dataclass(frozen=True, slots=True)
class EntryVersion:
    """An entry as somebody left it at some time; `entry` is None where it was deleted.

    `author` is an account's id, "token:" and a token's id, or "" for the server's own commands and packs; `drafted_by`
    is who wrote it, where the author published what another had drafted.
    """

    id: str
    version: int
    at: datetime
    author: str
    entry: Entry | None
    drafted_by: str = ""


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What an entry shall become: kept beside it, seen by the shop's editors alone, until somebody publishes it.

    `entry` has the version that it was made from, and the status it will get; `version` counts the draft's own edits.
    `handed_by` and `handed_at` say who handed it over for review, with a `note`; "" and None while it is written.
    """

    entry: Entry
    author: str
    at: datetime
    version: int = 1
    handed_by: str = ""
    handed_at: datetime | None = None
    note: str = ""

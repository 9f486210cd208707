"""How the entries of a shop fared of late: offered how surely, sent how often. Read from that shop's own log."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.domain.feedback import REFUSED
from bot.ports import Clock, Event, EventLog
from bot.services.learning import KINDS
from bot.services.log_reading import Offers, entries_chosen, offers_judged, offers_shown, replies_shown
from bot.services.recording import PHRASE_USED, SHOWN

DAYS: Final = 31
FEWEST: Final = 3
"""An entry that stood first less often says nothing about how sure the shop is of it."""
UNSURE: Final = 0.5
_STEP: Final = timedelta(days=1)
_READ: Final = (SHOWN, PHRASE_USED, *KINDS)
_PER_DAY: Final = 100_000
_SHOPS: Final = 8
_FRESH: Final = timedelta(minutes=1)


@dataclass(slots=True)
class EntryUse:
    """`first` counts the messages for which the entry was offered first, `confidence` adds up how sure that was.

    `used` counts how often agents sent it: as suggested, edited, or looked up by hand.
    """

    first: int = 0
    confidence: float = 0.0
    used: int = 0

    @property
    def mean(self) -> float | None:
        """How sure the shop was of it on average; None where it was offered first too seldom to say."""
        return self.confidence / self.first if self.first >= FEWEST else None

    @property
    def is_unsure(self) -> bool:
        """Whether it is offered first with little confidence: more phrasings would help it."""
        return self.mean is not None and self.mean < UNSURE

    def add(self, other: EntryUse) -> None:
        """Count the other too."""
        self.first += other.first
        self.confidence += other.confidence
        self.used += other.used


@dataclass(slots=True)
class _Held:
    """The uses of one shop by day: those of past days stay, today's are read again once they are a minute old."""

    days: dict[datetime, dict[str, EntryUse]] = field(default_factory=dict)
    read_at: datetime | None = None
    total: dict[str, EntryUse] = field(default_factory=dict)


class EntryUses:
    """Adds up the last days of the shop that each call names."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._held: OrderedDict[str, _Held] = OrderedDict()

    async def of(self, shop: str) -> Mapping[str, EntryUse]:
        """Return the uses of the shop's entries by id, of the last 31 days and today."""
        now = self._clock.now()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        # Taken out while it is brought up: who asks at the same moment reads for himself.
        held = self._held.pop(shop, None) or _Held()
        if held.read_at is None or now - held.read_at > _FRESH:
            await self._bring_up(shop, held, today)
            held.read_at = now
        self._held[shop] = held
        while len(self._held) > _SHOPS:
            self._held.popitem(last=False)
        return held.total

    async def _bring_up(self, shop: str, held: _Held, today: datetime) -> None:
        wanted = [today - _STEP * back for back in range(DAYS, -1, -1)]
        # Events are written a moment after what they tell of: yesterday is only over when it was read today.
        over = held.read_at.replace(hour=0, minute=0, second=0, microsecond=0) if held.read_at else None
        days: dict[datetime, dict[str, EntryUse]] = {}
        for day in wanted:
            known = held.days.get(day)
            if known is None or over is None or day >= over:
                events = await self._log.read_between(shop, _READ, day, day + _STEP, _PER_DAY)
                known = await asyncio.to_thread(count_uses, events)
            days[day] = known
        held.days = days
        held.total = {}
        for uses in days.values():
            for entry, use in uses.items():
                held.total.setdefault(entry, EntryUse()).add(use)


def count_uses(events: Iterable[Event]) -> dict[str, EntryUse]:
    """Return what the events, oldest first, tell of each entry."""
    found: dict[str, EntryUse] = {}
    offers: dict[str, Offers] = {}
    for event in events:
        if event.kind == SHOWN:
            shown = replies_shown(event)
            if not shown:
                continue
            offers[event.message] = offers_shown(event)
            for entry in offers[event.message][0]:
                use = found.setdefault(entry, EntryUse())
                use.first += 1
                use.confidence += _share(shown[0].get("confidence"))
        elif event.kind == PHRASE_USED:
            found.setdefault(str(event.data.get("entry")), EntryUse()).used += 1
        elif KINDS[event.kind] != REFUSED:
            for entry in entries_chosen(event, offers_judged(event, offers)):
                found.setdefault(entry, EntryUse()).used += 1
    return found


def _share(value: object) -> float:
    return min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else 0.0

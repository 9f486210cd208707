"""Finding entries of one shop in the owner's list: by words, group, status, and by when they end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.entry import Entry
from bot.ports import Clock, TextNormaliser
from bot.services.known_entries import KnownEntries

SOON: Final = timedelta(days=14)
"""An entry that ends within this time is shown as ending."""
ENDINGS: Final = ("ending", "ended")


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """What the owner looks for; "" is no condition. `ending` is one of ENDINGS."""

    words: str = ""
    group: str = ""
    status: str = ""
    ending: str = ""
    start: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """A page of the entries that fit, how many fit in all, and how many the shop has of each status and ending."""

    entries: tuple[Entry, ...]
    total: int
    counts: Mapping[str, int]


class EntryFinder:
    """Finds entries of the shop that each call names."""

    def __init__(self, known: KnownEntries, normaliser: TextNormaliser, clock: Clock) -> None:
        self._known = known
        self._normaliser = normaliser
        self._clock = clock

    async def find(self, shop: str, query: EntryQuery) -> FoundEntries:
        """Return the entries of the shop that fit all conditions, in the order of their ids. Raises NotFound."""
        entries, now = await self._known.of(shop), self._clock.now()
        counts = Counter(entry.status for entry in entries)
        counts.update(ending for entry in entries if (ending := ending_of(entry, now)))
        # The entries are not made simplified one by one: ten thousand of them would take a second.
        words = {query.words.lower(), self._normaliser.normalise(query.words).lower()} - {""}
        fitting = [
            entry
            for entry in entries
            if query.group in ("", entry.group)
            and query.status in ("", entry.status)
            and query.ending in ("", ending_of(entry, now))
            and (not words or any(_holds(entry, each.split()) for each in words))
        ]
        page = fitting[query.start : query.start + query.limit]
        return FoundEntries(tuple(page), len(fitting), dict(counts))


def ending_of(entry: Entry, now: datetime) -> str:
    """Return "ended", "ending" within SOON, or "" for an entry that goes on, or is archived anyway."""
    until = entry.validity.until
    if until is None or entry.status == "archived" or until > now + SOON:
        return ""
    return "ended" if until <= now else "ending"


def _holds(entry: Entry, words: list[str]) -> bool:
    """Whether every word stands somewhere in what an owner reads of the entry."""
    texts = (entry.id, entry.short_code, entry.question, *entry.phrasings, entry.reply, *entry.cases.values())
    text = "\n".join((*texts, entry.fallback)).lower()
    return all(word in text for word in words)

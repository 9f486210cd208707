"""Finding entries of one shop in the owner's list: by words, group, status, by when they end and how they fare."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.entry import Entry
from bot.ports import Clock, EntryStore, TextNormaliser
from bot.services.entry_use import DAYS, EntryUse, EntryUses
from bot.services.known_entries import KnownEntries

_SHOPS: Final = 8
SOON: Final = timedelta(days=14)
"""An entry that ends within this time is shown as ending."""
ENDINGS: Final = ("ending", "ended")
DRAFTS: Final = ("edited", "review")
"""An entry has a draft that is being written, or one that was handed over for review."""
USES: Final = ("unused", "unsure")
"""A published entry that nobody sent in the last 31 days, or one that is offered first with little confidence."""


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """What the owner looks for; "" is no condition. `ending` is one of ENDINGS, `draft` of DRAFTS, `use` of USES."""

    words: str = ""
    group: str = ""
    status: str = ""
    ending: str = ""
    draft: str = ""
    use: str = ""
    start: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """A page of the entries that fit, how many fit in all, and how many the shop has of each status, ending and draft.

    `drafts` says by entry which kind of draft it has; `uses`, where that was asked for, how those of the page fare.
    """

    entries: tuple[Entry, ...]
    total: int
    counts: Mapping[str, int]
    drafts: Mapping[str, str]
    uses: Mapping[str, EntryUse]


class EntryFinder:
    """Finds entries of the shop that each call names."""

    def __init__(
        self,
        known: KnownEntries,
        store: EntryStore,
        uses: EntryUses,
        normaliser: TextNormaliser,
        clock: Clock,
    ) -> None:
        self._known = known
        self._store = store
        self._uses = uses
        self._normaliser = normaliser
        self._texts: OrderedDict[str, dict[str, tuple[Entry, str]]] = OrderedDict()
        self._clock = clock

    async def find(self, shop: str, query: EntryQuery) -> FoundEntries:
        """Return the entries of the shop that fit all conditions, in the order of their ids. Raises NotFound."""
        entries, now = await self._known.of(shop), self._clock.now()
        counts = Counter(entry.status for entry in entries)
        counts.update(ending for entry in entries if (ending := ending_of(entry, now)))
        drafts = {
            each.entry.id: "review" if each.handed_at else "edited"
            for each in await self._store.list_drafts(shop)
        }
        counts.update(drafts.values())
        chosen, uses = await self._by_use(shop, query.use, entries, now)
        counts.update({query.use: len(chosen)} if query.use else {})
        # The entries are not made simplified one by one: ten thousand of them would take a second.
        texts = self._texts.setdefault(shop, {})
        self._texts.move_to_end(shop)
        while len(self._texts) > _SHOPS:
            self._texts.popitem(last=False)
        if len(texts) > 2 * len(entries) + _SHOPS:
            texts.clear()  # most of it is of entries that are gone
        words = {query.words.lower(), self._normaliser.normalise(query.words).lower()} - {""}
        fitting = [
            entry
            for entry in chosen
            if query.group in ("", entry.group)
            and query.status in ("", entry.status)
            and query.ending in ("", ending_of(entry, now))
            and query.draft in ("", drafts.get(entry.id))
            and (not words or _holds(entry, texts, words))
        ]
        page = fitting[query.start : query.start + query.limit]
        shown = {entry.id: uses.get(entry.id) or EntryUse() for entry in page if query.use}
        return FoundEntries(tuple(page), len(fitting), dict(counts), drafts, shown)

    async def _by_use(
        self, shop: str, use: str, entries: list[Entry], now: datetime
    ) -> tuple[list[Entry], Mapping[str, EntryUse]]:
        """Return the entries of that use, "" for all, with how they fare."""
        if not use:
            return entries, {}
        uses, idle = await self._uses.of(shop), EntryUse()
        live = [entry for entry in entries if entry.status == "published"]
        if use == "unsure":
            return [entry for entry in live if uses.get(entry.id, idle).is_unsure], uses
        young = await self._store.entries_since(shop, now - timedelta(days=DAYS))
        unused = [entry for entry in live if entry.id not in young and not uses.get(entry.id, idle).used]
        return unused, uses


def ending_of(entry: Entry, now: datetime) -> str:
    """Return "ended", "ending" within SOON, or "" for an entry that goes on, or is archived anyway."""
    until = entry.validity.until
    if until is None or entry.status == "archived" or until > now + SOON:
        return ""
    return "ended" if until <= now else "ending"


def _holds(entry: Entry, texts: dict[str, tuple[Entry, str]], ways: Iterable[str]) -> bool:
    """Whether every word of one of the ways to write them stands somewhere in what an owner reads of the entry.

    `texts` are the shop's entries as they were put together for the search before.
    """
    kept = texts.get(entry.id)
    if kept is None or kept[0] is not entry:
        said = (
            entry.id,
            entry.short_code,
            entry.question,
            *entry.phrasings,
            entry.reply,
            *entry.cases.values(),
        )
        kept = texts[entry.id] = entry, "\n".join((*said, entry.fallback)).lower()
    return any(all(word in kept[1] for word in each.split()) for each in ways)

"""The entries of the shops whose owners looked last, drafts too, brought up with the database at every look."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from bot.domain.entry import Entry
from bot.ports import EntryStore, NotFound, ShopStore

_SHOPS: Final = 8
_FOLLOWED: Final = 20
"""Up to so many changed entries are read one by one; after more of them the shop is read anew."""


@dataclass(slots=True)
class _Held:
    """One shop's entries by id, as of at least `version`."""

    version: int
    entries: dict[str, Entry]


class KnownEntries:
    """Reading ten thousand entries takes a third of a second; asking what has changed since takes a millisecond."""

    def __init__(self, shops: ShopStore, entries: EntryStore) -> None:
        self._shops = shops
        self._entries = entries
        self._held: OrderedDict[str, _Held] = OrderedDict()

    async def of(self, shop: str) -> list[Entry]:
        """Return the shop's entries of every status as they are now, by id. Raises NotFound."""
        # Taken out while it is brought up: who asks at the same moment reads for himself.
        held = self._held.pop(shop, None)
        await self._shops.get_shop(shop)
        if held is None or not await self._bring_up(shop, held):
            # The version comes first: what changes between the two is asked for again at the next look.
            version = (await self._shops.versions()).get(shop, 0)
            entries = await self._entries.list_entries(shop)
            held = _Held(version, {entry.id: entry for entry in entries})
        self._held[shop] = held
        while len(self._held) > _SHOPS:
            self._held.popitem(last=False)
        return [held.entries[name] for name in sorted(held.entries)]

    async def _bring_up(self, shop: str, held: _Held) -> bool:
        """Read what has changed; return False where that is more than reading all."""
        try:
            changes = await self._shops.entry_changes(shop, held.version)
        except NotFound:
            return False
        if len(changes) > _FOLLOWED:
            return False
        for change in changes:
            try:
                held.entries[change.id] = change.entry or await self._entries.get_entry(shop, change.id)
            except NotFound:
                held.entries.pop(change.id, None)
        return True

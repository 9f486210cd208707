"""Drafts of the entries of shops in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.entry import EntryDraft
from bot.ports import DraftChanged, NotFound

if TYPE_CHECKING:
    from bot.storage.memory import Memory


class MemoryEntryDrafts:
    """The part of the EntryStore that keeps drafts."""

    _memory: Memory

    async def find_draft(self, shop: str, entry: str) -> EntryDraft | None:
        held = self._memory.shops.get(shop)
        return held.drafts.get(entry) if held else None

    async def list_drafts(self, shop: str) -> list[EntryDraft]:
        held = self._memory.shops.get(shop)
        return [held.drafts[name] for name in sorted(held.drafts)] if held else []

    async def put_draft(self, shop: str, draft: EntryDraft, expected: int | None) -> EntryDraft:
        written = replace(draft, version=self._current(shop, draft.entry.id, expected) + 1)
        self._memory.find(shop).drafts[draft.entry.id] = written
        return written

    async def drop_draft(self, shop: str, entry: str, expected: int | None = None) -> None:
        self._current(shop, entry, expected)
        self._memory.find(shop).drafts.pop(entry, None)

    def _current(self, shop: str, entry: str, expected: int | None) -> int:
        held = self._memory.shops.get(shop)
        if held is None or entry not in held.entries:
            raise NotFound(f"there is no entry {entry} in this shop")
        draft = held.drafts.get(entry)
        current = draft.version if draft else 0
        if expected is not None and expected != current:
            raise DraftChanged(entry, current, expected)
        return current

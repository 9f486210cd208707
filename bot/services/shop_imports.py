"""Imports into one shop that can be undone: what an import changed is kept in the shop's log, all or nothing with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.domain.entry import Entry
from bot.ports import Clock, Conflict, EntryStore, Event, EventLog, NotFound, ShopStore
from bot.services.entries import EntryEditor
from bot.services.importing import (
    ImportReport,
    Tick,
    import_entries,
    import_read,
    read_entry_table,
    tell_nobody,
)

IMPORTED: Final = "entries_imported"
UNDONE: Final = "import_undone"


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing did; `kept` names the entries that were changed after the import, and stay as they are."""

    restored: int
    removed: int
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastImport:
    """The import that `undo` would take back: when, by whom (see EntryVersion), and how many entries it touched."""

    at: datetime
    author: str
    touched: int


class ShopImports:
    """Imports tables of entries, and takes the last import back. `author` is who does so (see EntryVersion)."""

    def __init__(
        self, shops: ShopStore, entries: EntryStore, editor: EntryEditor, log: EventLog, clock: Clock
    ) -> None:
        self._shops = shops
        self._entries = entries
        self._editor = editor
        self._events = log
        self._clock = clock

    async def run(
        self,
        shop: str,
        author: str,
        content: bytes,
        name: str,
        *,
        replace: bool,
        skip_bad: bool,
        tick: Tick = tell_nobody,
    ) -> ImportReport:
        """Import as `import_entries` does, and keep what is needed to undo it."""
        table = await read_entry_table(content, name)
        async with self._shops.together(shop):
            before = await self._versions(shop)
            report = await import_read(
                self._editor.signing(author), shop, table, replace=replace, skip_bad=skip_bad, tick=tick
            )  # fmt: skip
            after = await self._versions(shop)
            touched = {
                entry: [before.get(entry), after.get(entry)]
                for entry in sorted(before.keys() | after.keys())
                if before.get(entry) != after.get(entry)
            }
            if touched:
                await self._write(shop, IMPORTED, {"author": author, "touched": touched})
        return report

    async def preview(
        self, shop: str, content: bytes, name: str, *, replace: bool, skip_bad: bool, tick: Tick = tell_nobody
    ) -> ImportReport:
        """Return what `run` would do. Nothing is written."""
        return await import_entries(
            self._editor, shop, content, name, dry_run=True, replace=replace, skip_bad=skip_bad, tick=tick
        )

    async def last(self, shop: str) -> LastImport | None:
        """Return the import that can be undone, None when there is none."""
        events = await self._events.read_kinds(shop, (IMPORTED, UNDONE), 1)
        if not events or events[0].kind == UNDONE:
            return None
        data: Mapping[str, Any] = events[0].data
        return LastImport(events[0].at, data["author"], len(data["touched"]))

    async def undo(self, shop: str, author: str) -> Undoing:
        """Take back the last import, unless that was done already.

        Entries changed since then stay. Raises Conflict without an import to undo, and where a short code that would
        come back belongs to another entry now; NotFound for an unknown shop.
        """
        async with self._shops.together(shop):
            events = await self._events.read_kinds(shop, (IMPORTED, UNDONE), 1)
            if not events or events[0].kind == UNDONE:
                raise Conflict("没有可以撤销的导入。 there is no import to undo")
            current = {entry.id: entry for entry in await self._entries.list_entries(shop)}
            final, undoing = await self._undone(shop, current, events[0].data)
            _require_free_codes(final)
            await self._entries.put_entries(shop, list(final.values()), replace=True, author=author)
            await self._write(shop, UNDONE, {"author": author})
        return undoing

    async def _undone(
        self, shop: str, current: Mapping[str, Entry], data: Mapping[str, Any]
    ) -> tuple[dict[str, Entry], Undoing]:
        """Return the shop's entries as they will be."""
        final, kept, restored, removed = dict(current), [], 0, 0
        for name, (before, after) in data["touched"].items():
            now = current[name].version if name in current else None
            former = None if before is None else await self._former(shop, name, before)
            if now != after or (before is not None and former is None):
                kept.append(name)
            elif former is None:
                del final[name]
                removed += 1
            else:
                final[name] = former
                restored += 1
        return final, Undoing(restored, removed, tuple(kept))

    async def _former(self, shop: str, entry: str, version: int) -> Entry | None:
        """Return the entry as it was; None when its history is gone: what was deleted is forgotten after a week."""
        try:
            return (await self._entries.get_version(shop, entry, version)).entry
        except NotFound:
            return None

    async def _versions(self, shop: str) -> dict[str, int]:
        return {entry.id: entry.version for entry in await self._entries.list_entries(shop)}

    async def _write(self, shop: str, kind: str, data: Mapping[str, object]) -> None:
        await self._events.append(shop, [Event(kind, self._clock.now(), data=data)])


def _require_free_codes(entries: Mapping[str, Entry]) -> None:
    holders: dict[str, list[str]] = {}
    for entry in entries.values():
        if entry.short_code and entry.status != "archived":
            holders.setdefault(entry.short_code, []).append(entry.id)
    doubled: Sequence[str] = sorted(code for code, ids in holders.items() if len(ids) > 1)
    if doubled:
        raise Conflict(
            f"短码 {'、'.join(doubled[:5])} 现在属于别的条目，先改掉再撤销。 short codes that would come back belong to other "
            "entries now: change those first"
        )

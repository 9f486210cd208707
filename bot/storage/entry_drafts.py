"""What entries shall become: one draft an entry, beside it, until it is published or dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import RowMapping, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.entry import EntryDraft
from bot.ports import DraftChanged, NotFound
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.rows import entry_row, read_words

_drafts: Final = schema.entry_drafts
_entries: Final = schema.entries
_ORPHANS: Final = text(
    "DELETE FROM entry_drafts USING entries WHERE entries.status = 'deleted' "
    "AND entries.shop_id = entry_drafts.shop_id AND entries.entry_id = entry_drafts.entry_id"
)
_KEYS: Final = ("shop_id", "entry_id")


async def drop_orphans(connection: AsyncConnection) -> None:
    """Drop the drafts of the entries that were deleted: one made anew under the id is another entry."""
    await connection.execute(_ORPHANS)


class EntryDrafts:
    """The part of the EntryStore that keeps drafts."""

    _database: Database

    async def find_draft(self, shop: str, entry: str) -> EntryDraft | None:
        async with self._database.scope(shop) as connection:
            return await _find(connection, entry)

    async def list_drafts(self, shop: str) -> list[EntryDraft]:
        query = select(_drafts).order_by(_drafts.c.entry_id)
        async with self._database.scope(shop) as connection:
            return [_read(row) for row in (await connection.execute(query)).mappings()]

    async def put_draft(self, shop: str, draft: EntryDraft, expected: int | None) -> EntryDraft:
        entry = draft.entry
        async with self._database.scope(shop) as connection:
            current = await _hold(connection, entry.id, expected)
            written = replace(draft, version=current + 1)
            row = _row(shop, written)
            words = {name: value for name, value in row.items() if name not in _KEYS}
            kept = insert(_drafts).values(**row).on_conflict_do_update(index_elements=_KEYS, set_=words)
            await connection.execute(kept)
            return written

    async def drop_draft(self, shop: str, entry: str, expected: int | None = None) -> None:
        async with self._database.scope(shop) as connection:
            await _hold(connection, entry, expected)
            await connection.execute(delete(_drafts).where(_drafts.c.entry_id == entry))


async def _hold(connection: AsyncConnection, entry: str, expected: int | None) -> int:
    """Return the draft's version, 0 for none, and let nobody else write it or the entry until this is over."""
    row = select(_entries.c.entry_id).where(_entries.c.entry_id == entry, _entries.c.status != "deleted")
    if (await connection.execute(row.with_for_update())).one_or_none() is None:
        raise NotFound(f"there is no entry {entry} in this shop")
    held = await _find(connection, entry)
    current = held.version if held else 0
    if expected is not None and expected != current:
        raise DraftChanged(entry, current, expected)
    return current


async def _find(connection: AsyncConnection, entry: str) -> EntryDraft | None:
    row = (
        (await connection.execute(select(_drafts).where(_drafts.c.entry_id == entry)))
        .mappings()
        .one_or_none()
    )
    return None if row is None else _read(row)


def _row(shop: str, draft: EntryDraft) -> dict[str, Any]:
    document = {name: value for name, value in entry_row(shop, draft.entry).items() if name not in _KEYS}
    return {
        "shop_id": shop, "entry_id": draft.entry.id, "version": draft.version, "base": draft.entry.version,
        "author": draft.author, "at": draft.at, "handed_by": draft.handed_by, "handed_at": draft.handed_at,
        "note": draft.note, "document": document,
    }  # fmt: skip


def _read(row: RowMapping) -> EntryDraft:
    return EntryDraft(
        read_words(row["entry_id"], row["base"], row["document"]), row["author"], row["at"], row["version"],
        row["handed_by"], row["handed_at"], row["note"],
    )  # fmt: skip

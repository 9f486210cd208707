"""The entries of shops, in PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Update, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.entry import Entry
from bot.ports import Conflict, EntryChanged, NotFound
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.entry_drafts import EntryDrafts, drop_orphans
from bot.storage.entry_images import EntryImages
from bot.storage.entry_versions import WORDS, EntryVersions, keep_versions
from bot.storage.rows import entry_row, read_entry
from bot.storage.writing import bump_version, insert_rows, replacing

_entries: Final = schema.entries
_SHOWN_IDS: Final = 5

# What a tombstone keeps: the id and when it went. The words stay in its history, which goes with the tombstone.
_BURIED: Final = {
    "status": "deleted",
    "question": "",
    "reply": "",
    "phrasings": [],
    "cases": {},
    "fallback": "",
    "short_code": "",
    "image": "",
    "version": _entries.c.version + 1,
    "changed_at": func.now(),
}
_PRUNE: Final = text(
    "WITH gone AS (DELETE FROM entries WHERE status = 'deleted' AND changed_at < now() - interval '7 days' "
    "RETURNING changed_in) "
    "UPDATE shop_versions SET pruned_to = greatest(pruned_to, (SELECT max(changed_in) FROM gone)) "
    "WHERE shop_id = :shop AND EXISTS (SELECT 1 FROM gone)"
)
_SET_STATUS: Final = text(
    "UPDATE entries SET status = :status, version = version + 1, changed_in = :in, changed_at = now() "
    "WHERE status <> 'deleted' AND status <> :status AND entry_id = ANY (CAST(:ids AS text[]))"
)
_CHANGED: Final = " OR ".join(f'entries."{n}"::text IS DISTINCT FROM EXCLUDED."{n}"::text' for n in WORDS)
# What is written as it stands keeps its version: loading the same pack again is no edit.
_OVERWRITE: Final = replacing(_entries, version="entries.version + 1") + f" WHERE {_CHANGED}"


def duplicates(values: Iterable[str]) -> list[str]:
    """Return the values that come more than once, in order."""
    return [value for value, count in Counter(values).items() if count > 1]


def shown(ids: Sequence[str]) -> str:
    """Return some ids for a message."""
    more = f" and {len(ids) - _SHOWN_IDS} more" if len(ids) > _SHOWN_IDS else ""
    return ", ".join(ids[:_SHOWN_IDS]) + more


class PostgresEntries(EntryVersions, EntryDrafts, EntryImages):
    """The EntryStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_entries(self, shop: str) -> list[Entry]:
        """Return the entries of every status by id."""
        query = select(_entries).where(_entries.c.status != "deleted").order_by(_entries.c.entry_id)
        async with self._database.scope(shop) as connection:
            return [read_entry(row) for row in (await connection.execute(query)).mappings()]

    async def get_entry(self, shop: str, entry: str) -> Entry:
        async with self._database.scope(shop) as connection:
            return await _find(connection, entry)

    async def put_entries(
        self,
        shop: str,
        entries: Sequence[Entry],
        *,
        replace: bool = False,
        only_new: bool = False,
        author: str = "",
    ) -> None:
        ids = [entry.id for entry in entries]
        if twice := duplicates(ids):
            raise Conflict(f"entries are given twice: {shown(twice)}")
        async with self._database.scope(shop) as connection:
            changed_in = await bump_version(connection, shop)
            if only_new:
                await _refuse_existing(connection, ids)
            if replace:
                others = text("entry_id <> ALL (CAST(:kept AS text[]))").bindparams(kept=ids)
                await connection.execute(_bury(changed_in).where(others))
                await drop_orphans(connection)
                await connection.execute(_PRUNE, {"shop": shop})
            now = (await connection.execute(text("SELECT now()"))).scalar_one().isoformat()
            marks = {"version": 1, "changed_in": changed_in, "changed_at": now}
            rows = [{**entry_row(shop, entry), **marks} for entry in entries]
            await insert_rows(connection, _entries.name, rows, on_conflict=_OVERWRITE)
            await keep_versions(connection, changed_in, author)

    async def update_entry(
        self, shop: str, entry: Entry, expected_version: int | None, *, author: str = "", drafted_by: str = ""
    ) -> Entry:
        async with self._database.scope(shop) as connection:
            changed_in = await bump_version(connection, shop)
            current = await _find(connection, entry.id)
            if expected_version is not None and current.version != expected_version:
                raise EntryChanged(entry.id, current.version, expected_version)
            values = {k: v for k, v in entry_row(shop, entry).items() if k not in ("shop_id", "entry_id")}
            changed = (
                update(_entries)
                .where(_entries.c.entry_id == entry.id)
                .values(**values, version=current.version + 1, changed_in=changed_in, changed_at=func.now())
            )
            await connection.execute(changed)
            await keep_versions(connection, changed_in, author, drafted_by)
            return await _find(connection, entry.id)

    async def set_status(self, shop: str, entries: Sequence[str], status: str, *, author: str = "") -> int:
        async with self._database.scope(shop) as connection:
            changed_in = await bump_version(connection, shop)
            there = await _existing(connection, entries)
            if missing := [entry for entry in entries if entry not in there]:
                raise NotFound(f"there are no such entries in this shop: {shown(missing)}")
            changed = await connection.execute(
                _SET_STATUS, {"status": status, "in": changed_in, "ids": list(entries)}
            )
            await keep_versions(connection, changed_in, author)
            return changed.rowcount

    async def delete_entry(self, shop: str, entry: str, *, author: str = "") -> None:
        async with self._database.scope(shop) as connection:
            changed_in = await bump_version(connection, shop)
            await _find(connection, entry)
            await connection.execute(_bury(changed_in).where(_entries.c.entry_id == entry))
            await drop_orphans(connection)
            await keep_versions(connection, changed_in, author)


def _bury(changed_in: int) -> Update:
    return update(_entries).where(_entries.c.status != "deleted").values(**_BURIED, changed_in=changed_in)


async def _find(connection: AsyncConnection, entry: str) -> Entry:
    query = select(_entries).where(_entries.c.entry_id == entry, _entries.c.status != "deleted")
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no entry {entry} in this shop")
    return read_entry(row)


async def _existing(connection: AsyncConnection, ids: Sequence[str]) -> set[str]:
    query = text(
        "SELECT entry_id FROM entries WHERE status <> 'deleted' AND entry_id = ANY (CAST(:ids AS text[]))"
    )
    return set((await connection.scalars(query, {"ids": list(ids)})).all())


async def _refuse_existing(connection: AsyncConnection, ids: Sequence[str]) -> None:
    if found := await _existing(connection, ids):
        raise Conflict(f"entries exist already: {shown([i for i in ids if i in found])}")

"""What entries were before, by whom and when: added to with every write of an entry, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.entry import EntryVersion
from bot.ports import NotFound
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.rows import read_words

_versions: Final = schema.entry_versions
_MARKS: Final = ("shop_id", "entry_id", "version", "changed_in", "changed_at")
WORDS: Final = tuple(column.name for column in schema.entries.columns if column.name not in _MARKS)
"""The columns of an entry that people write."""

_DOCUMENT: Final = ", ".join(f"'{name}', \"{name}\"" for name in WORDS)
_KEEP: Final = text(  # built from the schema's own names
    "INSERT INTO entry_versions (shop_id, entry_id, version, at, author, drafted_by, document) "  # noqa: S608
    "SELECT shop_id, entry_id, version, changed_at, :author, :drafted_by, "
    f"CASE WHEN status = 'deleted' THEN NULL ELSE json_build_object({_DOCUMENT}) END "
    "FROM entries WHERE changed_in = :changed_in"
)


async def keep_versions(
    connection: AsyncConnection, changed_in: int, author: str, drafted_by: str = ""
) -> None:
    """Keep every entry that the shop's version `changed_in` has changed."""
    values = {"changed_in": changed_in, "author": author, "drafted_by": drafted_by}
    await connection.execute(_KEEP, values)


class EntryVersions:
    """The part of the EntryStore that reads history."""

    _database: Database

    async def list_versions(
        self, shop: str, entry: str, limit: int, before: int | None = None
    ) -> list[EntryVersion]:
        query = select(_versions).where(_versions.c.entry_id == entry)
        if before is not None:
            query = query.where(_versions.c.version < before)
        query = query.order_by(_versions.c.version.desc()).limit(limit)
        async with self._database.scope(shop) as connection:
            found = [_read(row) for row in (await connection.execute(query)).mappings()]
        if not found and before is None:
            raise NotFound(f"there is no entry {entry} in this shop")
        return found

    async def entries_since(self, shop: str, since: datetime) -> set[str]:
        query = select(_versions.c.entry_id).where(_versions.c.version == 1, _versions.c.at >= since)
        async with self._database.scope(shop) as connection:
            return set((await connection.scalars(query)).all())

    async def get_version(self, shop: str, entry: str, version: int) -> EntryVersion:
        query = select(_versions).where(_versions.c.entry_id == entry, _versions.c.version == version)
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no version {version} of entry {entry} in this shop")
        return _read(row)


def _read(row: RowMapping) -> EntryVersion:
    document: dict[str, Any] | None = row["document"]
    entry = None if document is None else read_words(row["entry_id"], row["version"], document)
    return EntryVersion(row["entry_id"], row["version"], row["at"], row["author"], entry, row["drafted_by"])

"""Whole installations to one file and back.

Not by pg_dump: row-level security hides the rows from the tables' owner too, its files depend on the server's version and on
the names of roles, and a file of our own can be checked whole before anything is touched. Rows are read and written in the
scope of their own shop: the database itself refuses one that belongs to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.archive import Archive, ArchiveWriter, BackupRefused, Manifest, open_archive, write_archive
from bot.storage.cluster import APP_ROLE
from bot.storage.connecting import connect, make_engine, translated_errors
from bot.storage.migration import (
    bring_to,
    current_revision,
    grant_rights,
    head_revision,
    known_revisions,
    lock_tables,
)
from bot.storage.schema import CONTROL_TABLES, TENANT_TABLES
from bot.storage.writing import ROWS_AT_ONCE, announce, insert_rows

_SHOP_FOLDER: Final = "shops/"
_CONTROL_FOLDER: Final = "control/"
_SET_SHOP: Final = "SELECT set_config('kuaihui.shop', $1, true)"
_REFUSALS: Final = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.UndefinedColumnError,
)
_FEEDS_OF_ALL: Final = text(
    "INSERT INTO feed_numbers (shop_id, number) SELECT shop_id, 0 FROM shop_versions WHERE NOT deleted ON CONFLICT DO NOTHING"
)
_TENANT_NAMES: Final = tuple(table.name for table in TENANT_TABLES)
_CONTROL_NAMES: Final = tuple(table.name for table in CONTROL_TABLES)
_PASSING: Final = frozenset(
    (
        "sign_in_sessions", "sign_in_attempts", "presences", "held_messages", "held_dues", "feed",
        "auto_dues", "auto_send_dues", "auto_rating_dues", "delivery_dues",
    )
)  # fmt: skip
"""What is true for this moment only, and left out: a session that was revoked since must not come back, a message that waited
for its five seconds must not be sent days later. Of the feed only its numbers are kept: open pages begin anew."""
_KEPT: Final = {"auto_messages": "state <> 'waiting'"}
"""The rows that are kept of a table, where some of them are passing too."""
_WRITTEN_AS: Final = {
    "deliveries": "(SELECT shop_id, conversation_id, position, channel_id, key, at, due_at, number, author, status,"
    " CASE state WHEN 'waiting' THEN 'dead' ELSE state END AS state, attempts,"
    " CASE state WHEN 'waiting' THEN '恢复备份前未送达。 it had not been delivered when the backup was made' ELSE error END"
    " AS error, external_id, settled_at FROM deliveries)"
}
"""Tables that are written otherwise than they are: what was on its way is not sent days later, but seen, and sent by hand."""
_LARGE: Final = frozenset(("conversation_images", "entry_images"))
_LARGE_AT_ONCE: Final = 4
_BATCH_CHARACTERS: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup holds."""

    shops: int
    rows: int
    created_at: str


async def backup(dsn: str, path: Path) -> BackupSummary:
    """Write the whole installation, as it is at one moment, to `path`; others may go on working.

    The application's address is enough. Raises BackupRefused, StoreUnavailable.
    """
    manifest = Manifest(head_revision(), datetime.now(UTC).isoformat(timespec="seconds"))
    with translated_errors():
        connection = await connect(dsn)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await _check_revision(connection)
                with write_archive(path, manifest) as archive:
                    shops, rows = await _write_shops(connection, archive)
                    rows += await _write_control_tables(connection, archive)
        finally:
            await connection.close()
    return BackupSummary(shops, rows, manifest.created_at)


async def _check_revision(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    there = await connection.fetchval("SELECT to_regclass('alembic_version')")
    revision = await connection.fetchval("SELECT version_num FROM alembic_version") if there else None
    if revision != head_revision():
        raise BackupRefused(
            f"the database's tables are at revision {revision or 'none'}, not {head_revision()}: start `kuaihui serve` once, "
            f"or back up with the Kuaihui that runs on them"
        )


async def _write_shops(
    connection: asyncpg.Connection[asyncpg.Record], archive: ArchiveWriter
) -> tuple[int, int]:
    shops = await connection.fetch("SELECT shop_id FROM shop_versions WHERE NOT deleted ORDER BY shop_id")
    rows = 0
    for shop in (row["shop_id"] for row in shops):
        await connection.execute(_SET_SHOP, shop)
        with archive.member(f"{_SHOP_FOLDER}{shop}.jsonl") as member:
            for table in (name for name in _TENANT_NAMES if name not in _PASSING):
                at_once = _LARGE_AT_ONCE if table in _LARGE else ROWS_AT_ONCE
                async for row in connection.cursor(_rows_of(table), prefetch=at_once):
                    member.line(_line(table, row[0]))
                    rows += 1
    return len(shops), rows


async def _write_control_tables(
    connection: asyncpg.Connection[asyncpg.Record], archive: ArchiveWriter
) -> int:
    rows = 0
    for table in (name for name in _CONTROL_NAMES if name not in _PASSING):
        with archive.member(f"{_CONTROL_FOLDER}{table}.jsonl") as member:
            async for row in connection.cursor(_rows_of(table), prefetch=ROWS_AT_ONCE):
                member.line(_line(table, row[0]))
                rows += 1
    return rows


def _rows_of(table: str) -> str:
    kept = f" WHERE {_KEPT[table]}" if table in _KEPT else ""
    return f"SELECT to_json(t)::text FROM {_WRITTEN_AS.get(table, table)} AS t{kept}"  # noqa: S608 - words of our own


def _line(table: str, row: str) -> str:
    # A json column keeps the line breaks it was written with; outside strings, where they are escaped, a space does as well.
    return f'{{"table":"{table}","row":{row}}}'.replace("\n", " ")


async def restore(
    owner_dsn: str, path: Path, *, overwrite: bool = False, app_role: str = APP_ROLE
) -> BackupSummary:
    """Put a backup into a database without shops, or with `overwrite` in place of what it holds. All or nothing.

    Processes that run see every shop changed. Raises BackupRefused, StoreUnavailable.
    """
    with open_archive(path) as archive:
        revision = archive.manifest.revision
        if revision not in known_revisions():
            raise BackupRefused(
                f"{path} was made by a newer Kuaihui (tables of revision {revision}): restore with that"
            )
        engine = make_engine(owner_dsn, pool_size=1, statement_seconds=0)
        try:
            with translated_errors():
                async with engine.begin() as connection:
                    await lock_tables(connection)
                    return await _replace_everything(
                        connection, archive, overwrite=overwrite, app_role=app_role
                    )
        finally:
            await engine.dispose()


async def _replace_everything(
    connection: AsyncConnection, archive: Archive, *, overwrite: bool, app_role: str
) -> BackupSummary:
    revision = archive.manifest.revision
    current = await current_revision(connection)
    before = await _versions(connection) if current is not None else {}
    told = await _highest(connection, "feed_numbers", "number")
    accounts = await _highest(connection, "accounts", "version")
    if before and not overwrite:
        raise BackupRefused(
            f"the database holds {len(before)} shops (deleted ones counted): restore into an empty one, or ask to overwrite"
        )
    tables = ", ".join((*_TENANT_NAMES, *_CONTROL_NAMES))
    if current == revision:
        await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    else:
        await connection.execute(text(f"DROP TABLE IF EXISTS {tables}, alembic_version"))
        await bring_to(connection, revision)
    try:
        shops, rows = await _load(connection, archive)
    except DBAPIError as error:
        if isinstance(error.orig.__cause__ if error.orig else None, _REFUSALS):
            raise BackupRefused("the backup holds a row that does not fit its shop or its table") from None
        raise
    await bring_to(connection, "head")
    await grant_rights(connection, app_role)
    await _raise_versions(connection, before)
    # Open pages hold numbers of the feeds that were; above them they notice that they must begin anew.
    await connection.execute(_FEEDS_OF_ALL)
    await connection.execute(text("UPDATE feed_numbers SET number = number + :told + 1"), {"told": told})
    # The same of rights: whoever compares versions must see that they are others, and look.
    await connection.execute(text("UPDATE accounts SET version = version + :most"), {"most": accounts})
    return BackupSummary(shops, rows, archive.manifest.created_at)


async def _versions(connection: AsyncConnection) -> dict[str, int]:
    rows = await connection.execute(text("SELECT shop_id, version FROM shop_versions"))
    return {row.shop_id: row.version for row in rows}


async def _highest(connection: AsyncConnection, table: str, column: str) -> int:
    """Return the highest number of a table that earlier revisions do not have."""
    if await connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
        return 0
    return int(await connection.scalar(text(f"SELECT coalesce(max({column}), 0) FROM {table}")) or 0)  # noqa: S608


async def _load(connection: AsyncConnection, archive: Archive) -> tuple[int, int]:
    shops = rows = last_event = 0
    # Shops first: a token's shop must be there before it. The rest as written.
    for member in sorted(archive.members, key=lambda name: not name.startswith(_SHOP_FOLDER)):
        is_shop = member.startswith(_SHOP_FOLDER)
        shops += is_shop
        shop = member.removeprefix(_SHOP_FOLDER).removesuffix(".jsonl") if is_shop else ""
        await connection.execute(text("SELECT set_config('kuaihui.shop', :shop, true)"), {"shop": shop})
        for table, some in _batches(archive, member, _TENANT_NAMES if is_shop else _CONTROL_NAMES):
            await insert_rows(connection, table, some, identity=table == "events")
            rows += len(some)
            if table == "events":
                last_event = max(last_event, *(row["event_id"] for row in some))
    if last_event:
        setval = text("SELECT setval(pg_get_serial_sequence('events', 'event_id'), :last)")
        await connection.execute(setval, {"last": last_event})
    return shops, rows


def _batches(
    archive: Archive, member: str, tables: tuple[str, ...]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the rows of a member in batches of one table each."""
    table, size = "", 0
    batch: list[dict[str, Any]] = []
    for line in archive.lines(member):
        row = line.get("row")
        if (
            line.get("table") not in tables
            or not isinstance(row, dict)
            or not all(map(str.isidentifier, row))
        ):
            raise BackupRefused(
                f"{member} in the backup holds something else than rows of {', '.join(tables)}"
            )
        if batch and (line["table"] != table or len(batch) >= ROWS_AT_ONCE or size >= _BATCH_CHARACTERS):
            yield table, batch
            batch, size = [], 0
        table = line["table"]
        batch.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str))
    if batch:
        yield table, batch


async def _raise_versions(connection: AsyncConnection, before: dict[str, int]) -> None:
    """Make every shop's version higher than any that a running process may hold, and tell them all."""
    highest = max(before.values(), default=0)
    await connection.execute(
        text(
            "INSERT INTO shop_versions (shop_id, version, deleted) SELECT shop_id, 1, true "
            "FROM unnest(CAST(:shops AS text[])) AS shop_id ON CONFLICT DO NOTHING"
        ),
        {"shops": list(before)},
    )
    await connection.execute(
        text("UPDATE shop_versions SET version = version + :highest, pruned_to = version + :highest"),
        {"highest": highest},
    )
    for shop, version in (await _versions(connection)).items():
        await announce(connection, shop, version)

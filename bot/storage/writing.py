"""Writing many rows in few statements, and telling every process that a shop has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import NotFound
from bot.storage.connecting import to_json
from bot.storage.rows import JsonRow

CHANNEL: Final = "kuaihui_shops"
ROWS_AT_ONCE: Final = 1000

_BUMP: Final = text(
    "UPDATE shop_versions SET version = version + 1 WHERE shop_id = :shop AND NOT deleted RETURNING version"
)
_NOTIFY: Final = text("SELECT pg_notify(:channel, :payload)")


async def bump_version(connection: AsyncConnection, shop: str) -> int:
    """Raise the shop's version and tell the workers when the transaction commits. Raises NotFound.

    The first statement of every write: its row lock lets one writer of a shop go at a time, so that versions are
    committed in their order.
    """
    version: int | None = await connection.scalar(_BUMP, {"shop": shop})
    if version is None:
        raise NotFound(f"there is no shop {shop}")
    await announce(connection, shop, version)
    return version


async def announce(connection: AsyncConnection, shop: str, version: int) -> None:
    """Tell every listener, when the transaction commits. Notifications ignore row-level security: nothing else goes in."""
    await connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": f"{shop} {version}"})


async def insert_rows(
    connection: AsyncConnection,
    table: str,
    rows: Sequence[JsonRow],
    *,
    on_conflict: str = "",
    identity: bool = False,
) -> None:
    """Insert rows given as JSON values by column, all with the same columns. (COPY does not go with row-level security.)"""
    if not rows:
        return
    columns = ", ".join(f'"{name}"' for name in rows[0])
    overriding = "OVERRIDING SYSTEM VALUE " if identity else ""
    statement = text(  # built from the schema's own names
        f"INSERT INTO {table} ({columns}) {overriding}SELECT {columns} "  # noqa: S608
        f"FROM json_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS json)) {on_conflict}"
    )
    for some in _chunks(rows):
        await connection.execute(statement, {"rows": to_json(some)})


def replacing(table: Table, **instead: str) -> str:
    """Return the ON CONFLICT clause that overwrites the row of the same key; `instead` gives a column's SQL of its own."""
    key = [column.name for column in table.primary_key]
    others = [column.name for column in table.columns if column.name not in key]
    sets = ", ".join(f'"{name}" = ' + instead.get(name, f'EXCLUDED."{name}"') for name in others)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"


def _chunks(rows: Sequence[JsonRow]) -> Iterator[Sequence[JsonRow]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]

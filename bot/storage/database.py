"""Connections scoped to one shop. Row-level security hides every other shop's rows; this refuses to work without it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

import asyncpg
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import StoreUnavailable
from bot.storage import connecting
from bot.storage.connecting import make_engine, translated_errors
from bot.storage.migration import current_revision, head_revision
from bot.storage.schema import TENANT_TABLES

log = logging.getLogger(__name__)

_ATTEMPTS: Final = 4
_PAUSE: Final = 0.15
_SCOPE: Final = text("SELECT set_config('kuaihui.shop', :shop, true)")
_SHOPS_SCOPE: Final = text("SELECT set_config('kuaihui.shops', :shops, true)")

# The transaction that `together` opened in this task, with its shop.
_TOGETHER: ContextVar[tuple[str, AsyncConnection] | None] = ContextVar("together", default=None)

_BYPASS: Final = text(
    "SELECT current_user, "
    "bool_or(rolsuper) AS superuser, bool_or(rolbypassrls) AS bypassrls "
    "FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')"
)
_TABLES: Final = text(
    "SELECT relname, pg_has_role(current_user, relowner, 'MEMBER') AS owned, "
    "relrowsecurity AND relforcerowsecurity AS guarded "
    "FROM pg_class WHERE relkind = 'r' AND oid = ANY (SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name)"
)


class UnscopedAccess(RuntimeError):
    """A shop's data was asked for without naming the shop: a mistake in the program, never answered with rows."""


class UnsafeDatabase(StoreUnavailable):
    """The database would not keep shops apart, or has other tables than this program; the message says what to do."""


class Database:
    """A pool of connections as the application's role. `start` before use, `close` after."""

    def __init__(self, dsn: str, *, pool_size: int = 10, statement_seconds: float = 30.0) -> None:
        self.dsn = dsn
        self._engine = make_engine(dsn, pool_size=pool_size, statement_seconds=statement_seconds)

    async def start(self, *, patience: float = 10.0) -> None:
        """Connect, trying again for `patience` seconds, and check that the database keeps shops apart.

        Raises StoreUnavailable, UnsafeDatabase.
        """
        try:
            await self._connect(patience)
        except BaseException:
            await self.close()
            raise

    async def _connect(self, patience: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        pause = _PAUSE
        while True:
            try:
                await self.check()
                return
            except UnsafeDatabase:
                raise
            except StoreUnavailable as error:
                if loop.time() + pause > deadline:
                    raise
                log.warning("%s; trying again in %.1f s", error, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)

    async def close(self) -> None:
        await self._engine.dispose()

    async def check(self) -> None:
        """Refuse a role or tables under which one shop could see another. Raises UnsafeDatabase, StoreUnavailable."""
        async with self.unscoped() as connection:
            role = (await connection.execute(_BYPASS)).one()
            if role.superuser or role.bypassrls:
                why = "is a superuser" if role.superuser else "has BYPASSRLS"
                raise UnsafeDatabase(
                    f"the database role {role.current_user} {why} (itself or through a role it belongs to), so it would see "
                    f"every shop's rows: put a role made with NOSUPERUSER NOBYPASSRLS into KUAIHUI_DATABASE_URL"
                )
            names = [table.name for table in TENANT_TABLES]
            rows = (await connection.execute(_TABLES, {"names": names})).all()
            if any(row.owned for row in rows):
                raise UnsafeDatabase(
                    f"the database role {role.current_user} owns the tables, so it could switch row-level security off: "
                    f"keep it for KUAIHUI_MIGRATION_URL and put another role into KUAIHUI_DATABASE_URL"
                )
            revision = await current_revision(connection)
            if revision != head_revision() or len(rows) != len(names):
                raise UnsafeDatabase(
                    f"the database's tables are at revision {revision or 'none'}, and this Kuaihui works with "
                    f"{head_revision()}: run `kuaihui serve` with KUAIHUI_MIGRATION_URL set to the tables' owner"
                )
            if open_tables := sorted(row.relname for row in rows if not row.guarded):
                raise UnsafeDatabase(
                    f"row-level security is off for {', '.join(open_tables)}: as the tables' owner run ALTER TABLE … ENABLE "
                    f"ROW LEVEL SECURITY and ALTER TABLE … FORCE ROW LEVEL SECURITY for each"
                )

    @asynccontextmanager
    async def scope(self, shop: str, *, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        """Give a transaction that sees and writes the rows of `shop` only; committed when the block ends well.

        With `snapshot` all its statements read the same moment. Raises UnscopedAccess, and the errors of the ports.
        """
        if not shop:
            raise UnscopedAccess("a shop's data was asked for without naming the shop")
        if "\0" in shop:
            raise connecting.UnstorableText
        outer = _TOGETHER.get()
        if outer is not None:
            if outer[0] != shop:
                raise UnscopedAccess("writes of two shops cannot be one transaction")
            yield outer[1]
            return
        async with self._transaction(_SCOPE, {"shop": shop}, snapshot=snapshot) as connection:
            yield connection

    @asynccontextmanager
    async def together(self, shop: str) -> AsyncIterator[None]:
        """Make one transaction of every `scope(shop)` of this task within the block; any other shop's is refused.

        A block within a block is undone by itself when it fails: whoever stands around it may try again.
        """
        async with self.scope(shop) as connection:
            if _TOGETHER.get() is not None:
                async with connection.begin_nested():
                    yield
                return
            token = _TOGETHER.set((shop, connection))
            try:
                yield
            finally:
                _TOGETHER.reset(token)

    @asynccontextmanager
    async def named_shops(self, shops: Sequence[str]) -> AsyncIterator[AsyncConnection]:
        """Give a transaction that may read, for the shops named, the table `shops` and what a queue and a search need.

        Nothing else of them is seen (see `READ_TOGETHER`), no other shop's data at all, and nothing is written.
        """
        named = ",".join(shop for shop in shops if shop and "," not in shop and "\0" not in shop)
        async with self._transaction(_SHOPS_SCOPE, {"shops": named}) as connection:
            yield connection

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[AsyncConnection]:
        """Give a transaction that sees no shop's rows: for the control tables."""
        async with self._transaction(text("SELECT 1"), {}) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(
        self, opening: TextClause, values: dict[str, str], *, snapshot: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        with translated_errors():
            connection = await self._open(opening, values, snapshot=snapshot)
            try:
                yield connection
                await connection.commit()
            finally:
                await connection.close()

    async def _open(self, opening: TextClause, values: dict[str, str], *, snapshot: bool) -> AsyncConnection:
        """Begin a transaction with its first statement. A pool left over from before a restart is found out here."""
        for attempt in range(1, _ATTEMPTS + 1):
            connection: AsyncConnection | None = None
            try:
                connection = await self._engine.connect()
                if snapshot:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                await connection.execute(opening, values)
                return connection
            except PoolTimeout:
                raise StoreUnavailable("every database connection is busy: try again in a moment") from None
            except (DBAPIError, StoreUnavailable, asyncpg.InterfaceError) as error:
                if connection is not None:
                    await connection.close()
                lost = not isinstance(error, DBAPIError) or error.connection_invalidated
                if not lost or attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(_PAUSE * attempt)
            except BaseException:
                if connection is not None:
                    await connection.close()
                raise
        raise AssertionError("unreachable")

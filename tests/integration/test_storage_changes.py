"""Changes reach every process; many rows go at once; the tables are those of the schema."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from bot.domain.shop import Shop
from bot.ports import NotFound, StoreUnavailable
from bot.storage.connecting import make_engine
from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.entries import PostgresEntries
from bot.storage.facts import PostgresFacts
from bot.storage.migration import MigrationRefused, migrate
from bot.storage.schema import metadata
from bot.storage.shops import PostgresShops
from bot.storage.vectors import PostgresVectors
from bot.storage.watching import watch_versions
from tests.contract.store_contract import FACT, an_entry, unused_id


@pytest.fixture
async def shop(database: Database) -> str:
    shop = f"changes-{unused_id()}"
    await PostgresShops(database).put_shop(Shop(shop, "店"))
    return shop


async def next_of(watch: AsyncIterator[tuple[str, int]], shop: str) -> int:
    async for changed, version in watch:
        if changed == shop:
            return version
    raise AssertionError("the watcher ended")


def test_the_migrations_make_the_tables_of_the_schema(postgres: EmbeddedPostgres) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async def compare() -> list[object]:
        engine = make_engine(postgres.owner_dsn, pool_size=1, statement_seconds=0)
        async with engine.connect() as connection:
            found = await connection.run_sync(differences)
        await engine.dispose()
        return found

    assert asyncio.run(compare()) == []


async def test_migrating_twice_at_once_and_again_changes_nothing(postgres: EmbeddedPostgres) -> None:
    await asyncio.gather(*(migrate(postgres.owner_dsn) for _ in range(3)))


async def test_tables_of_a_newer_program_are_refused(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.owner_dsn)
    revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    try:
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(MigrationRefused, match="newer"):
            await migrate(postgres.owner_dsn)
    finally:
        await connection.execute("UPDATE alembic_version SET version_num = $1", revision)
        await connection.close()


async def test_a_change_is_heard_in_another_process_at_once(
    postgres: EmbeddedPostgres, database: Database, shop: str
) -> None:
    watch = watch_versions(postgres.app_dsn, compare_seconds=3600)
    first = await next_of(watch, shop)
    await PostgresFacts(database).put_facts(shop, [FACT])
    assert await next_of(watch, shop) == first + 1
    await watch.aclose()  # type: ignore[attr-defined]


async def test_a_change_missed_while_the_connection_was_lost_is_found(
    postgres: EmbeddedPostgres, database: Database, shop: str
) -> None:
    watch = watch_versions(postgres.app_dsn, compare_seconds=3600)
    first = await next_of(watch, shop)
    connection = await asyncpg.connect(postgres.owner_dsn.replace("kuaihui_owner", "postgres"))
    # Rows written without a notification are as good as a notification lost.
    await connection.execute("UPDATE shop_versions SET version = version + 1 WHERE shop_id = $1", shop)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LISTEN%' AND pid <> pg_backend_pid() "
        "OR query LIKE 'SELECT shop_id, version FROM shop_versions' AND pid <> pg_backend_pid()"
    )
    await connection.close()
    assert await next_of(watch, shop) == first + 1
    await watch.aclose()  # type: ignore[attr-defined]


async def test_a_lost_notification_is_made_good_by_comparing(
    postgres: EmbeddedPostgres, database: Database, shop: str
) -> None:
    watch = watch_versions(postgres.app_dsn, compare_seconds=0.05)
    first = await next_of(watch, shop)
    async with database.unscoped() as connection:
        await connection.exec_driver_sql("UPDATE shop_versions SET version = version + 1")
    assert await next_of(watch, shop) == first + 1
    await watch.aclose()  # type: ignore[attr-defined]


async def test_writers_of_one_shop_take_turns(database: Database, shop: str) -> None:
    entries = PostgresEntries(database)
    before = (await PostgresShops(database).versions())[shop]
    await asyncio.gather(*(entries.put_entries(shop, [an_entry(f"e{n}")]) for n in range(30)))
    assert (await PostgresShops(database).versions())[shop] == before + 30
    assert len(await PostgresShops(database).entry_changes(shop, before)) == 30
    assert len(await PostgresShops(database).entry_changes(shop, before + 29)) == 1


async def test_many_entries_and_vectors_go_at_once(database: Database, shop: str) -> None:
    phrasings = [tuple(f"第{n}条的第{k}种问法" for k in range(5)) for n in range(10_000)]
    entries = [an_entry(f"e{n:05}", phrasings=texts) for n, texts in enumerate(phrasings)]
    await PostgresEntries(database).put_entries(shop, entries)
    assert len((await PostgresShops(database).load_snapshot(shop)).entries) == 10_000
    matrix = np.random.default_rng(7).normal(size=(50_000, 64)).astype(np.float32)
    texts = [text for some in phrasings for text in some]
    vectors = PostgresVectors(database)
    await vectors.put_vectors(shop, "model", dict(zip(texts, matrix, strict=True)))
    loaded = await vectors.load_vectors(shop, "model")
    assert len(loaded) == 50_000
    assert np.array_equal(loaded[texts[123]], matrix[123])


async def test_changes_older_than_the_tombstones_kept_ask_for_a_new_load(
    postgres: EmbeddedPostgres, database: Database, shop: str
) -> None:
    entries, shops = PostgresEntries(database), PostgresShops(database)
    await entries.put_entries(shop, [an_entry("a"), an_entry("b")])
    since = (await shops.versions())[shop]
    await entries.delete_entry(shop, "a")
    async with database.scope(shop) as connection:
        await connection.exec_driver_sql("UPDATE entries SET changed_at = now() - interval '8 days'")
    await entries.put_entries(shop, [an_entry("b", reply="新")], replace=True)
    with pytest.raises(NotFound, match="load it anew"):
        await shops.entry_changes(shop, since)
    assert [change.id for change in await shops.entry_changes(shop, since + 1)] == ["b"]
    with pytest.raises(NotFound):
        await entries.list_versions(shop, "a", 10)
    await entries.put_entries(shop, [an_entry("a")])
    assert [kept.version for kept in await entries.list_versions(shop, "a", 10)] == [1]


async def test_an_unreachable_database_says_what_to_check_and_keeps_the_password() -> None:
    database = Database("postgresql://kuaihui_app:geheim@127.0.0.1:1/kuaihui")
    with pytest.raises(StoreUnavailable, match="KUAIHUI_DATABASE_URL") as failure:
        await database.start(patience=0)
    assert "geheim" not in str(failure.value)
    await database.close()


async def test_a_statement_that_takes_too_long_is_ended(postgres: EmbeddedPostgres) -> None:
    database = Database(postgres.app_dsn, statement_seconds=0.05)
    with pytest.raises(StoreUnavailable, match="too long"):
        async with database.unscoped() as connection:
            await connection.exec_driver_sql("SELECT pg_sleep(20)")
    await database.close()

"""The database keeps shops apart even where the program would not."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy import text

from bot.domain.shop import Shop
from bot.ports import Conflict, NotFound, StoreUnavailable
from bot.storage.connecting import UnstorableText
from bot.storage.database import Database, UnsafeDatabase, UnscopedAccess
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.entries import PostgresEntries
from bot.storage.facts import PostgresFacts
from bot.storage.migration import MigrationRefused, migrate
from bot.storage.schema import CONTROL_TABLES, TENANT_TABLES, metadata
from bot.storage.schema import shops as shops_table
from bot.storage.schema_conversations import READ_TOGETHER
from bot.storage.shops import PostgresShops
from tests.contract.store_contract import NOW, a_product, an_entry

SUPERUSER = "postgres"


def as_superuser(postgres: EmbeddedPostgres, database: str = "kuaihui") -> str:
    """Return an address that no part of the program uses."""
    return postgres.app_dsn.replace("kuaihui_app@/kuaihui", f"{SUPERUSER}@/{database}")


@pytest.fixture
async def two_shops(database: Database) -> tuple[str, str]:
    """Two shops with alike entries and products."""
    shops, entries, facts = PostgresShops(database), PostgresEntries(database), PostgresFacts(database)
    for shop in ("left", "right"):
        await shops.put_shop(Shop(shop, shop))
        await entries.put_entries(shop, [an_entry("same", reply=f"{shop} reply")], replace=True)
        await facts.put_products(shop, [a_product(f"{shop}-product", f"{shop}-sku")], replace=True)
    return "left", "right"


async def test_every_table_of_a_shop_is_guarded_and_its_key_begins_with_the_shop(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    connection = await asyncpg.connect(postgres.owner_dsn)
    rows = await connection.fetch(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS guarded, "
        "(SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
        " WHERE indrelid = c.oid AND indisprimary) AS first_key FROM pg_class AS c "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
    )
    await connection.close()
    assert {row["relname"] for row in rows} == set(metadata.tables)
    tenants = {table.name for table in TENANT_TABLES}
    assert {row["relname"] for row in rows if row["guarded"]} == tenants
    assert all(row["first_key"] == "shop_id" for row in rows if row["relname"] in tenants)
    assert {row["relname"] for row in rows} - tenants == {table.name for table in CONTROL_TABLES}


async def test_rows_are_opened_by_two_rules_alone_and_what_runs_as_the_owner_is_named(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    connection = await asyncpg.connect(postgres.owner_dsn)
    rules = await connection.fetch("SELECT tablename, policyname, cmd FROM pg_policies")
    functions = await connection.fetch(
        "SELECT proname, proconfig, EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0) AS for_all FROM pg_proc "
        "WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    may_make = await connection.fetchval("SELECT has_schema_privilege('kuaihui_app', 'public', 'CREATE')")
    await connection.close()
    everything = {(table.name, "one_shop", "ALL") for table in TENANT_TABLES}
    together = {(table.name, "named_shops", "SELECT") for table in (*READ_TOGETHER, shops_table)}
    assert {tuple(row) for row in rules} == everything | together
    assert {row["proname"] for row in functions} == {"forget_events_of", "forget_events_between"}
    for row in functions:
        assert row["proconfig"] == ["search_path=public, pg_temp"]
        assert not row["for_all"]
    assert not may_make


async def test_without_a_scope_no_row_is_seen_or_written(
    database: Database, two_shops: tuple[str, str]
) -> None:
    async with database.unscoped() as connection:
        for table in TENANT_TABLES:
            assert await connection.scalar(text(f"SELECT count(*) FROM {table.name}")) == 0
        changed = await connection.execute(text("UPDATE entries SET reply = 'x'"))
        assert changed.rowcount == 0
    with pytest.raises(StoreUnavailable):
        async with database.unscoped() as connection:
            await connection.execute(
                text("INSERT INTO shop_facts VALUES ('left', 'a', 'b', 'c', 'd', now())")
            )


async def test_a_scope_does_not_outlive_its_transaction(
    database: Database, two_shops: tuple[str, str]
) -> None:
    for _ in range(12):
        async with database.scope("left") as connection:
            assert await connection.scalar(text("SELECT count(*) FROM entries")) == 1
        async with database.unscoped() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM entries")) == 0


async def test_a_worker_without_a_shop_raises(database: Database) -> None:
    with pytest.raises(UnscopedAccess):
        async with database.scope(""):
            pass
    with pytest.raises(UnscopedAccess):
        await PostgresEntries(database).list_entries("")


async def test_a_row_is_not_found_by_its_id_alone(database: Database, two_shops: tuple[str, str]) -> None:
    async with database.scope("left") as connection:
        rows = (await connection.execute(text("SELECT reply FROM entries WHERE entry_id = 'same'"))).all()
        assert [row.reply for row in rows] == ["left reply"]
        changed = await connection.execute(text("DELETE FROM products WHERE product_id = 'right-product'"))
        assert changed.rowcount == 0
        changed = await connection.execute(text("DELETE FROM entries WHERE shop_id = 'right'"))
        assert changed.rowcount == 0


async def test_a_row_cannot_be_written_into_or_moved_to_another_shop(
    database: Database, two_shops: tuple[str, str]
) -> None:
    for statement in (
        "UPDATE entries SET shop_id = 'right', entry_id = 'moved'",
        "INSERT INTO shop_facts VALUES ('right', 'a', 'b', 'c', 'd', now())",
    ):
        with pytest.raises(StoreUnavailable):
            async with database.scope("left") as connection:
                await connection.execute(text(statement))


async def test_a_row_cannot_point_into_another_shop(database: Database, two_shops: tuple[str, str]) -> None:
    with pytest.raises(NotFound):
        async with database.scope("left") as connection:
            await connection.execute(
                text("INSERT INTO variants VALUES ('left', 'new', 'right-product', 0, '{}', 1, NULL, NULL)")
            )


async def test_named_shops_opens_no_table_of_entries_facts_or_events(
    database: Database, two_shops: tuple[str, str]
) -> None:
    async with database.named_shops(["left", "right"]) as connection:
        names = (await connection.execute(text("SELECT shop_id FROM shops ORDER BY shop_id"))).scalars().all()
        assert names == ["left", "right"]
        for table in set(TENANT_TABLES) - {shops_table, *READ_TOGETHER}:
            assert await connection.scalar(text(f"SELECT count(*) FROM {table.name}")) == 0
        changed = await connection.execute(text("UPDATE shops SET name = 'x'"))
        assert changed.rowcount == 0
    assert await PostgresShops(database).list_shops(["left,right"]) == []


async def test_errors_do_not_carry_the_text_of_rows(database: Database, two_shops: tuple[str, str]) -> None:
    with pytest.raises(Conflict) as refused:
        async with database.scope("left") as connection:
            await connection.execute(
                text("INSERT INTO entries SELECT (e).* FROM (SELECT e FROM entries AS e) AS again")
            )
    assert "left" not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(UnstorableText):
        await PostgresEntries(database).put_entries("left", [an_entry(reply="a\0b")])
    with pytest.raises(UnstorableText):
        await PostgresShops(database).get_shop("le\0ft")


async def test_events_cannot_be_changed(database: Database, two_shops: tuple[str, str]) -> None:
    for statement in ("UPDATE events SET kind = 'x'", "DELETE FROM events", "TRUNCATE events"):
        with pytest.raises(StoreUnavailable):
            async with database.scope("left") as connection:
                await connection.execute(text(statement))


async def test_history_cannot_be_changed_and_holds_the_shops_own_entries_alone(
    database: Database, two_shops: tuple[str, str]
) -> None:
    for statement in ("UPDATE entry_versions SET author = 'x'", "DELETE FROM entry_versions"):
        with pytest.raises(StoreUnavailable):
            async with database.scope("left") as connection:
                await connection.execute(text(statement))
    await PostgresEntries(database).put_entries("right", [an_entry("only-right")])
    with pytest.raises(NotFound):
        async with database.scope("left") as connection:
            await connection.execute(
                text("INSERT INTO entry_versions VALUES ('left', 'only-right', 1, now(), '', NULL)")
            )


async def test_the_owner_of_the_tables_is_refused(postgres: EmbeddedPostgres, database: Database) -> None:
    with pytest.raises(UnsafeDatabase, match="kuaihui_owner owns the tables"):
        await Database(postgres.owner_dsn).start()


async def test_the_superuser_is_refused(postgres: EmbeddedPostgres, database: Database) -> None:
    with pytest.raises(UnsafeDatabase, match="superuser"):
        await Database(as_superuser(postgres)).start()


async def test_a_role_that_can_bypass_row_level_security_is_refused(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    connection = await asyncpg.connect(as_superuser(postgres))
    try:
        await connection.execute("ALTER ROLE kuaihui_app BYPASSRLS")
        with pytest.raises(UnsafeDatabase, match="BYPASSRLS"):
            await Database(postgres.app_dsn).start()
        await connection.execute("ALTER ROLE kuaihui_app NOBYPASSRLS")
        await connection.execute("CREATE ROLE bypasser BYPASSRLS NOLOGIN; GRANT bypasser TO kuaihui_app")
        with pytest.raises(UnsafeDatabase, match="through a role"):
            await Database(postgres.app_dsn).start()
    finally:
        await connection.execute("ALTER ROLE kuaihui_app NOBYPASSRLS; DROP ROLE IF EXISTS bypasser")
        await connection.close()


async def test_a_table_without_row_level_security_is_refused(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    connection = await asyncpg.connect(postgres.owner_dsn)
    try:
        await connection.execute("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY")
        with pytest.raises(UnsafeDatabase, match="off for orders"):
            await Database(postgres.app_dsn).start()
    finally:
        await connection.execute("ALTER TABLE orders FORCE ROW LEVEL SECURITY")
        await connection.close()


async def test_an_empty_database_is_refused_until_it_is_migrated(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    connection = await asyncpg.connect(as_superuser(postgres))
    await connection.execute("CREATE DATABASE fresh OWNER kuaihui_owner")
    await connection.close()
    fresh = as_superuser(postgres, "fresh")
    with pytest.raises(UnsafeDatabase):
        await Database(fresh).start()
    with pytest.raises(MigrationRefused, match="no role nobody-at-all"):
        await migrate(fresh, app_role="nobody-at-all")
    with pytest.raises(MigrationRefused, match="own the tables"):
        await migrate(fresh, app_role=SUPERUSER)


async def test_a_product_of_a_snapshot_is_the_shops_own(
    database: Database, two_shops: tuple[str, str]
) -> None:
    facts = PostgresFacts(database)
    with pytest.raises(NotFound):
        await facts.set_stock("left", "right-sku", 1, None, "agent", NOW)
    assert list((await PostgresShops(database).load_snapshot("left")).products) == ["left-product"]

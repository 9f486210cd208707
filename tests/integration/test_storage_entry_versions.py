"""History begins with what is there when its table comes, and travels with a backup."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from bot.domain.shop import Shop
from bot.storage.backup import backup, restore
from bot.storage.connecting import make_engine
from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.entries import PostgresEntries
from bot.storage.migration import bring_to, migrate
from bot.storage.rows import entry_row, shop_row
from bot.storage.shops import PostgresShops
from bot.storage.writing import insert_rows
from tests.contract.store_contract import NOW, an_entry
from tests.integration.test_storage_backup import make_database


async def test_entries_of_every_shop_that_were_there_before_begin_their_history_as_they_are(
    postgres: EmbeddedPostgres,
) -> None:
    owner, app = await make_database(postgres, "before_history")
    engine = make_engine(owner, pool_size=1, statement_seconds=0)
    async with engine.begin() as connection:
        await bring_to(connection, "0006")
        for shop in ("left", "right"):
            await connection.execute(text("SELECT set_config('kuaihui.shop', :shop, true)"), {"shop": shop})
            await connection.execute(
                text("INSERT INTO shop_versions (shop_id, version) VALUES (:shop, 3)"), {"shop": shop}
            )
            await insert_rows(connection, "shops", [shop_row(Shop(shop, shop))])
            marks = {"version": 2, "changed_in": 3, "changed_at": NOW.isoformat()}
            rows = [
                entry_row(shop, an_entry("a", reply=shop)),
                entry_row(shop, an_entry("gone", status="deleted")),
            ]
            for row in rows:
                del row["image"]  # which entries had not then
            await insert_rows(connection, "entries", [{**row, **marks} for row in rows])
    await engine.dispose()
    await migrate(owner)
    database = Database(app)
    await database.start()
    entries = PostgresEntries(database)
    for shop in ("left", "right"):
        [kept] = await entries.list_versions(shop, "a", 10)
        assert (kept.version, kept.at, kept.author) == (2, NOW, "")
        assert kept.entry == an_entry("a", reply=shop, version=2)
        [gone] = await entries.list_versions(shop, "gone", 10)
        assert gone.entry is None
    await database.close()


async def test_a_backup_holds_the_history_of_entries(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    owner, app = await make_database(postgres, "with_history")
    await migrate(owner)
    database = Database(app)
    await PostgresShops(database).put_shop(Shop("left", "左"))
    entries = PostgresEntries(database)
    await entries.put_entries("left", [an_entry("a"), an_entry("b")], author="p1")
    await entries.update_entry("left", an_entry("a", reply="新"), None, author="p2")
    await entries.delete_entry("left", "b", author="p2")
    held = [await entries.list_versions("left", entry, 10) for entry in ("a", "b")]
    await backup(app, tmp_path / "backup.zip")
    await restore(owner, tmp_path / "backup.zip", overwrite=True)
    assert [await entries.list_versions("left", entry, 10) for entry in ("a", "b")] == held
    await database.close()

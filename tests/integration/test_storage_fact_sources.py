"""Sources of facts in PostgreSQL keep the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.ports import NotFound
from bot.storage.database import Database
from bot.storage.fact_sources import PostgresFactSources
from bot.storage.shops import PostgresShops
from tests.contract.source_contract import AN_ERP, NOW, STATE, SourceContract, Sources


@pytest.fixture
async def sources(database: Database) -> AsyncIterator[Sources]:
    sources = Sources(PostgresShops(database), PostgresFactSources(database))
    yield sources
    # What is due in the shared database would be read by the workers of other tests.
    for shop in sources.made:
        with suppress(NotFound):
            await sources.shops.delete_shop(shop)


class TestPostgresFactSources(SourceContract):
    pass


async def test_the_sources_of_a_deleted_shop_go_with_it(database: Database, sources: Sources) -> None:
    shop = await sources.shop()
    await sources.store.put_source(shop, AN_ERP, {}, STATE, NOW)
    await PostgresShops(database).delete_shop(shop)
    assert await sources.due_of(shop, NOW) == []
    assert await sources.store.list_sources(shop) == []

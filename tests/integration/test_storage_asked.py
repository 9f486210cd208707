"""What is put aside in PostgreSQL keeps the contract."""

from __future__ import annotations

import pytest

from bot.storage.asked import PostgresAsked
from bot.storage.database import Database
from bot.storage.shops import PostgresShops
from tests.contract.asked_contract import AskedContract, AskedStores


@pytest.fixture
def stores(database: Database) -> AskedStores:
    return AskedStores(PostgresShops(database), PostgresAsked(database))


class TestPostgresAsked(AskedContract):
    pass

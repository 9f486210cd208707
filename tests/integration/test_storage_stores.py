"""The stores in PostgreSQL keep the contract of the stores."""

from __future__ import annotations

import pytest

from bot.storage.database import Database
from bot.storage.entries import PostgresEntries
from bot.storage.events import PostgresEvents
from bot.storage.facts import PostgresFacts
from bot.storage.shops import PostgresShops
from bot.storage.tokens import PostgresTokens
from bot.storage.vectors import PostgresVectors
from tests.contract.entry_draft_contract import EntryDraftContract
from tests.contract.store_contract import FixedClock, StoreContract, Stores


class TestPostgresStores(StoreContract):
    @pytest.fixture
    def stores(self, database: Database) -> Stores:
        return Stores(
            shops=PostgresShops(database),
            entries=PostgresEntries(database),
            vectors=PostgresVectors(database),
            facts=PostgresFacts(database),
            events=PostgresEvents(database),
            tokens=PostgresTokens(database, FixedClock()),
        )


class TestPostgresEntryDrafts(EntryDraftContract):
    @pytest.fixture
    def stores(self, database: Database) -> Stores:
        return Stores(
            shops=PostgresShops(database),
            entries=PostgresEntries(database),
            vectors=PostgresVectors(database),
            facts=PostgresFacts(database),
            events=PostgresEvents(database),
            tokens=PostgresTokens(database, FixedClock()),
        )

"""The tries at orders in PostgreSQL keep the contract."""

from __future__ import annotations

import pytest

from bot.retrieval.normaliser import OpenccNormaliser
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.order_tries import PostgresOrderTries
from bot.storage.shops import PostgresShops
from tests.contract.order_try_contract import OrderTryContract, Tried


class TestPostgresOrderTries(OrderTryContract):
    @pytest.fixture
    def tried(self, database: Database) -> Tried:
        conversations = PostgresConversations(database, OpenccNormaliser().normalise)
        return Tried(PostgresOrderTries(database), PostgresShops(database), conversations)

"""What is to be judged keeps the contract in PostgreSQL."""

from __future__ import annotations

import pytest

from bot.storage.auto_ratings import PostgresAutoRatings
from bot.storage.auto_turns import PostgresAutoTurns
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.entries import PostgresEntries
from bot.storage.erasing import PostgresForgetting
from bot.storage.events import PostgresEvents
from bot.storage.shops import PostgresShops
from tests.contract.auto_rating_contract import AutoRatingContract, RatingStores
from tests.contract.conversation_contract import SIMPLIFY


class TestPostgresAutoRatings(AutoRatingContract):
    @pytest.fixture
    def judged(self, database: Database) -> RatingStores:
        return RatingStores(
            PostgresShops(database),
            PostgresConversations(database, SIMPLIFY),
            PostgresEntries(database),
            PostgresAutoTurns(database),
            PostgresForgetting(database),
            PostgresAutoRatings(database),
            PostgresEvents(database),
        )

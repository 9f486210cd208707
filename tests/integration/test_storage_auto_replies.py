"""The rules for automatic replies in PostgreSQL keep the contract."""

from __future__ import annotations

import pytest

from bot.retrieval.normaliser import OpenccNormaliser
from bot.storage.auto_replies import PostgresAutoReplies
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.shops import PostgresShops
from tests.contract.auto_reply_contract import AutoReplyContract, Kept


class TestPostgresAutoReplies(AutoReplyContract):
    @pytest.fixture
    def kept(self, database: Database) -> Kept:
        conversations = PostgresConversations(database, OpenccNormaliser().normalise)
        return Kept(PostgresAutoReplies(database), PostgresShops(database), conversations)

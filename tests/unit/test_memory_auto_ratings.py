"""What is to be judged keeps the contract in memory."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops
from bot.storage.memory_auto_ratings import MemoryAutoRatings
from bot.storage.memory_auto_turns import MemoryAutoTurns
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_forgetting import MemoryForgetting
from tests.contract.auto_rating_contract import AutoRatingContract, RatingStores
from tests.contract.conversation_contract import SIMPLIFY


class TestMemoryAutoRatings(AutoRatingContract):
    @pytest.fixture
    def judged(self) -> RatingStores:
        memory = Memory()
        conversations = MemoryConversations(memory, SIMPLIFY)
        return RatingStores(
            MemoryShops(memory),
            conversations,
            MemoryEntries(memory),
            MemoryAutoTurns(conversations),
            MemoryForgetting(memory, conversations),
            MemoryAutoRatings(memory, conversations),
            MemoryEvents(memory),
        )

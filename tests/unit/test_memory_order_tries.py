"""The tries at orders in memory keep the contract."""

from __future__ import annotations

import pytest

from bot.retrieval.normaliser import OpenccNormaliser
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_order_tries import MemoryOrderTries
from tests.contract.order_try_contract import OrderTryContract, Tried


class TestMemoryOrderTries(OrderTryContract):
    @pytest.fixture
    def tried(self) -> Tried:
        memory = Memory()
        conversations = MemoryConversations(memory, OpenccNormaliser().normalise)
        return Tried(MemoryOrderTries(conversations), MemoryShops(memory), conversations)

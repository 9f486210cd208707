"""Forgetting in memory keeps the contract."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_forgetting import MemoryForgetting
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.forgetting_contract import ForgettingContract, Memories


class TestMemoryForgetting(ForgettingContract):
    @pytest.fixture
    def memories(self) -> Memories:
        memory = Memory()
        conversations = MemoryConversations(memory, SIMPLIFY)
        forgetting = MemoryForgetting(memory, conversations)
        return Memories(
            MemoryShops(memory), conversations, MemoryEntries(memory), forgetting, MemoryEvents(memory)
        )

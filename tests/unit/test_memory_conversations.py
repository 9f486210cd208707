"""The conversations in memory keep the contract."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryEntries, MemoryShops
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.conversation_contract import SIMPLIFY, ConversationContract, TalkStores


class TestMemoryConversations(ConversationContract):
    @pytest.fixture
    def talks(self) -> TalkStores:
        memory = Memory()
        return TalkStores(MemoryShops(memory), MemoryConversations(memory, SIMPLIFY), MemoryEntries(memory))

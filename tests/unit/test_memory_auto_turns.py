"""Turns in memory keep the contract."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryEntries, MemoryShops
from bot.storage.memory_auto_turns import MemoryAutoTurns
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_forgetting import MemoryForgetting
from tests.contract.auto_turn_contract import AutoStores, AutoTurnContract
from tests.contract.conversation_contract import SIMPLIFY


class TestMemoryAutoTurns(AutoTurnContract):
    @pytest.fixture
    def autos(self) -> AutoStores:
        memory = Memory()
        conversations = MemoryConversations(memory, SIMPLIFY)
        return AutoStores(
            MemoryShops(memory),
            conversations,
            MemoryEntries(memory),
            MemoryAutoTurns(conversations),
            MemoryForgetting(memory, conversations),
        )

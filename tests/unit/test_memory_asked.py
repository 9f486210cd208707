"""What is put aside in memory keeps the contract."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_asked import MemoryAsked
from tests.contract.asked_contract import AskedContract, AskedStores


class TestMemoryAsked(AskedContract):
    @pytest.fixture
    def stores(self) -> AskedStores:
        memory = Memory()
        return AskedStores(MemoryShops(memory), MemoryAsked(memory))

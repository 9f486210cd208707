"""Sources of facts in memory keep the contract."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_fact_sources import MemoryFactSources
from tests.contract.source_contract import SourceContract, Sources


class TestMemoryFactSources(SourceContract):
    @pytest.fixture
    def sources(self) -> Sources:
        memory = Memory()
        return Sources(MemoryShops(memory), MemoryFactSources(memory))

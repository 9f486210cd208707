"""The stores in memory keep the contract of the stores."""

from __future__ import annotations

import pytest

from bot.storage.memory import (
    Memory,
    MemoryEntries,
    MemoryEvents,
    MemoryShops,
    MemoryTokens,
    MemoryVectors,
)
from bot.storage.memory_facts import MemoryFacts
from tests.contract.entry_draft_contract import EntryDraftContract
from tests.contract.store_contract import FixedClock, StoreContract, Stores


class TestMemoryStores(StoreContract):
    @pytest.fixture
    def stores(self) -> Stores:
        memory = Memory()
        return Stores(
            shops=MemoryShops(memory),
            entries=MemoryEntries(memory),
            vectors=MemoryVectors(memory),
            facts=MemoryFacts(memory),
            events=MemoryEvents(memory),
            tokens=MemoryTokens(memory, FixedClock()),
        )


class TestMemoryEntryDrafts(EntryDraftContract):
    @pytest.fixture
    def stores(self) -> Stores:
        memory = Memory()
        return Stores(
            shops=MemoryShops(memory),
            entries=MemoryEntries(memory),
            vectors=MemoryVectors(memory),
            facts=MemoryFacts(memory),
            events=MemoryEvents(memory),
            tokens=MemoryTokens(memory, FixedClock()),
        )

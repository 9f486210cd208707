"""The accounts in memory keep the contract of the accounts."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople, MemoryPresence
from tests.contract.account_contract import AccountContract, People
from tests.contract.store_contract import FixedClock


class TestMemoryAccounts(AccountContract):
    @pytest.fixture
    def people(self) -> People:
        held, clock = MemoryPeople(), FixedClock()
        return People(MemoryAccounts(held, clock), MemoryPresence(held), MemoryShops(Memory()), clock)

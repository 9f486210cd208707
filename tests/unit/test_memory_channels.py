"""Outer channels in memory keep the contract."""

from __future__ import annotations

import pytest

from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_channels import MemoryChannels
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.channel_store_contract import Channels, ChannelStoreContract


@pytest.fixture
def channels() -> Channels:
    memory = Memory()
    conversations = MemoryConversations(memory, lambda text: text)
    return Channels(MemoryShops(memory), conversations, MemoryChannels(memory, conversations))


class TestMemoryChannels(ChannelStoreContract):
    pass

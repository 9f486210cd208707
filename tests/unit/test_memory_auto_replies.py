"""The rules for automatic replies in memory keep the contract."""

from __future__ import annotations

import pytest

from bot.retrieval.normaliser import OpenccNormaliser
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_auto_replies import MemoryAutoReplies
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.auto_reply_contract import AutoReplyContract, Kept


class TestMemoryAutoReplies(AutoReplyContract):
    @pytest.fixture
    def kept(self) -> Kept:
        memory = Memory()
        conversations = MemoryConversations(memory, OpenccNormaliser().normalise)
        return Kept(MemoryAutoReplies(memory, conversations), MemoryShops(memory), conversations)

"""Requests for invoices in memory keep the contract."""

from __future__ import annotations

import pytest

from bot.retrieval.normaliser import OpenccNormaliser
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_invoice_requests import MemoryInvoiceRequests
from tests.contract.invoice_request_contract import InvoiceRequestContract, InvoicesAsked


class TestMemoryInvoiceRequests(InvoiceRequestContract):
    @pytest.fixture
    def asked(self) -> InvoicesAsked:
        memory = Memory()
        conversations = MemoryConversations(memory, OpenccNormaliser().normalise)
        return InvoicesAsked(MemoryInvoiceRequests(conversations), MemoryShops(memory), conversations)

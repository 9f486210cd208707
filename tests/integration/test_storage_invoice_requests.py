"""Requests for invoices in PostgreSQL keep the contract."""

from __future__ import annotations

import pytest

from bot.retrieval.normaliser import OpenccNormaliser
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.invoice_requests import PostgresInvoiceRequests
from bot.storage.shops import PostgresShops
from tests.contract.invoice_request_contract import InvoiceRequestContract, InvoicesAsked


class TestPostgresInvoiceRequests(InvoiceRequestContract):
    @pytest.fixture
    def asked(self, database: Database) -> InvoicesAsked:
        conversations = PostgresConversations(database, OpenccNormaliser().normalise)
        return InvoicesAsked(PostgresInvoiceRequests(database), PostgresShops(database), conversations)

"""Requests for invoices in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.invoices import InvoiceRequest, RequestState, after_change
from bot.ports import Conflict, NotFound
from bot.ports.invoice_requests import InvoicePage

if TYPE_CHECKING:
    from bot.storage.memory_conversations import MemoryConversations


class MemoryInvoiceRequests:
    """The InvoiceRequestStore of bot.ports.invoice_requests."""

    def __init__(self, conversations: MemoryConversations) -> None:
        self._conversations = conversations

    def _of(self, shop: str) -> dict[str, InvoiceRequest]:
        return self._conversations.talks_of(shop).invoice_requests

    async def put_request(self, shop: str, request: InvoiceRequest) -> tuple[InvoiceRequest, bool]:
        self._conversations.talks_of(shop).find(request.conversation)
        is_new = request.id not in self._of(shop)
        return self._of(shop).setdefault(request.id, request), is_new

    async def get_request(self, shop: str, request: str) -> InvoiceRequest:
        if request not in self._of(shop):
            raise NotFound("there is no such request in this shop")
        return self._of(shop)[request]

    async def page_of_requests(
        self, shop: str, states: Sequence[RequestState], start: int, limit: int
    ) -> InvoicePage:
        wanted = [each for each in self._of(shop).values() if each.state in states]
        wanted.sort(key=lambda each: (each.created_at, each.id), reverse=True)
        return InvoicePage(wanted[start : start + limit], len(wanted))

    async def requests_of(self, shop: str, conversation: str) -> Sequence[InvoiceRequest]:
        own = [each for each in self._of(shop).values() if each.conversation == conversation]
        return sorted(own, key=lambda each: (each.created_at, each.id))

    async def change_request(
        self, shop: str, request: str, state: RequestState, note: str, by: str, at: datetime
    ) -> InvoiceRequest:
        before = await self.get_request(shop, request)
        after = after_change(before, state, note, by, at)
        if after is None:
            raise Conflict(f"the request is {before.state}: make it new before it becomes {state}")
        self._of(shop)[request] = after
        return after

"""Requests for invoices that buyers made. Every call takes the shop first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.invoices import InvoiceRequest, RequestState


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """Some of a shop's requests, newest first: of `total` in the states that were asked for."""

    requests: Sequence[InvoiceRequest]
    total: int


class InvoiceRequestStore(Protocol):
    """Requests by id. What they tell of a buyer is blanked with the words of his conversation; that there were some stays."""

    async def put_request(self, shop: str, request: InvoiceRequest) -> tuple[InvoiceRequest, bool]:
        """Keep a request; return it as it is kept, and whether it is new: one of that id that is kept already stays.

        Raises NotFound when the conversation is not this shop's.
        """
        ...

    async def get_request(self, shop: str, request: str) -> InvoiceRequest:
        """Raises NotFound."""
        ...

    async def page_of_requests(
        self, shop: str, states: Sequence[RequestState], start: int, limit: int
    ) -> InvoicePage:
        """Return requests in these states, newest first."""
        ...

    async def requests_of(self, shop: str, conversation: str) -> Sequence[InvoiceRequest]:
        """Return the conversation's requests, oldest first."""
        ...

    async def change_request(
        self, shop: str, request: str, state: RequestState, note: str, by: str, at: datetime
    ) -> InvoiceRequest:
        """Write the state; one that has it already stays as it is but for the note.

        What is settled becomes new before it becomes anything else. Raises NotFound, Conflict.
        """
        ...

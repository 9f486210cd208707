"""Requests for invoices: made once each by buyers, looked through and settled by the shop's people, given out as a table."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from bot.domain.conversation import Conversation
from bot.domain.facts import Order
from bot.domain.invoice_data import details_data
from bot.domain.invoices import InvoiceDetails, InvoiceRequest, RequestState
from bot.ports import Clock, Conflict, ConversationStore, Event, FactStore
from bot.ports.invoice_requests import InvoicePage, InvoiceRequestStore
from bot.services.order_proof import OrderProofs
from bot.services.recording import EventRecorder
from bot.services.tables import csv_of, xlsx_of

INVOICE_ASKED: Final = "invoice_asked"
"""A buyer asked for an invoice: {"request"}."""
INVOICE_CHANGED: Final = "invoice_changed"
"""The shop's people settled a request: {"request", "state", "by"}."""
_DROPPED: Final = (RequestState.REFUSED, RequestState.CANCELLED)
_PAGE: Final = 500
_CORRECTED: Final = "买家已更正，见 the buyer corrected it, see"
COLUMNS: Final[Mapping[str, str]] = {
    "id": "编号 id", "state": "状态 state", "created_at": "申请时间 created_at", "type": "类型 type", "medium": "形式 medium",
    "heading": "抬头 heading", "tax_number": "税号 tax_number", "content": "内容 content", "amount": "金额 amount",
    "order_no": "订单号 order_no", "order_is_proven": "订单已核实 order_is_proven", "email": "邮箱 email",
    "send_to": "寄送地址 send_to", "address": "注册地址 address", "phone": "电话 phone", "bank": "开户行 bank",
    "account": "账号 account", "note": "备注 note", "changed_at": "处理时间 changed_at",
}  # fmt: skip
"""The columns of the table, with what stands above them."""


class InvoiceRequests:
    """Takes and settles requests. What names a shop or a conversation is never read from what a buyer said."""

    def __init__(
        self,
        store: InvoiceRequestStore,
        conversations: ConversationStore,
        facts: FactStore,
        proofs: OrderProofs,
        recorder: EventRecorder,
        clock: Clock,
    ) -> None:
        self._store = store
        self._conversations = conversations
        self._facts = facts
        self._proofs = proofs
        self._recorder = recorder
        self._clock = clock

    async def make(self, shop: str, conversation: str, details: InvoiceDetails) -> InvoiceRequest:
        """Keep the request, and return it as it is kept: the same one made again is the one that there is.

        One that was refused or called off does not stand in the way of the same wish later. What the buyer told before for
        the same order and nobody has settled is called off: he corrected it. Raises NotFound.
        """
        talk = await self._conversations.get_conversation(shop, conversation)
        earlier = await self._store.requests_of(shop, conversation)
        dropped = sum(each.details == details and each.state in _DROPPED for each in earlier)
        order = await self.order_of(shop, talk, details.order_no)
        wanted = InvoiceRequest(
            _request_id(conversation, details, dropped),
            conversation,
            talk.buyer.id,
            details,
            self._clock.now(),
            order_is_proven=order is not None,
        )
        kept, is_new = await self._store.put_request(shop, wanted)
        if is_new:
            self._record(shop, INVOICE_ASKED, kept, {"request": kept.id})
            await self._replace(shop, kept, earlier)
        return kept

    async def _replace(self, shop: str, request: InvoiceRequest, earlier: Sequence[InvoiceRequest]) -> None:
        """Call off what waits for the same order in the same conversation: two would be written for one."""
        number = request.details.order_no
        for each in earlier:
            if each.state is RequestState.NEW and each.details.order_no == number and each.id != request.id:
                # Whoever settles it at this moment was first: then there are two, and both are seen.
                with suppress(Conflict):
                    await self.settle(shop, each.id, RequestState.CANCELLED, f"{_CORRECTED} {request.id}", "")

    async def order_of(self, shop: str, conversation: Conversation, number: str) -> Order | None:
        """Return the order of that number if it may be spoken of in the conversation; None tells nothing more."""
        order = await self._facts.find_order(shop, number) if number else None
        if order is None or order.order_no != number:
            return None
        return order if await self._proofs.sees(shop, conversation, order) else None

    async def of_conversation(self, shop: str, conversation: str) -> Sequence[InvoiceRequest]:
        """Return the conversation's requests, oldest first."""
        return await self._store.requests_of(shop, conversation)

    async def page(
        self, shop: str, states: Sequence[RequestState], start: int = 0, limit: int = 50
    ) -> InvoicePage:
        """Return requests in these states, newest first."""
        return await self._store.page_of_requests(shop, states, start, limit)

    async def get(self, shop: str, request: str) -> InvoiceRequest:
        """Raises NotFound."""
        return await self._store.get_request(shop, request)

    async def settle(
        self, shop: str, request: str, state: RequestState, note: str, by: str
    ) -> InvoiceRequest:
        """Write what became of the request. What is settled becomes new first. Raises NotFound, Conflict."""
        before = await self._store.get_request(shop, request)
        after = await self._store.change_request(shop, request, state, note, by, self._clock.now())
        if after.state is not before.state:
            self._record(shop, INVOICE_CHANGED, after, {"request": request, "state": str(state), "by": by})
        return after

    async def export(self, shop: str, states: Sequence[RequestState], kind: str) -> bytes:
        """Return the requests as a table, newest first: `kind` is "csv" or "xlsx"."""
        lines: list[Sequence[str]] = [tuple(COLUMNS.values())]
        total = 1
        while len(lines) <= total:
            page = await self._store.page_of_requests(shop, states, len(lines) - 1, _PAGE)
            lines += [_line(each) for each in page.requests]
            total = page.total if page.requests else 0
        write = csv_of if kind == "csv" else partial(xlsx_of, "invoices")
        return await asyncio.to_thread(write, lines)

    def _record(self, shop: str, kind: str, request: InvoiceRequest, data: dict[str, object]) -> None:
        self._recorder.record(shop, Event(kind, self._clock.now(), request.conversation, data))


def _request_id(conversation: str, details: InvoiceDetails, dropped: int) -> str:
    """Return the id of this very wish in this conversation: a turn that is taken twice makes one request."""
    told = json.dumps(details_data(details), sort_keys=True, ensure_ascii=False)
    return "inv-" + hashlib.sha256(f"{conversation}\n{dropped}\n{told}".encode()).hexdigest()[:20]


def _line(request: InvoiceRequest) -> list[str]:
    changed = request.changed_at
    told = {
        **details_data(request.details),
        "id": request.id,
        "state": str(request.state),
        "created_at": request.created_at.isoformat(timespec="seconds"),
        "order_is_proven": "是 yes" if request.order_is_proven else "否 no",
        "note": request.note,
        "changed_at": changed.isoformat(timespec="seconds") if changed else "",
    }
    return [str(told.get(name, "")) for name in COLUMNS]


def invoice_data(request: InvoiceRequest) -> dict[str, Any]:
    """Return the request as plain data: what is not known of the invoice is left out of its details."""
    changed = request.changed_at
    return {
        "id": request.id,
        "conversation": request.conversation,
        "buyer": request.buyer,
        "state": str(request.state),
        "details": details_data(request.details),
        "order_is_proven": request.order_is_proven,
        "created_at": request.created_at.isoformat(timespec="seconds"),
        "changed_at": changed.isoformat(timespec="seconds") if changed else None,
        "changed_by": request.changed_by,
        "note": request.note,
    }

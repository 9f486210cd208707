"""What dialogues talk about, wired: stock, orders and invoices, and who may hear of an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.invoice_requests import InvoiceRequests
from bot.services.invoice_talk import InvoiceTalk
from bot.services.live_shops import LiveShops
from bot.services.order_proof import OrderProofs
from bot.services.order_talk import OrderTalk
from bot.services.recording import EventRecorder
from bot.services.stock_talk import StockTalk
from bot.services.talk_reading import TalkReader

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


@dataclass(frozen=True, slots=True)
class Talks:
    """The use cases of dialogues; `proofs` also guards what is said of orders without one."""

    proofs: OrderProofs
    stock: StockTalk
    orders: OrderTalk
    invoices: InvoiceTalk
    invoice_requests: InvoiceRequests


def build_talks(parts: Parts, live_shops: LiveShops, recorder: EventRecorder) -> Talks:
    """Return the use cases over their parts."""
    reader = TalkReader(parts.conversations, live_shops, parts.normaliser, parts.clock)
    proofs = OrderProofs(parts.conversations, parts.facts, parts.order_tries, parts.clock)
    requests = InvoiceRequests(
        parts.invoice_requests, parts.conversations, parts.facts, proofs, recorder, parts.clock
    )
    return Talks(
        proofs,
        StockTalk(reader),
        OrderTalk(reader, parts.facts, proofs),
        InvoiceTalk(reader, parts.facts, requests),
        requests,
    )

"""The use cases that actions call: what bot/bootstrap/dialogues.py hands to all of them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports import Clock
from bot.services.invoice_talk import InvoiceTalk
from bot.services.order_talk import OrderTalk
from bot.services.stock_talk import StockTalk


@dataclass(frozen=True, slots=True)
class ActionServices:
    """One field a service; an action is given those that it needs, see `actions.all_actions`."""

    clock: Clock
    stock: StockTalk
    orders: OrderTalk
    invoices: InvoiceTalk

"""What a shop holds about one buyer: given out, or erased."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bot.domain.account import Account
from bot.domain.conversation import Conversation
from bot.ports import Clock, ConversationStore, FactStore, ForgettingStore
from bot.ports.auto_turns import AutoTurnStore
from bot.ports.invoice_requests import InvoiceRequestStore
from bot.services.auditing import BUYER_ERASED, EXPORTED, Auditor
from bot.services.colleagues import Colleagues
from bot.services.conversing import Conversing
from bot.services.invoice_requests import invoice_data
from bot.services.rendering import order_data
from bot.services.workspace_data import (
    buyer_data,
    decision_data,
    hand_over_data,
    message_data,
    moment_data,
    note_data,
)

_CONVERSATIONS: Final = 10_000
_ORDERS: Final = 10_000
_MESSAGES: Final = 1_000_000
_UNTIL_WRITTEN: Final = 1.0
"""Workers write their events within 0.2 s: what was on its way to the log while a buyer was erased is there after this."""


class BuyerData:
    """Exports and erases the data of the buyer that a call names, in the shop that it names."""

    def __init__(
        self,
        store: ConversationStore,
        forgetting: ForgettingStore,
        conversing: Conversing,
        facts: FactStore,
        colleagues: Colleagues,
        auditor: Auditor,
        clock: Clock,
        invoices: InvoiceRequestStore,
        turns: AutoTurnStore,
        until_written: float = _UNTIL_WRITTEN,
    ) -> None:
        self._store = store
        self._forgetting = forgetting
        self._conversing = conversing
        self._facts = facts
        self._colleagues = colleagues
        self._auditor = auditor
        self._clock = clock
        self._invoices = invoices
        self._turns = turns
        self._until_written = until_written

    async def export(self, shop: str, buyer: str, actor: Account) -> dict[str, Any]:
        """Return all that the shop holds about the buyer, as plain data. The audit log says so first. Raises NotFound."""
        await self._store.get_buyer(shop, buyer)
        await self._auditor.record(EXPORTED, actor, subject=buyer, shop=shop)
        return await self._collected(shop, buyer)

    async def export_from_outside(
        self, shop: str, buyer: str, organisation: str, actor: str
    ) -> dict[str, Any]:
        """Export as nobody signed in: the operator at the console. Raises NotFound."""
        await self._store.get_buyer(shop, buyer)
        await self._auditor.record_from_outside(EXPORTED, organisation, actor, subject=buyer, shop=shop)
        return await self._collected(shop, buyer)

    async def _collected(self, shop: str, buyer: str) -> dict[str, Any]:
        known = await self._store.get_buyer(shop, buyer)
        conversations = await self._store.buyer_conversations(shop, buyer, _CONVERSATIONS)
        talks = [await self._talk(shop, conversation) for conversation in conversations]
        orders = await self._facts.buyer_orders(shop, (known.id, known.external_id), _ORDERS)
        return {
            "shop": shop,
            "exported_at": moment_data(self._clock.now()),
            "buyer": {**buyer_data(known), "external_id": known.external_id},
            "conversations": talks,
            "orders": [order_data(order) for order in orders],
        }

    async def erase(self, shop: str, buyer: str, actor: Account) -> None:
        """Erase the buyer's name, words, images and all notes about him, in the log too. Raises NotFound."""
        await self._erase(shop, buyer, actor.id)
        await self._auditor.record(BUYER_ERASED, actor, subject=buyer, shop=shop)

    async def erase_from_outside(self, shop: str, buyer: str, organisation: str, actor: str) -> None:
        """Erase as nobody signed in: the operator at the console. Raises NotFound."""
        await self._erase(shop, buyer, "")
        await self._auditor.record_from_outside(BUYER_ERASED, organisation, actor, subject=buyer, shop=shop)

    async def _erase(self, shop: str, buyer: str, by: str) -> None:
        await self._store.get_buyer(shop, buyer)
        conversations = await self._store.buyer_conversations(shop, buyer, _CONVERSATIONS)
        for conversation in conversations:
            if conversation.state != "closed":
                # Nobody shall be waited for of whom nothing is left.
                await self._conversing.close(shop, conversation.id, by, take_over=True)
        await self._store.erase_buyer(shop, buyer)
        await asyncio.sleep(self._until_written)
        await self._forgetting.forget_events_of(shop, [conversation.id for conversation in conversations])

    async def _talk(self, shop: str, conversation: Conversation) -> dict[str, Any]:
        messages = await self._store.list_messages(shop, conversation.id, _MESSAGES)
        notes = await self._store.list_notes(shop, conversation.id)
        names = await self._colleagues.names(shop)
        invoices = await self._invoices.requests_of(shop, conversation.id)
        decisions = await self._turns.list_decisions(shop, conversation.id, _MESSAGES)
        hand_overs = await self._turns.list_hand_overs(shop, conversation.id, _MESSAGES)
        return {
            "id": conversation.id,
            "state": conversation.state,
            "opened_at": moment_data(conversation.opened_at),
            "closed_at": moment_data(conversation.closed_at),
            "messages": [
                {**message_data(message, names), "image": _image_path(shop, message.image)}
                for message in messages
            ],
            "notes": [note_data(note, names) for note in notes],
            "invoice_requests": [invoice_data(each) for each in invoices],
            "decisions": [decision_data(each) for each in decisions],
            "hand_overs": [hand_over_data(each) for each in hand_overs],
        }


def _image_path(shop: str, image: str) -> str:
    """Return where the image is read, "" without one."""
    return f"/api/v1/shops/{shop}/images/{image}" if image else ""

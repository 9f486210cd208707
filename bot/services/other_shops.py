"""Whose is it: items and orders in a message that belong to another of the caller's own shops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.account import ShopScope
from bot.domain.shop import Shop
from bot.domain.text import ReadMessage, UnreadableMessage, read_message
from bot.ports import FactStore, NotFound, Unavailable
from bot.services.live_shops import LiveShops

_LOOKED_AT: Final = 8
"""So many numbers of one message are looked up: a pasted list of orders is not a question."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An item or order (`kind`) of the message, by its number, and the shop it belongs to."""

    shop: Shop
    kind: str
    number: str


class OtherShops:
    """Looks a message's numbers up in the shops of one person, and in no other shop."""

    def __init__(self, live_shops: LiveShops, facts: FactStore) -> None:
        self._live_shops = live_shops
        self._facts = facts

    async def elsewhere(self, scope: ShopScope, shop: str, text: str) -> list[Elsewhere]:
        """Return what of the message belongs to other shops of the scope, and not to `shop`."""
        try:
            message = read_message(text)
        except UnreadableMessage:
            return []
        numbers = (*message.item_ids[:_LOOKED_AT], *message.numbers[:_LOOKED_AT])
        if not numbers:
            return []
        own = {each.number for each in await self._known(shop, message)} if shop in scope.shops else set()
        found: list[Elsewhere] = []
        for other in sorted(scope.shops - {shop}):
            found += [each for each in await self._known(other, message) if each.number not in own]
        return found

    async def _known(self, shop: str, message: ReadMessage) -> list[Elsewhere]:
        try:
            live = await self._live_shops.get(shop)
        except (NotFound, Unavailable):
            # A shop that cannot be read warns of nothing; the others still do.
            return []
        owner = live.snapshot.shop
        items = {product.item_id for product in live.snapshot.products.values() if product.item_id}
        found = [Elsewhere(owner, "item", item) for item in message.item_ids[:_LOOKED_AT] if item in items]
        for number in message.numbers[:_LOOKED_AT]:
            if await self._facts.find_order(shop, number) is not None:
                found.append(Elsewhere(owner, "order", number))
        return found

"""The store of what a shop states: products, shipping rules, shop-wide facts, orders, and how long each kind lives."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.facts import Fact, Order, Product, ShippingRule
from bot.domain.shop import Shop


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """All that a shop states but its orders: as of one moment, by id and by name. See ShopSnapshot."""

    shop: Shop
    products: Mapping[str, Product]
    shipping: tuple[ShippingRule, ...]
    facts: Mapping[str, Fact]
    lifetimes: Mapping[str, timedelta]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Some of a shop's orders, newest first: of `total` that were asked for."""

    orders: list[Order]
    total: int


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """How many orders a shop has; of those still under way, how many, how many are older than asked, and the oldest's as-of."""

    total: int
    open: int
    stale: int
    oldest: datetime | None


class FactStore(Protocol):
    """Products, shipping rules, shop-wide facts and orders. Every write but orders raises the shop's version."""

    async def put_products(
        self, shop: str, products: Sequence[Product], *, replace: bool = False
    ) -> None: ...

    async def put_shipping(self, shop: str, rules: Sequence[ShippingRule]) -> None:
        """Replace the shop's shipping rules."""
        ...

    async def put_facts(self, shop: str, facts: Sequence[Fact], *, replace: bool = False) -> None: ...

    async def put_orders(self, shop: str, orders: Sequence[Order]) -> None: ...

    async def set_stock(
        self, shop: str, sku: str, stock: int | None, restock_date: str | None, source: str, as_of: datetime
    ) -> None:
        """Raises NotFound when the shop has no such sku."""
        ...

    async def find_order(self, shop: str, order_no: str) -> Order | None:
        """Return the shop's own order of that number (or tracking number)."""
        ...

    async def load_facts(self, shop: str, *, to_change: bool = False) -> ShopFacts:
        """Return what the shop states now, read in one transaction. Raises NotFound.

        With `to_change`, within `ShopStore.together`, nobody else changes the shop until that block ends.
        """
        ...

    async def delete_products(self, shop: str, products: Collection[str]) -> int:
        """Delete products with their variants; return how many there were."""
        ...

    async def delete_facts(self, shop: str, names: Collection[str]) -> int:
        """Delete shop-wide facts; return how many there were."""
        ...

    async def delete_orders(self, shop: str, numbers: Collection[str]) -> int:
        """Delete orders; return how many there were."""
        ...

    async def set_lifetimes(self, shop: str, lifetimes: Mapping[str, timedelta]) -> None:
        """Replace the shop's own times to live by kind of fact. Raises NotFound."""
        ...

    async def order_numbers(self, shop: str) -> list[str]:
        """Return the numbers of all the shop's orders."""
        ...

    async def orders_of_numbers(self, shop: str, numbers: Collection[str]) -> list[Order]:
        """Return the shop's orders of these numbers."""
        ...

    async def page_of_orders(self, shop: str, words: str, start: int, limit: int) -> OrderPage:
        """Return orders, newest first, in whose number, parcel or items the words stand."""
        ...

    async def count_orders(self, shop: str, older_than: datetime) -> OrderCounts:
        """Return how many orders there are, and how many under way were last learned before that time."""
        ...

    async def list_orders(self, shop: str, limit: int) -> list[Order]: ...

    async def buyer_orders(self, shop: str, buyers: Collection[str], limit: int) -> list[Order]:
        """Return the shop's orders of a buyer, known by any of these ids, newest first; "" is nobody's id."""
        ...

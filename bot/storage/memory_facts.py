"""Products, shipping rules, shop-wide facts and orders in memory, for tests: the contract of bot.ports.FactStore."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.facts import SETTLED, Fact, Order, Product, ShippingRule
from bot.ports import Conflict, NotFound, OrderCounts, OrderPage, ShopFacts
from bot.storage.entries import duplicates, shown
from bot.storage.memory import Memory


class MemoryFacts:
    """The FactStore of bot.ports."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def put_products(self, shop: str, products: Sequence[Product], *, replace: bool = False) -> None:
        given = {product.id: product for product in products}
        if twice := duplicates(product.id for product in products):
            raise Conflict(f"products are given twice: {shown(twice)}")
        skus = [variant.sku for product in products for variant in product.variants]
        if twice := duplicates(skus):
            raise Conflict(f"skus are given twice: {shown(twice)}")
        held = self._memory.find(shop)
        others = {} if replace else {i: product for i, product in held.products.items() if i not in given}
        taken = {variant.sku for product in others.values() for variant in product.variants}
        if both := sorted(taken & set(skus)):
            raise Conflict(f"skus belong to other products of this shop: {shown(both)}")
        held.products = given if replace else {**held.products, **given}
        self._memory.bump(shop)

    async def put_shipping(self, shop: str, rules: Sequence[ShippingRule]) -> None:
        self._memory.find(shop).shipping = tuple(rules)
        self._memory.bump(shop)

    async def put_facts(self, shop: str, facts: Sequence[Fact], *, replace: bool = False) -> None:
        if twice := duplicates(fact.name for fact in facts):
            raise Conflict(f"facts are given twice: {shown(twice)}")
        held = self._memory.find(shop)
        held.facts = {**({} if replace else held.facts), **{fact.name: fact for fact in facts}}
        self._memory.bump(shop)

    async def put_orders(self, shop: str, orders: Sequence[Order]) -> None:
        if twice := duplicates(order.order_no for order in orders):
            raise Conflict(f"orders are given twice: {shown(twice)}")
        if orders:
            self._memory.find(shop).orders.update((order.order_no, order) for order in orders)

    async def set_stock(
        self, shop: str, sku: str, stock: int | None, restock_date: str | None, source: str, as_of: datetime
    ) -> None:
        day = date.fromisoformat(restock_date) if restock_date else None
        held = self._memory.find(shop)
        for product in held.products.values():
            if any(variant.sku == sku for variant in product.variants):
                variants = tuple(
                    replace(v, stock=stock, restock_date=day, stock_as_of=as_of) if v.sku == sku else v
                    for v in product.variants
                )
                changed = replace(product, variants=variants, source=source)
                held.products[product.id] = changed
                self._memory.bump(shop)
                return
        raise NotFound(f"this shop has no sku {sku}")

    async def find_order(self, shop: str, order_no: str) -> Order | None:
        asked = order_no.strip()
        orders = await self.list_orders(shop, 1_000_000)
        by_number = [order for order in orders if asked and order.order_no == asked]
        by_parcel = [order for order in orders if asked and order.tracking_no in (asked, asked.upper())]
        return next(iter(by_number + by_parcel), None)

    async def list_orders(self, shop: str, limit: int) -> list[Order]:
        held = self._memory.shops.get(shop)
        orders = sorted(held.orders.values(), key=lambda order: order.order_no) if held else []
        paid = sorted((o for o in orders if o.paid_at), key=lambda o: o.paid_at or o.as_of, reverse=True)
        return [*paid, *(order for order in orders if order.paid_at is None)][:limit]

    async def buyer_orders(self, shop: str, buyers: Collection[str], limit: int) -> list[Order]:
        known = set(buyers) - {""}
        everything = await self.list_orders(shop, len(self._memory.find(shop).orders))
        return [order for order in everything if order.buyer_id in known][:limit]

    async def load_facts(self, shop: str, *, to_change: bool = False) -> ShopFacts:
        held = self._memory.find(shop)
        facts = {name: held.facts[name] for name in sorted(held.facts)}
        return ShopFacts(held.shop, dict(held.products), held.shipping, facts, dict(held.lifetimes))

    async def delete_products(self, shop: str, products: Collection[str]) -> int:
        gone = _take(self._memory.find(shop).products, products)
        self._memory.bump(shop)
        return gone

    async def delete_facts(self, shop: str, names: Collection[str]) -> int:
        gone = _take(self._memory.find(shop).facts, names)
        self._memory.bump(shop)
        return gone

    async def delete_orders(self, shop: str, numbers: Collection[str]) -> int:
        return _take(self._memory.find(shop).orders, numbers)

    async def set_lifetimes(self, shop: str, lifetimes: Mapping[str, timedelta]) -> None:
        self._memory.find(shop).lifetimes = dict(sorted(lifetimes.items()))
        self._memory.bump(shop)

    async def order_numbers(self, shop: str) -> list[str]:
        held = self._memory.shops.get(shop)
        return sorted(held.orders) if held else []

    async def orders_of_numbers(self, shop: str, numbers: Collection[str]) -> list[Order]:
        held = self._memory.shops.get(shop)
        return (
            [held.orders[number] for number in sorted(set(numbers)) if number in held.orders] if held else []
        )

    async def page_of_orders(self, shop: str, words: str, start: int, limit: int) -> OrderPage:
        asked = words.lower()
        found = [
            order
            for order in await self.list_orders(shop, 1_000_000)
            if any(asked in text.lower() for text in (order.order_no, order.tracking_no, *order.items))
        ]
        return OrderPage(found[start : start + limit], len(found))

    async def count_orders(self, shop: str, older_than: datetime) -> OrderCounts:
        held = self._memory.shops.get(shop)
        orders = list(held.orders.values()) if held else []
        times = [order.as_of for order in orders if order.status not in SETTLED]
        stale = sum(time < older_than for time in times)
        return OrderCounts(len(orders), len(times), stale, min(times, default=None))


def _take(held: dict[str, Order] | dict[str, Fact] | dict[str, Product], keys: Collection[str]) -> int:
    return sum(held.pop(key, None) is not None for key in set(keys))

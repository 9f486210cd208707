"""Products, shipping rules, shop-wide facts and orders, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, Table, Text, cast, delete, func, or_, select, text, update

from bot.domain.facts import SETTLED, Fact, Order, Product, ShippingRule
from bot.ports import Conflict, NotFound, OrderCounts, OrderPage, ShopFacts
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.entries import duplicates, shown
from bot.storage.rows import (
    fact_row,
    lifetime_row,
    order_row,
    product_row,
    read_order,
    shipping_row,
    variant_row,
)
from bot.storage.shops import find_shop, load_facts
from bot.storage.writing import bump_version, insert_rows, replacing

_DELETE_OTHER_PRODUCTS: Final = text("DELETE FROM products WHERE product_id <> ALL (CAST(:ids AS text[]))")
_DELETE_VARIANTS: Final = text("DELETE FROM variants WHERE product_id = ANY (CAST(:ids AS text[]))")
_TAKEN_SKUS: Final = text("SELECT sku FROM variants WHERE sku = ANY (CAST(:ids AS text[])) ORDER BY sku")
_DELETE_OTHER_FACTS: Final = text("DELETE FROM shop_facts WHERE name <> ALL (CAST(:ids AS text[]))")
_PLACES: Final = text("SELECT product_id, position FROM products ORDER BY position")
_OF_NUMBERS: Final = text(
    "SELECT * FROM orders WHERE order_no = ANY (CAST(:numbers AS text[])) ORDER BY order_no"
)
# A product keeps its place when it is written again.
_OVERWRITE_PRODUCT: Final = replacing(schema.products, position="products.position")


class PostgresFacts:
    """The FactStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_products(self, shop: str, products: Sequence[Product], *, replace: bool = False) -> None:
        """Write products with their variants, all or nothing. Raises Conflict on a sku of another product."""
        ids = [product.id for product in products]
        skus = [variant.sku for product in products for variant in product.variants]
        if twice := duplicates(ids):
            raise Conflict(f"products are given twice: {shown(twice)}")
        if twice := duplicates(skus):
            raise Conflict(f"skus are given twice: {shown(twice)}")
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            if replace:
                await connection.execute(_DELETE_OTHER_PRODUCTS, {"ids": ids})
            await connection.execute(_DELETE_VARIANTS, {"ids": ids})
            taken = (await connection.scalars(_TAKEN_SKUS, {"ids": skus})).all()
            if taken:
                raise Conflict(f"skus belong to other products of this shop: {shown(taken)}")
            first = (
                0
                if replace
                else max((row.position for row in await connection.execute(_PLACES)), default=-1) + 1
            )
            rows = [product_row(shop, product, first + place) for place, product in enumerate(products)]
            overwrite = replacing(schema.products) if replace else _OVERWRITE_PRODUCT
            await insert_rows(connection, schema.products.name, rows, on_conflict=overwrite)
            variants = [
                variant_row(shop, product.id, variant, place)
                for product in products
                for place, variant in enumerate(product.variants)
            ]
            await insert_rows(connection, schema.variants.name, variants)

    async def put_shipping(self, shop: str, rules: Sequence[ShippingRule]) -> None:
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            await connection.execute(delete(schema.shipping_rules))
            rows = [shipping_row(shop, rule, place) for place, rule in enumerate(rules)]
            await insert_rows(connection, schema.shipping_rules.name, rows)

    async def put_facts(self, shop: str, facts: Sequence[Fact], *, replace: bool = False) -> None:
        names = [fact.name for fact in facts]
        if twice := duplicates(names):
            raise Conflict(f"facts are given twice: {shown(twice)}")
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            if replace:
                await connection.execute(_DELETE_OTHER_FACTS, {"ids": names})
            rows = [fact_row(shop, fact) for fact in facts]
            await insert_rows(
                connection, schema.shop_facts.name, rows, on_conflict=replacing(schema.shop_facts)
            )

    async def put_orders(self, shop: str, orders: Sequence[Order]) -> None:
        if twice := duplicates(order.order_no for order in orders):
            raise Conflict(f"orders are given twice: {shown(twice)}")
        rows = [order_row(shop, order) for order in orders]
        async with self._database.scope(shop) as connection:
            await insert_rows(connection, schema.orders.name, rows, on_conflict=replacing(schema.orders))

    async def set_stock(
        self, shop: str, sku: str, stock: int | None, restock_date: str | None, source: str, as_of: datetime
    ) -> None:
        """Raises NotFound, and ValueError for a date that is not written 2026-01-31."""
        day = date.fromisoformat(restock_date) if restock_date else None
        variants, products = schema.variants, schema.products
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            changed = (
                update(variants)
                .where(variants.c.sku == sku)
                .values(stock=stock, restock_date=day, stock_as_of=as_of)
                .returning(variants.c.product_id)
            )
            product = await connection.scalar(changed)
            if product is None:
                raise NotFound(f"this shop has no sku {sku}")
            learned = update(products).where(products.c.product_id == product)
            await connection.execute(learned.values(source=source))

    async def find_order(self, shop: str, order_no: str) -> Order | None:
        """Return the order of that number; a tracking number is read whether in capitals or not."""
        orders = schema.orders
        asked = order_no.strip()
        if not asked:
            return None
        query = (
            select(orders)
            .where(or_(orders.c.order_no == asked, orders.c.tracking_no.in_({asked, asked.upper()})))
            .order_by(
                (orders.c.order_no == asked).desc(), orders.c.paid_at.desc().nulls_last(), orders.c.order_no
            )
            .limit(1)
        )
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return read_order(row) if row is not None else None

    async def list_orders(self, shop: str, limit: int) -> list[Order]:
        """Return the newest paid orders first, then those without a time of payment."""
        return await self._newest(shop, select(schema.orders), limit)

    async def buyer_orders(self, shop: str, buyers: Collection[str], limit: int) -> list[Order]:
        known = sorted(set(buyers) - {""})
        if not known:
            return []
        of_buyer = select(schema.orders).where(schema.orders.c.buyer_id.in_(known))
        return await self._newest(shop, of_buyer, limit)

    async def load_facts(self, shop: str, *, to_change: bool = False) -> ShopFacts:
        async with self._database.scope(shop, snapshot=not to_change) as connection:
            if to_change:
                await bump_version(connection, shop)
            return await load_facts(connection, await find_shop(connection, shop))

    async def delete_products(self, shop: str, products: Collection[str]) -> int:
        return await self._delete(shop, schema.products, "product_id", products)

    async def delete_facts(self, shop: str, names: Collection[str]) -> int:
        return await self._delete(shop, schema.shop_facts, "name", names)

    async def _delete(self, shop: str, table: Table, key: str, values: Collection[str]) -> int:
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            gone = await connection.execute(delete(table).where(table.c[key].in_(sorted(values))))
            return gone.rowcount

    async def delete_orders(self, shop: str, numbers: Collection[str]) -> int:
        orders = schema.orders
        async with self._database.scope(shop) as connection:
            gone = await connection.execute(delete(orders).where(orders.c.order_no.in_(sorted(numbers))))
            return gone.rowcount

    async def set_lifetimes(self, shop: str, lifetimes: Mapping[str, timedelta]) -> None:
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            await connection.execute(delete(schema.fact_lifetimes))
            rows = [lifetime_row(shop, kind, lifetime) for kind, lifetime in sorted(lifetimes.items())]
            await insert_rows(connection, schema.fact_lifetimes.name, rows)

    async def order_numbers(self, shop: str) -> list[str]:
        async with self._database.scope(shop) as connection:
            found = await connection.scalars(
                select(schema.orders.c.order_no).order_by(schema.orders.c.order_no)
            )
            return list(found)

    async def orders_of_numbers(self, shop: str, numbers: Collection[str]) -> list[Order]:
        asked = _OF_NUMBERS.bindparams(numbers=sorted(set(numbers)))
        async with self._database.scope(shop) as connection:
            return [read_order(row) for row in (await connection.execute(asked)).mappings()]

    async def page_of_orders(self, shop: str, words: str, start: int, limit: int) -> OrderPage:
        columns = schema.orders.c
        asked = select(schema.orders)
        if words:
            texts = (columns.order_no, columns.tracking_no, cast(columns["items"], Text))
            asked = asked.where(or_(*(func.strpos(func.lower(text), words.lower()) > 0 for text in texts)))
        counted = select(func.count()).select_from(asked.subquery())
        page = asked.order_by(columns.paid_at.desc().nulls_last(), columns.order_no)
        async with self._database.scope(shop, snapshot=True) as connection:
            rows = (await connection.execute(page.offset(start).limit(limit))).mappings()
            return OrderPage([read_order(row) for row in rows], await connection.scalar(counted) or 0)

    async def count_orders(self, shop: str, older_than: datetime) -> OrderCounts:
        columns = schema.orders.c
        is_open = columns.status.not_in(SETTLED)
        counted = select(
            func.count().label("total"),
            func.count().filter(is_open).label("open"),
            func.count().filter(is_open, columns.as_of < older_than).label("stale"),
            func.min(columns.as_of).filter(is_open).label("oldest"),
        )
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(counted)).one()
            return OrderCounts(row.total, row.open, row.stale, row.oldest)

    async def _newest(self, shop: str, query: Select[Any], limit: int) -> list[Order]:
        columns = schema.orders.c
        newest = query.order_by(columns.paid_at.desc().nulls_last(), columns.order_no).limit(limit)
        async with self._database.scope(shop) as connection:
            return [read_order(row) for row in (await connection.execute(newest)).mappings()]

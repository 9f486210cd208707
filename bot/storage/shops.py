"""Shops, their snapshots and versions, in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from sqlalchemy import Select, Table, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.facts import Product
from bot.domain.shop import Shop, shop_id
from bot.ports import EntryChange, NotFound, ShopFacts, ShopSnapshot
from bot.storage import schema, schema_conversations
from bot.storage.access_watching import announce_members
from bot.storage.auto_reply_rows import read_auto_reply
from bot.storage.database import Database
from bot.storage.rows import read_entry, read_fact, read_product, read_shipping, read_shop, shop_row
from bot.storage.watching import watch_versions
from bot.storage.writing import announce, bump_version, insert_rows, replacing

_NEW_VERSION: Final = text(
    "INSERT INTO shop_versions (shop_id, version) VALUES (:shop, 1) "
    "ON CONFLICT (shop_id) DO UPDATE SET version = shop_versions.version + 1, deleted = false RETURNING version"
)


def _all(table: Table, order: str) -> Select[Any]:
    return select(table).order_by(table.c[order])


_PUBLISHED: Final = _all(schema.entries, "entry_id").where(schema.entries.c.status == "published")
_PRODUCTS: Final = select(schema.products).order_by(schema.products.c.position, schema.products.c.product_id)
_VARIANTS: Final = _all(schema.variants, "position")
_SHIPPING: Final = _all(schema.shipping_rules, "position")
_FACTS: Final = _all(schema.shop_facts, "name")
_LIFETIMES: Final = _all(schema.fact_lifetimes, "kind")
_AUTO_REPLY: Final = select(schema_conversations.auto_reply_policies.c.policy)
_SHOP: Final = select(schema.shops)
_VERSION: Final = select(schema.shop_versions.c.version)


class PostgresShops:
    """The ShopStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_shops(self, among: Sequence[str] | None) -> list[Shop]:
        names = list(await self.versions()) if among is None else list(among)
        if not names:
            return []
        async with self._database.named_shops(names) as connection:
            rows = (await connection.execute(_all(schema.shops, "shop_id"))).mappings()
            return [read_shop(row) for row in rows]

    async def get_shop(self, shop: str) -> Shop:
        async with self._database.scope(shop) as connection:
            return await find_shop(connection, shop)

    async def put_shop(self, shop: Shop) -> None:
        """Write a shop. Raises InvalidShopId."""
        shop_id(shop.id)
        async with self._database.scope(shop.id) as connection:
            version: int | None = await connection.scalar(_NEW_VERSION, {"shop": shop.id})
            assert version is not None
            await insert_rows(
                connection, schema.shops.name, [shop_row(shop)], on_conflict=replacing(schema.shops)
            )
            await announce(connection, shop.id, version)

    def together(self, shop: str) -> AbstractAsyncContextManager[None]:
        return self._database.together(shop)

    async def delete_shop(self, shop: str) -> None:
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            # Before the memberships go with the shop: a later shop of the same id is another shop.
            await announce_members(connection, shop)
            versions = schema.shop_versions
            await connection.execute(update(versions).where(versions.c.shop_id == shop).values(deleted=True))
            await connection.execute(delete(schema.shops).where(schema.shops.c.shop_id == shop))

    async def load_snapshot(self, shop: str) -> ShopSnapshot:
        async with self._database.scope(shop, snapshot=True) as connection:
            found = await find_shop(connection, shop)
            version = await connection.scalar(_VERSION.where(schema.shop_versions.c.shop_id == shop))
            entries = (await connection.execute(_PUBLISHED)).mappings()
            stated = await load_facts(connection, found)
            return ShopSnapshot(
                shop=found,
                version=version or 0,
                entries={row["entry_id"]: read_entry(row) for row in entries},
                products=stated.products,
                shipping=stated.shipping,
                facts=stated.facts,
                lifetimes=stated.lifetimes,
                auto_reply=read_auto_reply(await connection.scalar(_AUTO_REPLY)),
            )

    async def entry_changes(self, shop: str, since: int) -> list[EntryChange]:
        """Return what changed after `since`; where the trace of deletions no longer reaches back, NotFound."""
        entries = schema.entries
        async with self._database.scope(shop) as connection:
            pruned = await connection.scalar(
                select(schema.shop_versions.c.pruned_to).where(schema.shop_versions.c.shop_id == shop)
            )
            if pruned is None or since < pruned:
                raise NotFound(
                    f"the changes of shop {shop} since version {since} are no longer known: load it anew"
                )
            changed = (
                select(entries)
                .where(entries.c.changed_in > since)
                .order_by(entries.c.changed_in, entries.c.entry_id)
            )
            rows = (await connection.execute(changed)).mappings()
            return [
                EntryChange(row["entry_id"], read_entry(row) if row["status"] == "published" else None)
                for row in rows
            ]

    async def versions(self) -> Mapping[str, int]:
        table = schema.shop_versions
        async with self._database.unscoped() as connection:
            rows = await connection.execute(
                select(table.c.shop_id, table.c.version).where(~table.c.deleted).order_by(table.c.shop_id)
            )
            return {row.shop_id: row.version for row in rows}

    def watch(self) -> AsyncIterator[tuple[str, int]]:
        """Yield every shop's version once, then each change; a deleted shop's last version too."""
        return watch_versions(self._database.dsn)


async def find_shop(connection: AsyncConnection, shop: str) -> Shop:
    """Return the shop in whose scope the connection is. Raises NotFound."""
    row = (await connection.execute(_SHOP)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no shop {shop}")
    return read_shop(row)


async def load_facts(connection: AsyncConnection, shop: Shop) -> ShopFacts:
    """Return what the shop in whose scope the connection is states now."""
    shipping = (await connection.execute(_SHIPPING)).mappings()
    facts = (await connection.execute(_FACTS)).mappings()
    lifetimes = (await connection.execute(_LIFETIMES)).mappings()
    return ShopFacts(
        shop=shop,
        products=await _load_products(connection),
        shipping=tuple(read_shipping(row) for row in shipping),
        facts={row["name"]: read_fact(row) for row in facts},
        lifetimes={row["kind"]: row["lifetime"] for row in lifetimes},
    )


async def _load_products(connection: AsyncConnection) -> dict[str, Product]:
    variants = defaultdict(list)
    for row in (await connection.execute(_VARIANTS)).mappings():
        variants[row["product_id"]].append(row)
    products = (await connection.execute(_PRODUCTS)).mappings()
    return {row["product_id"]: read_product(row, variants[row["product_id"]]) for row in products}

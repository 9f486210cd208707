"""A shop's tables of facts as its owner sees them: rows with as-of and stale marks, what is stale by kind, and files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.account import Account
from bot.domain.fact_tables import CHINESE, COLUMNS, KIND
from bot.domain.facts import SETTLED, TIME_TO_LIVE, Fact, Order, Product, ShippingRule
from bot.domain.variables import VARIABLES
from bot.ports import Clock, FactStore, ShopFacts
from bot.services.auditing import POLICY_CHANGED, Auditor
from bot.services.fact_importing import FactImports
from bot.services.fact_lists import cells_of_fact, cells_of_order, cells_of_rule, rule_key
from bot.services.fact_products import cells_of_product, cells_of_variant
from bot.services.fact_undoing import FactHistory
from bot.services.tables import csv_of, xlsx_of

SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(days=3650)
_MOST_ORDERS: Final = 100_000
_STATED: Final = tuple(v for v in VARIABLES if v.source == "shop" and v.name != "shop_name")


class WrongLifetime(ValueError):
    """A time to live cannot be kept: its kind is unknown, or it is too short or too long."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class StatedRow:
    """A row as it is shown. `kind` says how long it lives; `as_of` is None for a fact that the shop has not stated."""

    key: str
    title: str
    cells: Mapping[str, str]
    kind: str
    source: str = ""
    as_of: datetime | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class StatedPage:
    """Some rows of those that were asked for."""

    rows: list[StatedRow]
    total: int


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows are asked for: those in which the words stand, of a kind of fact, stale ones only."""

    words: str = ""
    kind: str = ""
    stale_only: bool = False
    start: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class KindState:
    """How it stands with a kind of fact: how many there are, how many are stale, the oldest's as-of, and how long they live."""

    kind: str
    total: int
    stale: int
    oldest: datetime | None
    lifetime: timedelta
    is_own: bool


class _Age:
    """Judges what is stale in one shop at one moment."""

    def __init__(self, lifetimes: Mapping[str, timedelta], now: datetime) -> None:
        self._own = lifetimes
        self._now = now

    def lifetime(self, kind: str) -> timedelta:
        return self._own.get(kind, TIME_TO_LIVE[kind])

    def is_stale(self, kind: str, as_of: datetime) -> bool:
        return self._now - as_of > self.lifetime(kind)

    def of(self, fact: Fact) -> bool:
        return self._now - fact.as_of > (fact.ttl or self.lifetime(fact.kind))


class FactTables:
    """Reads the tables of the shop that each call names, and sets how long its facts live."""

    def __init__(self, facts: FactStore, auditor: Auditor, clock: Clock) -> None:
        self._facts = facts
        self._auditor = auditor
        self._clock = clock

    async def page(self, shop: str, table: str, query: RowQuery) -> StatedPage:
        """Return rows of the table. Raises NotFound."""
        known = await self._facts.load_facts(shop)
        age = _Age(known.lifetimes, self._clock.now())
        if table == "orders" and not query.stale_only:
            page = await self._facts.page_of_orders(shop, query.words, query.start, query.limit)
            return StatedPage([_order_row(order, age) for order in page.orders], page.total)
        orders = await self._facts.list_orders(shop, _MOST_ORDERS) if table == "orders" else []
        # Thousands of products, or a hundred thousand orders, take a while, in which others are served.
        return await asyncio.to_thread(_page_of, table, known, orders, age, query)

    async def states(self, shop: str) -> list[KindState]:
        """Return how it stands with each kind of fact. Raises NotFound."""
        known = await self._facts.load_facts(shop)
        now = self._clock.now()
        age = _Age(known.lifetimes, now)
        seen = await asyncio.to_thread(_by_kind, known, age)
        states = [
            KindState(
                kind, len(each), sum(stale for _, stale in each), min((at for at, _ in each), default=None),
                age.lifetime(kind), kind in known.lifetimes,
            )
            for kind, each in seen.items()
            if kind != "order"
        ]  # fmt: skip
        orders = await self._facts.count_orders(shop, now - age.lifetime("order"))
        own = "order" in known.lifetimes
        lifetime = age.lifetime("order")
        return [*states, KindState("order", orders.total, orders.stale, orders.oldest, lifetime, own)]

    async def set_lifetimes(self, shop: str, lifetimes: Mapping[str, timedelta], actor: Account) -> None:
        """Say how long the shop's facts live, by kind; a kind that is not named lives as long as everywhere.

        Every worker marks stale facts so within a second. Raises WrongLifetime, NotFound.
        """
        for kind, lifetime in lifetimes.items():
            if kind not in TIME_TO_LIVE:
                raise WrongLifetime(kind, f"one of {', '.join(TIME_TO_LIVE)}")
            if not SHORTEST <= lifetime <= LONGEST:
                raise WrongLifetime(kind, "5 分钟到 10 年。 from 5 minutes to 10 years")
        await self._facts.set_lifetimes(shop, lifetimes)
        await self._auditor.record(POLICY_CHANGED, actor, shop=shop, changed=["fact_lifetimes"])

    async def export(self, shop: str, table: str, kind: str) -> bytes:
        """Return the table as a CSV or (`kind` "xlsx") XLSX file that the import takes back. Raises NotFound."""
        known = await self._facts.load_facts(shop)
        orders = await self._facts.list_orders(shop, _MOST_ORDERS) if table == "orders" else []
        # Thousands of rows take a while, in which others are served.
        return await asyncio.to_thread(file_of, table, kind, known, orders)


@dataclass(frozen=True, slots=True)
class FactDesk:
    """What the routes of a shop's facts are made of."""

    tables: FactTables
    imports: FactImports
    history: FactHistory


def _page_of(table: str, known: ShopFacts, orders: Iterable[Order], age: _Age, query: RowQuery) -> StatedPage:
    rows = (_order_row(order, age) for order in orders) if table == "orders" else _rows_of(table, known, age)
    words = query.words.lower()
    found = [
        row
        for row in rows
        if (not query.stale_only or row.stale)
        and (not query.kind or row.kind == query.kind)
        and (not words or any(words in text.lower() for text in (row.title, *row.cells.values())))
    ]
    return StatedPage(found[query.start : query.start + query.limit], len(found))


def _by_kind(known: ShopFacts, age: _Age) -> dict[str, list[tuple[datetime, bool]]]:
    """Return as-of and staleness of all that the shop states, by kind."""
    seen: dict[str, list[tuple[datetime, bool]]] = {kind: [] for kind in TIME_TO_LIVE}
    for kind, as_of, stale in _stated(known, age):
        seen[kind].append((as_of, stale))
    return seen


def file_of(table: str, kind: str, known: ShopFacts, orders: Iterable[Order]) -> bytes:
    """Return a table as a CSV or (`kind` "xlsx") XLSX file, under Chinese names."""
    columns = COLUMNS[table]
    lines = [
        [CHINESE[column] for column in columns],
        *([row.get(c, "") for c in columns] for row in _cells(table, known, orders)),
    ]
    return xlsx_of(table, lines) if kind == "xlsx" else csv_of(lines)


def _cells(table: str, known: ShopFacts, orders: Iterable[Order]) -> Iterator[Mapping[str, str]]:
    if table == "orders":
        return (cells_of_order(order) for order in orders)
    if table == "shipping":
        return (cells_of_rule(rule) for rule in known.shipping)
    if table == "facts":
        return (cells_of_fact(fact) for fact in known.facts.values())
    if table == "stock":
        return (cells_of_variant(variant) for p in known.products.values() for variant in p.variants)
    return (row for product in known.products.values() for row in cells_of_product(product))


def _stated(known: ShopFacts, age: _Age) -> Iterator[tuple[str, datetime, bool]]:
    """Yield kind, as-of and staleness of all that the shop states but its orders."""
    for product in known.products.values():
        yield "product", product.as_of, age.is_stale("product", product.as_of)
        for variant in product.variants:
            learned = product.learned_at(variant)
            if variant.stock is not None:
                yield "stock", learned, age.is_stale("stock", learned)
            if variant.price is not None:
                yield "price", learned, age.is_stale("price", learned)
        if product.price is not None:
            yield "price", product.stock_as_of, age.is_stale("price", product.stock_as_of)
    for rule in known.shipping:
        yield "shipping", rule.as_of, age.is_stale("shipping", rule.as_of)
    for fact in known.facts.values():
        yield fact.kind, fact.as_of, age.of(fact)


def _rows_of(table: str, known: ShopFacts, age: _Age) -> Iterator[StatedRow]:
    if table == "shipping":
        return (_rule_row(rule, age) for rule in known.shipping)
    if table == "facts":
        return _fact_rows(known.facts, age)
    return (row for product in known.products.values() for row in _product_rows(product, table, age))


def _product_rows(product: Product, table: str, age: _Age) -> Iterator[StatedRow]:
    cells = (
        cells_of_product(product) if table == "products" else [cells_of_variant(v) for v in product.variants]
    )
    for row, variant in zip(cells, product.variants or [None], strict=False):
        kind, as_of = "product", product.as_of
        if variant is not None and (variant.stock is not None or table == "stock"):
            kind, as_of = "stock", product.learned_at(variant)
        sku = row["sku"]
        key = sku if table == "stock" else f"{product.id}/{sku}"
        title = f"{product.title} {variant.label if variant else ''}".strip()
        shown = {column: row[column] for column in COLUMNS[table] if row.get(column)}
        yield StatedRow(key, title, shown, kind, product.source, as_of, age.is_stale(kind, as_of))


def _rule_row(rule: ShippingRule, age: _Age) -> StatedRow:
    key = rule_key(rule)
    stale = age.is_stale("shipping", rule.as_of)
    return StatedRow(key, key, cells_of_rule(rule), "shipping", rule.source, rule.as_of, stale)


def _fact_rows(facts: Mapping[str, Fact], age: _Age) -> Iterator[StatedRow]:
    """Yield a row for every fact that a shop can state: what is missing is seen, and filled in where it stands."""
    for variable in _STATED:
        fact = facts.get(variable.name)
        if fact is None:
            cells = {"name": variable.zh, "value": ""}
            yield StatedRow(variable.name, variable.zh, cells, variable.kind)
        else:
            yield StatedRow(
                fact.name, variable.zh, cells_of_fact(fact), fact.kind, fact.source, fact.as_of, age.of(fact)
            )  # fmt: skip


def _order_row(order: Order, age: _Age) -> StatedRow:
    """What has ended grows no older."""
    stale = order.status not in SETTLED and age.is_stale(KIND["orders"], order.as_of)
    cells = {column: cell for column, cell in cells_of_order(order).items() if cell}
    return StatedRow(
        order.order_no, "、".join(order.items), cells, KIND["orders"], order.source, order.as_of, stale
    )

"""Importing tables of facts into one shop: every row checked and named, all or nothing, undoable when a person did it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain.fact_tables import FACT_TABLES
from bot.domain.facts import Fact, Order, Product, ShippingRule
from bot.ports import Clock, Event, EventLog, FactStore, ShopFacts, ShopStore
from bot.services.documents import Loading
from bot.services.fact_lists import order_numbers, plan_facts, plan_orders, plan_shipping
from bot.services.fact_products import plan_products, plan_stock
from bot.services.fact_removing import Removal, remove_rows
from bot.services.fact_rows import FactRow, FactVerdict, TablePlan, rows_of_file, rows_pushed
from bot.services.fact_undoing import FACTS_IMPORTED, stated_in, undo_record
from bot.services.importing import RowError

AnyPlan = TablePlan[Product] | TablePlan[ShippingRule] | TablePlan[Fact] | TablePlan[Order]


@dataclass(frozen=True, slots=True)
class FactImport:
    """What an import found and did: `ok` rows are right, `written` of them were written, `removed` names what goes."""

    table: str
    rows: int
    ok: int
    written: int
    errors: tuple[RowError, ...]
    verdicts: tuple[FactVerdict, ...] = ()
    removed: tuple[str, ...] = ()
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """How a table is taken: see FactImports."""

    dry_run: bool = False
    replace: bool = False
    skip_bad: bool = False


class FactImports:
    """Takes tables of products, stock, shipping rules, facts and orders into the shop that each call names.

    What a row's columns do not say stays as it is; an empty cell clears. `source` and `now` become the source and as-of
    of all that is written, also of what says the same as before. Without `skip_bad` one wrong row stops all. `replace`
    removes what the table does not name, in this shop only. `author` is the person who does so: "" is a machine, whose
    imports cannot be undone. `lenient` passes over columns that are not known.
    """

    def __init__(self, shops: ShopStore, facts: FactStore, log: EventLog, clock: Clock) -> None:
        self._shops = shops
        self._facts = facts
        self._events = log
        self._clock = clock

    async def import_file(
        self,
        shop: str,
        table: str,
        content: bytes,
        name: str,
        source: str,
        *,
        now: datetime | None = None,
        author: str = "",
        dry_run: bool = False,
        replace: bool = False,
        skip_bad: bool = False,
        lenient: bool = False,
    ) -> FactImport:
        """Import a CSV, TSV or XLSX file. Raises UnreadableTable, NotFound."""
        # A long table takes a while to read, in which others are served.
        rows = await asyncio.to_thread(rows_of_file, table, content, name, lenient=lenient)
        choices = ImportChoices(dry_run, replace, skip_bad)
        return await self._import(shop, table, rows, source, now, author, choices)

    async def import_rows(
        self,
        shop: str,
        table: str,
        rows: Sequence[Mapping[str, str]],
        source: str,
        *,
        now: datetime | None = None,
        author: str = "",
        dry_run: bool = False,
        replace: bool = False,
        skip_bad: bool = False,
        lenient: bool = False,
    ) -> FactImport:
        """Import rows of texts by column. Raises UnreadableTable, NotFound."""
        read = await asyncio.to_thread(rows_pushed, table, rows, lenient=lenient)
        choices = ImportChoices(dry_run, replace, skip_bad)
        return await self._import(shop, table, read, source, now, author, choices)

    async def change_rows(
        self,
        shop: str,
        table: str,
        rows: Sequence[Mapping[str, str]],
        remove: Sequence[str],
        *,
        source: str,
        author: str,
    ) -> FactImport:
        """Remove rows by their keys and write others, as one undoable change. Raises UnreadableTable, NotFound."""
        read = await asyncio.to_thread(rows_pushed, table, rows)
        return await self._import(shop, table, read, source, None, author, ImportChoices(), remove)

    async def _import(
        self,
        shop: str,
        table: str,
        rows: Sequence[FactRow],
        source: str,
        now: datetime | None,
        author: str,
        choices: ImportChoices,
        remove: Sequence[str] = (),
    ) -> FactImport:
        if table not in FACT_TABLES:
            raise ValueError(f"{table!r} is no table of facts; one of {', '.join(FACT_TABLES)}")
        moment = now or self._clock.now()
        if choices.dry_run:
            known = await self._facts.load_facts(shop)
            return _report(table, rows, await self._plan(known, table, rows, source, moment, choices))
        async with self._shops.together(shop):
            before = await self._facts.load_facts(shop, to_change=table != "orders")
            held = [order.order_no for order in await self._facts.orders_of_numbers(shop, remove)]
            loading = _loading(before, source, moment)
            removal = await asyncio.to_thread(remove_rows, before, held, table, remove, loading)
            plan = await self._plan(removal.facts, table, rows, source, moment, choices)
            _add_removal(plan, removal)
            if plan.incoherent or (plan.errors and not choices.skip_bad):
                return _report(table, rows, plan)
            await self._write(shop, table, plan)
            undoable = await self._keep(shop, table, before, author) if author else False
            return _report(table, rows, plan, written=len(plan.verdicts), undoable=undoable)

    async def _plan(
        self,
        known: ShopFacts,
        table: str,
        rows: Sequence[FactRow],
        source: str,
        now: datetime,
        choices: ImportChoices,
    ) -> AnyPlan:
        loading = _loading(known, source, now)
        if table == "orders":
            shop = known.shop.id
            held = {o.order_no: o for o in await self._facts.orders_of_numbers(shop, order_numbers(rows))}
            gone = await self._facts.order_numbers(shop) if choices.replace else []
            return await asyncio.to_thread(plan_orders, held, rows, loading, gone)
        return await asyncio.to_thread(PLANS[table], known, rows, loading, replace_all=choices.replace)

    async def _write(self, shop: str, table: str, plan: AnyPlan) -> None:
        items: list[Any] = list(plan.items.values())
        if table == "shipping":
            await self._facts.put_shipping(shop, items)
        elif table == "facts":
            await self._facts.delete_facts(shop, plan.removed)
            await self._facts.put_facts(shop, items)
        elif table == "orders":
            await self._facts.delete_orders(shop, plan.removed)
            await self._facts.put_orders(shop, items)
        else:
            # What goes leaves its skus to others.
            await self._facts.delete_products(shop, plan.removed)
            await self._facts.put_products(shop, items)

    async def _keep(self, shop: str, table: str, before: ShopFacts, author: str) -> bool:
        """Keep what is needed to undo the change; return whether it can be."""
        after = await self._facts.load_facts(shop)
        # Every product is compared with what it was.
        record = await asyncio.to_thread(
            undo_record, table, author, stated_in(table, before), stated_in(table, after)
        )
        if record is None:
            return False
        await self._events.append(shop, [Event(FACTS_IMPORTED, self._clock.now(), data=record)])
        return bool(record["touched"])


PLANS: Final[Mapping[str, Callable[..., AnyPlan]]] = {
    "products": plan_products,
    "stock": plan_stock,
    "shipping": plan_shipping,
    "facts": plan_facts,
}
"""How the rows of each table but orders are read."""


def _loading(known: ShopFacts, source: str, now: datetime) -> Loading:
    return Loading(now, ZoneInfo(known.shop.timezone), source)


def _add_removal(plan: AnyPlan, removal: Removal) -> None:
    """Let the plan do what was asked to be removed, too; what a row brings back stays."""
    items: dict[str, Any] = plan.items
    for key, product in removal.products.items():
        items.setdefault(key, product)
    plan.removed = tuple(sorted({*plan.removed, *removal.gone} - items.keys()))


def _report(
    table: str, rows: Sequence[FactRow], plan: AnyPlan, *, written: int = 0, undoable: bool = False
) -> FactImport:
    errors = tuple(sorted(plan.errors, key=lambda error: error.row))
    wrong = {error.row for error in errors}
    verdicts = tuple(
        sorted((v for v in plan.verdicts if v.row not in wrong), key=lambda verdict: verdict.row)
    )
    return FactImport(table, len(rows), len(verdicts), written, errors, verdicts, plan.removed, undoable)
